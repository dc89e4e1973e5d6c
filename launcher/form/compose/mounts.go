package compose

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// inMemory are the memory file systems, in the words of --tmpfs, for the long form has no
// noexec.
var inMemory = shape{func(w *writer, k key) error {
	for _, target := range container.TmpfsAt.Keys(w.run.Spec) {
		t, _, _ := container.TmpfsAt.Get(w.run.Spec, target)
		if strings.Contains(target, ":") {
			w.lose(container.Path{Key: k.row.Key(), Elem: target}, "a colon ends the target of a tmpfs in Compose")
			continue
		}
		list := under(w.service, k.name, yaml.SequenceNode)
		list.Content = append(list.Content, value(target+":"+strings.Join(podmanrun.TmpfsOptions(t), ",")))
	}
	return nil
}, readList}

// mounts are the binds and the named volumes, in the long form.
var mounts = shape{func(w *writer, k key) error {
	for _, target := range container.VolumeAt.Keys(w.run.Spec) {
		v, _, _ := container.VolumeAt.Get(w.run.Spec, target)
		at := container.Path{Key: k.row.Key(), Elem: target}
		if why := w.unmountable(target, v); why != "" {
			w.lose(at, "%s", why)
			continue
		}
		if lost := flagsOf(v); len(lost) > 0 && w.target == Docker {
			v.NoSuid, v.NoDev, v.NoExec = false, false, false
			w.becomes(at, func(s *container.Spec, m container.Mark) { container.VolumeAt.Set(s, target, v, m) },
				"Docker mounts without "+strings.Join(lost, ", "))
		}
		list := under(w.service, k.name, yaml.SequenceNode)
		list.Content = append(list.Content, w.mount(target, v))
		if v.Source != "" && !podmanrun.Bind(v) {
			w.declare("volumes", v.Source, mapping(entry{"name", text(v.Source)}))
		}
	}
	return nil
}, readVolumes}

// unmountable is why a mount cannot be said at all; "" it can.
func (w *writer) unmountable(target string, v container.Volume) string {
	colon := strings.Contains(v.Source+target, ":")
	switch {
	case w.target != Docker && v.Source == "":
		return "podman-compose makes a named volume of one without a name, and keeps it"
	case w.target != Docker && colon:
		return "podman-compose writes a mount with colons between its parts"
	case colon && v.Relabel != "":
		return "Docker relabels no mount with a colon in its paths"
	}
	return ""
}

// flagsOf are the flags of a mount that only Podman has.
func flagsOf(v container.Volume) []string {
	return slices.DeleteFunc(podmanrun.VolumeOptions(v), func(o string) bool { return !strings.HasPrefix(o, "no") })
}

// mount is one in the long form. podman-compose hands what stands under propagation on to
// --volume; 1.0 does not know selinux.
func (w *writer) mount(target string, v container.Volume) node {
	kind := "volume"
	if podmanrun.Bind(v) {
		kind = "bind"
	}
	m := mapping(entry{"type", text(kind)})
	if v.Source != "" {
		put(m, "source", value(v.Source))
	}
	put(m, "target", value(target))
	if v.Source == "" {
		return m
	}
	put(m, "read_only", truth(v.ReadOnly))
	own, handed := mapping(), flagsOf(v)
	switch {
	case v.Relabel == "":
	case kind == "bind" && w.target != Podman10:
		put(own, "selinux", text(v.Relabel))
	case w.target != Docker:
		handed = append([]string{v.Relabel}, handed...)
	default: // only the short form relabels a named volume
		return value(v.Source + ":" + target + ":" + strings.Join([]string{readOnly(v), v.Relabel}, ","))
	}
	if w.target == Docker && kind == "bind" && v.Relabel == "" {
		put(own, "create_host_path", truth(false)) // else Docker makes what is not there, as root
	}
	if w.target != Docker && len(handed) > 0 {
		put(own, "propagation", text(strings.Join(handed, ",")))
	}
	if len(own.Content) > 0 {
		put(m, kind, own)
	}
	return m
}

func readOnly(v container.Volume) string {
	if v.ReadOnly {
		return "ro"
	}
	return "rw"
}

func truth(v bool) node {
	if v {
		return word("true")
	}
	return word("false")
}
