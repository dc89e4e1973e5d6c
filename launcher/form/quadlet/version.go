package quadlet

import (
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// version is a version of Podman: major, minor, patch.
type version [3]int

// newest stands for a version nobody named: it knows every key.
var newest = version{1 << 20}

// readVersion reads "5.4.2", "v5.4", "4.9.4-rhel"; "" is the newest.
func readVersion(s string) (version, error) {
	if s == "" {
		return newest, nil
	}
	var v version
	plain, _, _ := strings.Cut(strings.TrimPrefix(s, "v"), "-")
	for i, part := range strings.Split(plain, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || i >= len(v) {
			return v, hint.Errorf("podman --version", "reading Podman's version %q: it is not like 5.4.2", clip(s))
		}
		v[i] = n
	}
	return v, nil
}

// since tells that v is the version major.minor or a later one.
func (v version) since(major, minor int) bool {
	return v[0] > major || v[0] == major && v[1] >= minor
}

// knows tells that v has what came with the version "5.2".
func (v version) knows(from string) bool {
	w, _ := readVersion(from)
	return v.since(w[0], w[1])
}

func (v version) String() string {
	return strconv.Itoa(v[0]) + "." + strconv.Itoa(v[1]) + "." + strconv.Itoa(v[2])
}
