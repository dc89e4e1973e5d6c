// Package engine is what is known of engines without asking one: which release does
// what, which advisories a version falls for, and by what an image steers the engine
// and the OCI runtime.
//
// It is data with the functions that look things up in it. What its tables do not
// name, in the names that engines and runtimes obey, is refused.
package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is a release of an engine. What follows the patch level, "-rc1" or a
// distribution's suffix, is left out: it tells nothing of what was mended.
type Version struct{ Major, Minor, Patch int }

// ParseVersion reads "4.3.1", "v5.4" or "4.9.4-rhel".
func ParseVersion(text string) (v Version, ok bool) {
	text, _, _ = strings.Cut(strings.TrimPrefix(text, "v"), "-")
	text, _, _ = strings.Cut(text, "+")
	parts := strings.SplitN(text, ".", 3)
	if len(parts) < 2 {
		return Version{}, false
	}
	for i, to := range []*int{&v.Major, &v.Minor, &v.Patch}[:len(parts)] {
		n, err := strconv.ParseUint(parts[i], 10, 16)
		if err != nil {
			return Version{}, false
		}
		*to = int(n)
	}
	return v, true
}

// Before tells whether v is an earlier release than w.
func (v Version) Before(w Version) bool {
	switch {
	case v.Major != w.Major:
		return v.Major < w.Major
	case v.Minor != w.Minor:
		return v.Minor < w.Minor
	}
	return v.Patch < w.Patch
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Older tells whether a version is known and before major.minor.patch.
func Older(version string, major, minor, patch int) bool {
	v, ok := ParseVersion(version)
	return ok && v.Before(Version{major, minor, patch})
}
