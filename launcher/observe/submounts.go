package observe

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// cameAlong tells a mount that a planned bind took along: what the host has
// mounted below its source lies below its target. It must be read-only and have
// every restriction that the plan gives the bind; any other stays listed, as a
// volume nobody planned.
func cameAlong(m *mount, in *Context) bool {
	if in.Audit || m.dev == "" || m.again || !m.opts.ReadOnly {
		return false
	}
	if _, planned := plannedAt(in, container.VolumeAt, m.target); planned {
		return false
	}
	for dir := path.Dir(m.target); dir != "/" && dir != "."; dir = path.Dir(dir) {
		v, planned := plannedAt(in, container.VolumeAt, dir)
		if !planned {
			continue
		}
		source := v.Source + strings.TrimPrefix(m.target, dir)
		return v.Bind() && !v.Overlay && restricts(m.opts, v) && slices.Contains(in.host().paths(m.dev, m.root), source)
	}
	return false
}

// restricts tells whether got has every restriction of want.
func restricts(got, want container.Volume) bool {
	return (got.ReadOnly || !want.ReadOnly) && (got.NoSuid || !want.NoSuid) && (got.NoDev || !want.NoDev) && (got.NoExec || !want.NoExec)
}
