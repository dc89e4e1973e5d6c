package export

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// plain makes of each setting what a plan can have, or loses it.
func (f *fitting) plain() {
	capabilities(f)
	mountsOf(f)
	shm(f)
	portsOf(f)
	for _, row := range container.Rows {
		for _, set := range row.Settings(f.spec) {
			if err := podmanrun.Check(container.Part(f.spec, set.Path)); err != nil && !row.Derived() {
				f.lost(set.Path, err.Error(), nil)
				f.leave(set.Path)
			}
		}
	}
}

// capabilities are written in lower case without cap_.
func capabilities(f *fitting) {
	for _, row := range []container.Field[[]string]{container.CapAdd, container.CapDrop} {
		v, m, known := row.Get(f.spec)
		out := slices.Clone(v)
		for i := range out {
			out[i] = strings.TrimPrefix(strings.ToLower(out[i]), "cap_")
		}
		if known {
			row.Set(f.spec, out, m)
		}
	}
}

// mounts lose what only lines of others say of one.
func mountsOf(f *fitting) {
	for _, at := range container.VolumeAt.Keys(f.spec) {
		v, m, _ := container.VolumeAt.Get(f.spec, at)
		plain := container.Volume{Source: v.Source, ReadOnly: v.ReadOnly, Relabel: v.Relabel, NoSuid: v.NoSuid, NoDev: v.NoDev, NoExec: v.NoExec}
		if reflect.DeepEqual(v, plain) {
			continue
		}
		container.VolumeAt.Set(f.spec, at, plain, m)
		f.lost(container.Path{Key: container.VolumeAt.Key(), Elem: at}, "no form says all of "+command.Clip(container.MaskText(v.String())),
			func(s *container.Spec) { container.VolumeAt.Set(s, at, plain, m) })
	}
}

// shm: beside a mount at /dev/shm its size says nothing. The one that is written with it, see
// [podmanrun.Shm], is no mount of the run's own.
func shm(f *fitting) {
	const at = "/dev/shm"
	mount, _, memory := container.TmpfsAt.Get(f.spec, at)
	_, _, volume := container.VolumeAt.Get(f.spec, at)
	size, _, known := container.ShmSize.Get(f.spec)
	switch {
	case !known || !memory && !volume:
	case memory && mount == (container.Tmpfs{Size: size, Mode: 0o1777}):
		container.TmpfsAt.Delete(f.spec, at)
	default:
		container.ShmSize.Clear(f.spec)
	}
}

// maxPorts bounds a range of ports that is written one by one.
const maxPorts = 100

// ports are written one by one.
func portsOf(f *fitting) {
	for _, key := range container.Publish.Keys(f.spec) {
		p, m, _ := container.Publish.Get(f.spec, key)
		first, last, err := container.PortRange(key)
		if err != nil || strings.Contains(key, "@") || last-first >= maxPorts {
			f.lost(container.Path{Key: container.Publish.Key(), Elem: key}, "it is published twice, or one of very many", nil)
			container.Publish.Delete(f.spec, key)
			continue
		}
		if first == last {
			continue
		}
		_, protocol, _ := strings.Cut(key, "/")
		container.Publish.Delete(f.spec, key)
		for n := range int(last-first) + 1 {
			one := p
			if p.HostPort != 0 {
				one.HostPort += uint16(n)
			}
			container.Publish.Set(f.spec, fmt.Sprintf("%d/%s", int(first)+n, protocol), one, m)
		}
	}
}

// foreign loses the rows that only others' runs have, where the form has no word for one.
func (f *fitting) foreign() {
	for _, row := range container.ForeignRows {
		for _, set := range row.Settings(f.spec) {
			m, _ := f.spec.MarkOf(set.Path)
			byForm := len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerEngine
			nothing := reflect.ValueOf(set.Value).IsZero() || isEmpty(set.Value) || row.Key() == container.TlsVerify.Key() && set.Value == true
			moot := slices.Contains(moot, row.Key())
			words := f.form.Foreign != "" && command.Writes(row, f.form.Foreign) && row.Key() != container.Pod.Key() // what the pod decides is stated
			if !byForm && !nothing && !moot && !words {
				f.lost(set.Path, "no word of "+f.form.Name+" that zlaunch writes says "+command.Clip(fmt.Sprint(set.Value)), nil)
			}
			if byForm || nothing || moot || !words {
				row.Clear(f.spec)
			}
		}
	}
}

func isEmpty(v any) bool {
	list, is := v.([]string)
	return is && len(list) == 0
}

// moot are rows that mean nothing in another form: how a call ends, and, but for
// --publish-all, which ports are told of.
var moot = []string{container.Detach.Key(), container.Expose.Key()}
