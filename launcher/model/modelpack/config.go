package modelpack

import (
	"encoding/json"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// ReadConfig reads the configuration of a packed model and notes in the layers what they must
// be when they are unpacked. What it says of the model beside that, nobody here looks at: it is
// what its maker says. Some packers leave it empty (aikit), and then it says nothing.
func (a *Artifact) ReadConfig(data []byte) error {
	if err := a.readConfig(data); err != nil {
		return fmt.Errorf("reading the configuration of a model: %w", err)
	}
	return nil
}

func (a *Artifact) readConfig(data []byte) error {
	var c struct {
		ModelFS *struct {
			Type    string
			DiffIDs []string
		}
	}
	if len(data) > MaxConfig {
		return fmt.Errorf("it has more than %d bytes", MaxConfig)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("it is not JSON of one: %w", err)
	}
	if c.ModelFS == nil {
		return nil
	}
	fs := *c.ModelFS
	if fs.Type != "layers" {
		return fmt.Errorf("its files are by %s, and not by layers", quoted(fs.Type))
	}
	if len(fs.DiffIDs) != len(a.Layers) {
		return fmt.Errorf("it has %d digests for %d layers", len(fs.DiffIDs), len(a.Layers))
	}
	for i, diff := range fs.DiffIDs {
		l := &a.Layers[i]
		plain := l.Form == Raw || l.Form == Tar
		switch {
		case !bounded.Digest(diff):
			return fmt.Errorf("%s is no sha256 digest", quoted(diff))
		case plain && diff != l.Digest.String():
			return fmt.Errorf("layer %d is %s, and it says %s", i+1, l.Digest, diff)
		case !plain:
			l.Diff = diff
		}
	}
	return nil
}
