package host

import (
	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// decode reads a file of Podman's configuration, which a user may have written: none
// that would keep the parser busy for minutes.
func decode(content []byte, into any) error {
	if err := bounded.TOML(content); err != nil {
		return err
	}
	_, err := toml.Decode(string(content), into)
	return err
}
