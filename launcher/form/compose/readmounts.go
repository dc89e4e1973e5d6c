package compose

import (
	"encoding/csv"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// readVolumes reads mounts, each in the short form or the long one.
func readVolumes(s *service, k key, p pair) {
	for _, item := range s.items(p.value) {
		switch n := resolved(item); {
		case n != nil && n.Kind == yaml.MappingNode:
			longMount(s, k, n)
		default:
			if v, w, ok := s.scalar(k.name, item); ok {
				shortMount(s, w, v)
			}
		}
	}
}

// shortMount reads SOURCE:TARGET:OPTIONS.
func shortMount(s *service, word int, v filled) {
	whole := command.Word{Text: v.text, Spans: v.holes}
	source, rest, has := whole.Whole().Cut(':')
	name := source.Text
	if !has || source.Open() != "" || !isVolume(name) {
		s.option(word, "volume", placed(s, v))
		return
	}
	options := []string{}
	target, opts, _ := rest.Cut(':')
	if opts.Text != "" {
		options = append(options, strings.Split(opts.Text, ",")...)
	}
	if v.open() {
		s.option(word, "volume", v)
		return
	}
	named(s, word, name, target.Text, options)
}

// isVolume tells the name of a volume from a path.
func isVolume(source string) bool { return source != "" && !strings.ContainsAny(source[:1], "/.~$") }

// placed is a source, or a mount that begins with one, at its place: a relative one stands
// below the file that names it.
func placed(s *service, v filled) filled {
	switch {
	case v.text == "~" || strings.HasPrefix(v.text, "~/"):
		v.homes = append(v.homes, 0)
		return v
	case !strings.HasPrefix(v.text, ".") || s.beside.FS == nil:
		return v
	}
	source, rest, has := strings.Cut(v.text, ":")
	if len(v.holes) > 0 && v.holes[0].From < len(source) {
		return v
	}
	dir := "/" + path.Join(path.Dir(s.beside.Path), s.dir)
	full := path.Join(dir, source)
	if has {
		full += ":"
	}
	shift := len(v.text) - len(rest)
	out := plain(full)
	tail := filled{text: rest}
	for _, h := range v.holes {
		tail.holes = append(tail.holes, command.Expansion{From: h.From - shift, To: h.To - shift, Name: h.Name})
	}
	return out.and(tail)
}

// named mounts a volume of a name: what it is says its declaration.
func named(s *service, word int, name, target string, options []string) {
	outer, driven := s.project()+"_"+name, map[string]string{} // what a later file says of one option replaces it
	for _, d := range s.declared("volumes", name) {
		if e := resolved(s.field(d, "external")); e != nil && e.Value != "false" {
			outer = name
		}
		if v := resolved(s.field(d, "name")); v != nil && v.Kind == yaml.ScalarNode {
			outer = v.Value
		}
		if v := resolved(s.field(d, "driver")); v != nil && v.Value != "local" && v.Value != "" {
			s.leave(word, container.Path{Key: container.VolumeAt.Key(), Elem: target}, "zlaunch does not judge the driver %s of a volume", shown(v.Value))
		}
		for _, p := range s.pairs(s.field(d, "driver_opts"), nil) {
			if v := resolved(p.value); v != nil && v.Kind == yaml.ScalarNode {
				driven[p.key.Value] = v.Value
			}
		}
	}
	if !isVolume(outer) || strings.Contains(outer, "$") {
		s.leave(word, container.Path{Key: container.VolumeAt.Key(), Elem: target}, "what the volume %s is called is not known", shown(name))
	}
	fields := []string{"type=volume", "source=" + outer, "target=" + target}
	for _, o := range slices.Sorted(maps.Keys(driven)) {
		fields = append(fields, "volume-opt="+o+"="+driven[o])
	}
	if len(fields) == 3 || relabels(options) {
		v := outer + ":" + target
		if len(options) > 0 {
			v += ":" + strings.Join(options, ",")
		}
		s.option(word, "volume", plain(v))
		if len(fields) == 3 {
			return
		}
	}
	for _, o := range options {
		if o == "ro" || o == "nocopy" {
			fields = append(fields, map[string]string{"ro": "readonly", "nocopy": "volume-nocopy"}[o])
		}
	}
	s.option(word, "mount", s.fill(record(fields)))
}

// declared are what the files say at their top of one volume or network, in their order.
func (s *service) declared(kind, name string) []*yaml.Node {
	var out []*yaml.Node
	for _, l := range s.layers {
		if d := s.field(s.field(l.top, kind), name); d != nil {
			out = append(out, d)
		}
	}
	return out
}

// relabels tells of options that only --volume takes.
func relabels(options []string) bool {
	for _, o := range options {
		if o != "ro" && o != "rw" && o != "nocopy" {
			return true
		}
	}
	return false
}

// record is a list with commas, as --mount takes it.
func record(fields []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(fields) // a strings.Builder takes every write
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// mountKeys are those of the long form, and what is nothing to judge of them.
var mountKeys = strings.Fields(`type source target read_only consistency bind.propagation bind.create_host_path bind.recursive bind.selinux
	volume.nocopy volume.subpath volume.labels volume.propagation tmpfs.size tmpfs.mode image.subpath`)
