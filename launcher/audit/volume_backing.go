package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// What of the host a named volume mounts.

// backingOf are the paths of the host that a named volume mounts, and those that only
// its mount reads. What begins with / is a path, also with two of them, unless the
// file system is one of other hosts.
func backingOf(v container.Volume) (sources, aids []source) {
	remote := slices.Contains(remoteTypes, v.DeviceType) || v.DeviceType == "" && remoteDevice().MatchString(v.Device)
	switch {
	case v.Device == "" || remote || slices.Contains(memoryTypes, v.DeviceType):
	case v.DeviceType == "overlay" && !looksLikePath(v.Device): // any word does
	default:
		sources = append(sources, pathOf(v.Device))
	}
	for _, option := range strings.Split(v.DeviceOptions, ",") {
		key, value, _ := strings.Cut(option, "=")
		switch layers := slices.Contains(layerOptions, strings.TrimSuffix(key, "+")); {
		case layers:
			for _, dir := range strings.Split(value, ":") {
				if dir != "" {
					s := pathOf(dir)
					s.kept = key == "upperdir" || key == "workdir"
					sources = append(sources, s)
				}
			}
		case looksLikePath(value):
			aids = append(aids, pathOf(value))
		case strings.ContainsAny(option[:min(len(option), 1)], "$%"): // may be any of them
			sources = append(sources, pathOf(option))
		}
	}
	return sources, aids
}

// remoteTypes are the file systems whose device is on another host; memoryTypes have
// none.
var (
	remoteTypes = []string{"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "9p", "afs"}
	memoryTypes = []string{"tmpfs", "ramfs"}
)

// remoteDevice matches a server's export where no type says what it is.
var remoteDevice = lazyregexp.New(`^[^/]+:`)

// layerOptions name the directories of an overlay (mount(8), overlay), parted by colons.
var layerOptions = []string{"lowerdir", "upperdir", "workdir", "datadir"}
