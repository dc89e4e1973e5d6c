package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of sub-ids and of id maps written by hand.

var SubIDs = &Control{
	ID: "ZL-105", Name: "sub-ids", Title: "Sub-uids and sub-gids exist, suffice and overlap nobody's", Severity: Medium,
	Why:    "without a range of its own every container uid is the caller, and who shares a range shares files",
	Fix:    "usermod --add-subuids and --add-subgids with 65536 ids of nobody else, then podman system migrate",
	Breaks: "an image with ids beyond the range cannot be unpacked",
	Refs:   []string{"OWASP #2", "NIST 4.5.2", "CWE-266", "IBM L132-138"},
}

var idMaps = &Control{
	ID: "ZL-306", Name: "id-maps", Title: "Manual id maps show no id of the host", Severity: Medium,
	Why:    "a hand-written map of uid 0 is root on the host, and a wrong one is somebody else",
	Fix:    "--userns=keep-id:uid=UID,gid=GID instead of --uidmap and --gidmap",
	Breaks: "layouts that need several ranges",
	Refs:   []string{"OWASP #2", "CIS 5.31", "CWE-266"},
	Reads:  []container.Row{container.UidMaps, container.GidMaps},
	Judge:  judgeIDMaps,
	Mend: func(s *container.Spec, _ container.Path) {
		container.UidMaps.Clear(s)
		container.GidMaps.Clear(s)
	},
}

// judgeIDMaps reads CONTAINER:HOST:LENGTH. For an ordinary user the middle number
// counts from the caller, so that no map reaches an id that is not the caller's.
func judgeIDMaps(k *Case) {
	rootless, _, who := container.Rootless.Get(k.Spec)
	for _, row := range []container.Field[[]string]{container.UidMaps, container.GidMaps} {
		lines, _ := read(k, row)
		lines = append(slices.Clone(lines), autoMaps(k, strings.TrimSuffix(row.Key(), "map")+"mapping")...)
		for _, line := range lines {
			zero, ok := mapsZero(line)
			switch {
			case !ok:
				k.Fail(at(row), "%s must be CONTAINER:HOST:LENGTH, %q is not", row.Key(), line)
			case zero && who && !rootless:
				k.Fail(at(row), "%s must not map id 0 of the host, %q does", row.Key(), line)
			case zero && !who:
				k.Open(at(row), "%q maps id 0 of the host where the engine runs as root, which is not known", line)
			}
		}
	}
}

// autoMaps are the maps that --userns=auto:uidmapping=… adds.
func autoMaps(k *Case, name string) (out []string) {
	_, rest, _ := strings.Cut(peek(k, container.Userns), ":")
	for _, o := range strings.Split(rest, ",") {
		if n, v, _ := strings.Cut(o, "="); n == name {
			out = append(out, v)
		}
	}
	return out
}

// mapsZero tells whether a line covers id 0 of the host. Podman takes +, u and g
// in front of the first number, @ in front of the second, and leaves the length
// to be 1.
func mapsZero(line string) (zero, ok bool) {
	parts := strings.Split(line, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return false, false
	}
	_, ok = number(strings.TrimLeft(parts[0], "+ug"))
	host, ok2 := number(strings.TrimPrefix(parts[1], "@"))
	length, ok3 := uint64(1), true
	if len(parts) == 3 {
		length, ok3 = number(parts[2])
	}
	return host == 0 && length > 0, ok && ok2 && ok3
}
