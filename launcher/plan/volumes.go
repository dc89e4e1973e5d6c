package plan

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// Backing asks the engine for what the drivers of named volumes were told to mount, by
// the volumes' names. One that is not there yet, the engine makes as one of its own.
func Backing(ctx context.Context, engine Engine, s *container.Spec) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if engine == nil || v.Source == "" || strings.ContainsAny(v.Source, "/:") || v.Overlay || HostMade(m) {
			continue
		}
		options, exists, err := engine.Volume(ctx, v.Source)
		if err != nil {
			return nil, err
		}
		if exists {
			out[v.Source] = options
		}
	}
	return out, nil
}

// Backed gives the volumes of a spec what their drivers mount.
func Backed(s *container.Spec, of map[string]map[string]string) {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if o := of[v.Source]; len(o) > 0 {
			v.Device, v.DeviceType, v.DeviceOptions = o["device"], o["type"], o["o"]
			container.VolumeAt.Set(s, at, v, m)
		}
	}
}

// follow gives the binds of a spec the places that they lead to: what is mounted, and not
// what was named. Where another stands than the one that is held, it is not known.
func follow(s *container.Spec, sources map[string]model.Inode) {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		real, err := filepath.EvalSymlinks(v.Source)
		if err != nil || !strings.HasPrefix(v.Source, "/") {
			continue // a name, or not there: others refuse that
		}
		held, is := sources[path.Clean("/"+at)]
		inode, err := model.InodeOf(real)
		v.Source, v.Open = real, is && (err != nil || inode != held)
		container.VolumeAt.Set(s, at, v, m)
	}
}

func HostMade(m container.Mark) bool {
	return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerHost
}
