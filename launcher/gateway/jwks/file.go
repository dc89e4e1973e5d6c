package jwks

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// ReadFile is [Read] of a file that nobody but the caller and root can write: whose keys
// stand in it decides who gets in.
func ReadFile(path string) ([]Key, error) {
	err := trust.Caller().Path(path)
	var data []byte
	if err == nil {
		data, err = claim.ReadFile(path, MaxSet)
	}
	var keys []Key
	if err == nil {
		keys, err = Read(data)
	}
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading the key set %s: %w", path, err), hint.Of(err))
	}
	return keys, nil
}
