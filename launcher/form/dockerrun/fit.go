package dockerrun

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// fitting is a run while it is made one that Docker can be told.
type fitting struct {
	run    form.Run
	target string
	spec   *container.Spec // what docker will be told
	row    container.Row   // the one that is fitted
	lost   []form.Loss
	notes  []string
}

func fitted(r form.Run, target string) *fitting {
	f := &fitting{run: r, target: target, spec: container.Clone(r.Spec)}
	for _, f.row = range command.Rows() {
		sp := specials[f.row.Key()]
		if sp.fit != nil {
			sp.fit(f)
		}
		if sp.unsaid(target) && sp.fit == nil || sp.why == "" && !positional(f.row) && !command.Writes(f.row, engine) {
			f.drop(sp.why)
		}
	}
	f.takeNotes()
	return f
}

func positional(row container.Row) bool { return positions[row.Key()] != "" }

// drop loses all that is stated of the row, unless it is what docker does anyway, or nothing.
func (f *fitting) drop(why string) {
	if why == "" {
		why = noOption
	}
	for _, set := range f.row.Settings(f.spec) {
		if v := fmt.Sprint(set.Value); v != command.Nature(f.row, engine) && v != "" && v != "[]" {
			f.lost = append(f.lost, form.Loss{At: set.Path, Why: why})
		}
	}
	f.row.Clear(f.spec)
}

// lose notes the loss of the row, or of an element of it.
func (f *fitting) lose(elem, format string, args ...any) {
	f.lost = append(f.lost, form.Loss{At: container.Path{Key: f.row.Key(), Elem: elem}, Why: fmt.Sprintf(format, args...)})
}

func fitPull(f *fitting) {
	if v, _, _ := container.Pull.Get(f.spec); v == "newer" {
		f.drop("docker pulls always, never or what is missing")
	}
}

// fitEntrypoint puts all words but the first in front of the arguments. An entrypoint that
// is stated takes away the arguments of the image, in both engines.
func fitEntrypoint(f *fitting) {
	words, m, _ := container.Entrypoint.Get(f.spec)
	if len(words) < 2 {
		return
	}
	args, _, _ := container.Args.Get(f.spec)
	container.Entrypoint.Set(f.spec, words[:1], m)
	container.Args.Set(f.spec, slices.Concat(words[1:], args), m)
}

// moreOfDocker are the capabilities of Docker's default set that Podman's has not since 4.4
// (moby oci/caps/defaults.go, containers.conf(5) default_capabilities).
var moreOfDocker = []string{"audit_write", "mknod", "net_raw"}

// fitCapDrop drops what Docker gives beyond what the run was judged with.
func fitCapDrop(f *fitting) {
	drop, m, known := container.CapDrop.Get(f.spec)
	add, _, _ := container.CapAdd.Get(f.spec)
	had, _, _ := container.Capabilities.Get(f.run.Judged)
	privileged, _, _ := container.Privileged.Get(f.spec)
	if privileged || slices.Contains(drop, "all") || slices.Contains(add, "all") {
		return
	}
	more := slices.DeleteFunc(slices.Clone(moreOfDocker), func(c string) bool {
		return slices.Contains(drop, c) || slices.Contains(add, c) || slices.Contains(had, c)
	})
	if len(more) == 0 {
		return
	}
	if !known {
		m = container.From(container.Origin{Layer: container.LayerDerived, Key: "docker"})
	}
	container.CapDrop.Set(f.spec, slices.Concat(drop, more), m)
	f.notes = append(f.notes, "docker's default capabilities are more than podman's: "+joined(more)+" are dropped too")
}

func fitUnmask(f *fitting) {
	if v, _, _ := container.Unmask.Get(f.spec); len(v) > 0 && !slices.Equal(v, []string{"ALL"}) {
		f.drop("docker unmasks all or nothing")
	}
}

// fitTmpfs: docker's --mount, which a colon in the path asks for, has but size and mode.
func fitTmpfs(f *fitting) {
	for _, target := range container.TmpfsAt.Keys(f.spec) {
		t, m, ok := container.TmpfsAt.Get(f.spec, target)
		if plain := (container.Tmpfs{Size: t.Size, Mode: t.Mode}); ok && strings.Contains(target, ":") && t != plain {
			f.lose(target, "docker has no options of a tmpfs whose path has a colon, but size and mode")
			container.TmpfsAt.Set(f.spec, target, plain, m)
		}
	}
}

