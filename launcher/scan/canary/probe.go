package canary

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Probe makes an image of the release of another one, in an empty directory, for a GOARCH. It has the
// files by which a scanner tells that release, and the packages of [scan.Common] in a version that is
// older than every mend: a scanner whose database knows the release finds something in them. kind is
// that of the release's packages, see [scan.Distro.Kind]. Nothing else is in it.
func Probe(dir, arch, kind string, release map[string][]byte) (scan.Image, error) {
	var all []file
	for _, name := range slices.Sorted(maps.Keys(release)) {
		all = append(all, file{name, string(release[name])})
	}
	list, ok := listed[kind]
	if !ok {
		return scan.Image{}, fmt.Errorf("making an image of its release: no list of packages of type %q can be written", kind)
	}
	text := ""
	for _, name := range scan.Common() {
		text += fmt.Sprintf(list.text, name, cmp.Or(machines[arch], arch))
	}
	return write(dir, arch, append(all, file{list.name, text}))
}

// machines are the words of apk and RPM for a GOARCH, where they have another: some advisories are of one
// machine. Treat it as a constant.
var machines = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// listed are databases of packages that are text, and a package in them: of dpkg, of apk, and of RPM
// the list that images without RPM have, as rpm --query --all prints it. The
// first word is the name, the second the machine. Treat it as a constant.
var listed = map[string]file{
	"deb": {"var/lib/dpkg/status", "Package: %[1]s\nStatus: install ok installed\nMaintainer: x <x@example.org>\nArchitecture: all\nVersion: 0\nDescription: x\n\n"},
	"apk": {"lib/apk/db/installed", "P:%[1]s\nV:0-r0\nA:%[2]s\nT:x\no:%[1]s\nL:x\n\n"},
	"rpm": {"var/lib/rpmmanifest/container-manifest-2", "%[1]s\t0-0\t0\t0\tx\t(none)\t0\t%[2]s\t0\t%[1]s-0-0.src.rpm\n"},
}
