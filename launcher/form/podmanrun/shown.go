package podmanrun

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Shown tells whether all that s states can stand in a line, as [Line] has it. The error
// names the setting that cannot.
func Shown(s *container.Spec) error {
	for _, o := range All() {
		for _, arg := range o.write(s) {
			if err := shown(arg); err != nil {
				return hint.Wrap(fmt.Errorf("writing %s as a line: %w", o.Row.Key(), err), takeOut)
			}
		}
	}
	return nil
}