// fitVolumes takes away what no option of docker says: "invalid mode" (moby
// volume/mounts, linux_parser.go).
func fitVolumes(f *fitting) {
	for _, target := range container.VolumeAt.Keys(f.spec) {
		v, m, ok := container.VolumeAt.Get(f.spec, target)
		if !ok {
			continue
		}
		var none []string
		for _, o := range []struct {
			on   *bool
			name string
		}{{&v.NoSuid, "nosuid"}, {&v.NoDev, "nodev"}, {&v.NoExec, "noexec"}, {&v.Chown, "U"}, {&v.Overlay, "O"}} {
			if *o.on {
				none, *o.on = append(none, o.name), false
			}
		}
		if v.Relabel != "" && strings.Contains(v.Source+target, ":") {
			none, v.Relabel = append(none, v.Relabel+" beside a colon"), ""
		}
		v.Labelled, v.Upper, v.Work = false, "", ""
		container.VolumeAt.Set(f.spec, target, v, m)
		if len(none) > 0 {
			f.lose(target, "docker has no %s of a volume", joined(none))
			f.lost[len(f.lost)-1].Instead = func(s *container.Spec) { container.VolumeAt.Set(s, target, v, m) }
		}
	}
}

// fitImageVolume: nothing is lost of an image whose every VOLUME has a mount of the run.
func fitImageVolume(f *fitting) {
	volumes, _, known := container.ImageVolumes.Get(f.run.Judged)
	bare := slices.DeleteFunc(slices.Clone(volumes), func(target string) bool {
		_, _, tmpfs := container.TmpfsAt.Get(f.spec, target)
		_, _, volume := container.VolumeAt.Get(f.spec, target)
		return tmpfs || volume
	})
	switch {
	case known && len(bare) == 0:
		container.ImageVolume.Clear(f.spec)
	case known:
		f.drop("docker makes a writable volume at " + joined(bare) + ", a VOLUME of the image")
	default:
		f.drop(anonymousVolumes)
	}
}

// fitDevices: docker/cli reads names of the Container Device Interface since 25.0.
func fitDevices(f *fitting) {
	devices, m, _ := container.Device.Get(f.spec)
	if !before(f.target, "28") {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(devices), func(d string) bool {
		named := !strings.HasPrefix(d, "/")
		if named {
			f.lose("", "docker %s knows no Container Device Interface, and so no %s", f.target, d)
		}
		return named
	})
	if len(kept) < len(devices) {
		container.Device.Set(f.spec, kept, m)
	}
}

// fitNetworks: a run takes several networks since API 1.44, which is Docker 25.0.
func fitNetworks(f *fitting) {
	names, m, _ := container.Network.Get(f.spec)
	for _, n := range names {
		if slices.Contains([]string{"private", "pasta", "slirp4netns"}, n) {
			f.drop("docker has no " + n + " network: without another it is on the bridge that all share")
			return
		}
	}
	if len(names) > 1 && before(f.target, "28") {
		f.lose("", "docker %s starts a run on one network: docker network connect joins it to %s", f.target, joined(names[1:]))
		container.Network.Set(f.spec, names[:1], m)
	}
}

// joins loses the namespace of another container, which docker joins of pid, ipc and network
// alone.
func joins(row container.Field[string]) func(*fitting) {
	return func(f *fitting) {
		if v, _, _ := row.Get(f.spec); strings.HasPrefix(v, "container:") {
			f.drop("docker joins no " + row.Key() + " of another container")
		}
	}
}

// fitCpus: Docker counts billionths, and refuses what is "too precise" (docker/cli
// opts/opts.go, ParseCPUs).
func fitCpus(f *fitting) {
	if v, m, ok := container.Cpus.Get(f.spec); ok {
		container.Cpus.Set(f.spec, math.Round(v*1e9)/1e9, m)
	}
}

func fitLogDriver(f *fitting) {
	if v, m, _ := container.LogDriver.Get(f.spec); v == "k8s-file" {
		container.LogDriver.Set(f.spec, "json-file", m)
	}
}

// fitLogOpts: dockerd refuses a run whose log driver does not know an option (moby
// daemon/logger/journald, ValidateLogOpt), and the client any option of no log.
func fitLogOpts(f *fitting) {
	driver, _, _ := container.LogDriver.Get(f.spec)
	if driver == "none" {
		container.LogOpt.Clear(f.spec)
	}
	if _, _, ok := container.LogOpt.Get(f.spec, "max-size"); ok && driver == "journald" {
		f.lose("max-size", "docker's journald takes no bound")
		container.LogOpt.Delete(f.spec, "max-size")
	}
}
