package quadlet

import (
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// version is a release of Podman, whose generator the unit is for.
type version struct{ engine.Version }

// newest stands for a version nobody named: it knows every key.
var newest = version{engine.Version{Major: 1 << 20}}

// readVersion reads "5.4.2", "v5.4", "5", "4.9.4-rhel"; "" is the newest.
func readVersion(s string) (version, error) {
	if s == "" {
		return newest, nil
	}
	v, ok := engine.ParseVersion(s)
	if !ok {
		v, ok = engine.ParseVersion(s + ".0")
	}
	if !ok {
		return version{}, hint.Errorf("podman --version", "reading Podman's version %q: it is not like 5.4.2", clip(s))
	}
	return version{v}, nil
}

// since tells that v is the version major.minor or a later one.
func (v version) since(major, minor int) bool {
	return !v.Before(engine.Version{Major: major, Minor: minor})
}

// knows tells that v has what came with the version "5.2".
func (v version) knows(from string) bool {
	w, _ := readVersion(from)
	return !v.Before(w.Version)
}
