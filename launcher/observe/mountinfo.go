package observe

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/mountinfo"
)

// readMountinfo reads a list of mounts of a bounded size.
func readMountinfo(text string) ([]mountinfo.Mount, error) {
	if err := bounded("mountinfo", len(text), maxText); err != nil {
		return nil, err
	}
	return mountinfo.Read(text)
}

// option returns the value of "key=value" in a list of options; the last wins.
func option(options []string, key string) (value string, ok bool) {
	for _, o := range options {
		if k, v, has := strings.Cut(o, "="); has && k == key {
			value, ok = v, true
		}
	}
	return value, ok
}
