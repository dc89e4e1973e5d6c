package command

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// readMount reads --mount into the row of its type. Without a type it is a
// volume, as Podman and Docker have it.
func readMount(r *reader, v Value) {
	fields, ok := v.list()
	if !ok {
		r.wrong(PathOf(container.VolumeAt), "%q is not a list with commas", v.shown())
		return
	}
	if r.docker {
		fields = dockerMount(r, fields)
	}
	m := &mount{kind: "volume", source: Value{w: &Word{}}, tmpfs: newTmpfs(r)}
	for _, f := range fields {
		if t, ok := strings.CutPrefix(f.Text, "type="); ok {
			if what := f.Open(); what != "" {
				r.leave(PathOf(container.VolumeAt), what)
				return
			}
			m.kind = t
		}
	}
	if !slices.Contains([]string{"bind", "volume", "tmpfs"}, m.kind) {
		readOtherMount(r, m.kind, v)
		return
	}
	readMountFields(r, m, fields)
}

// readOtherMount keeps a mount whose type no row holds.
func readOtherMount(r *reader, kind string, v Value) {
	r.item(container.MountOther, v, v.Text)
	known := []string{"image", "glob", "devpts", "ramfs", "artifact"}
	if r.docker {
		known = dockerMounts
	}
	options, _ := v.list()
	sourced := slices.ContainsFunc(options, func(f Value) bool {
		key, from, _ := f.Cut('=')
		return (key.Text == "src" || key.Text == "source") && from.Text != ""
	})
	switch {
	case !sourced && slices.Contains([]string{"image", "artifact", "glob"}, kind):
		r.wrong(PathOf(container.MountOther), "%s refuses a mount of type %s without a source", r.out.Engine, kind)
	case slices.Contains([]string{"ramfs", "artifact", "npipe", "cluster"}, kind):
		r.opens("what a mount of type "+kind+" brings in is not judged", container.MountOther)
	case !slices.Contains(known, kind):
		r.wrong(PathOf(container.MountOther), "zlaunch knows no mount type %q", Clip(kind))
	}
}

func readMountFields(r *reader, m *mount, fields []Value) {
	var options []Value
	for _, f := range fields {
		key, val, has := f.Cut('=')
		switch key.Text {
		case "type":
		case "src", "source":
			m.source = val
		case "dst", "dest", "destination", "target":
			row := container.Row(container.VolumeAt)
			if m.kind == "tmpfs" {
				row = container.TmpfsAt
			}
			if !targeted(r, m, val, row) {
				return
			}
		case "relabel", "bind-propagation", "volume-opt":
			what := f.Open()
			if what != "" || !has {
				options = append(options, f) // is left open
			}
			if has && (what == "" || key.Text == "volume-opt") {
				m.named(key.Text, val.Text)
			}
		default:
			options = append(options, f)
		}
	}
	for _, o := range options {
		readMountOption(r, m, o)
	}
	if m.kind == "bind" && m.source.Text == "" {
		m.source = Value{Text: m.target, w: &Word{}} // as Podman does
	}
	if first := m.source.Text[:min(len(m.source.Text), 1)]; m.kind == "bind" && m.source.Open() == "" && !m.source.home() && !strings.ContainsAny(first, "/.") {
		m.source.Text = "./" + m.source.Text // as Podman reads it, and no volume's name
	}
	putMount(r, m)
}

// named reads what only --mount spells so.
func (m *mount) named(key, val string) {
	switch {
	case key == "relabel" && val == "shared":
		m.volume.Relabel = "z"
	case key == "relabel" && val == "private":
		m.volume.Relabel = "Z"
	case key == "bind-propagation" && slices.Contains(propagations, val):
		m.volume.Propagation = propagation(val)
	case key == "volume-opt":
		m.driverOption(val)
	default:
		m.why = "zlaunch knows no " + key + " " + Clip(val)
	}
}

// driverOption reads what the driver of a volume is told: an option of mount(8). One
// that a shell decides stays as it is written, and is judged as such.
func (m *mount) driverOption(option string) {
	key, val, _ := strings.Cut(option, "=")
	switch key {
	case "device":
		m.volume.Device = val
	case "type":
		m.volume.DeviceType = val
	case "o":
		m.volume.DeviceOptions = val
	}
}
