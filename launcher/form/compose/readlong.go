package compose

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// longMount reads a mount in the long form.
func longMount(s *service, k key, n *yaml.Node) {
	of, word := longFields(s, k.name, n)
	if word < 0 {
		word = s.word(k.name, n)
	}
	s.out.Words[word].Text = k.name + ": " + of["source"].text + ":" + of["target"].text
	at := container.Path{Key: container.VolumeAt.Key(), Elem: of["target"].text}
	for _, k := range []string{"volume.subpath", "volume.labels", "image.subpath"} {
		if of[k].text != "" {
			s.aside(word, at, "%s has no setting", k)
		}
	}
	options := mountOptions(s, of)
	switch kind := of["type"].text; {
	case kind == "tmpfs":
		tmpfsMount(s, word, of)
	case kind == "bind":
		bindMount(s, word, of, options)
	case kind == "volume" && of["source"].text == "":
		s.option(word, "volume", of["target"])
	case kind == "volume":
		named(s, word, of["source"].text, of["target"].text, options)
	case kind == "image" && !of["source"].open() && !of["target"].open():
		s.option(word, "mount", plain(record([]string{"type=image", "source=" + of["source"].text, "target=" + of["target"].text})))
	default:
		s.leave(word, container.Path{Key: at.Key}, "a mount of the type %s is not read", shown(kind))
	}
}

// longFields are the values of the long form by their names, and the word of its source.
func longFields(s *service, name string, n *yaml.Node) (map[string]filled, int) {
	of, word := map[string]filled{}, -1
	var walk func(prefix string, n *yaml.Node)
	walk = func(prefix string, n *yaml.Node) {
		for _, p := range s.pairs(n, nil) {
			key := prefix + p.key.Value
			v := resolved(p.value)
			switch {
			case v.Kind == yaml.MappingNode && key != "volume.labels" && prefix == "":
				walk(key+".", v)
			case !slices.Contains(mountKeys, key) && !strings.HasPrefix(p.key.Value, "x-"):
				s.wrong(s.word(key, p.key), "%s is no key of a mount that zlaunch knows", shown(key))
			case v.Kind == yaml.ScalarNode:
				of[key] = s.fill(v.Value)
				if key == "source" || key == "target" && word < 0 {
					word = s.word(name, v)
				}
			}
		}
	}
	walk("", n)
	return of, word
}

// mountOptions are those of --volume.
func mountOptions(s *service, of map[string]filled) []string {
	var out []string
	if v, said := of["read_only"]; said {
		switch v.text {
		case "true", "yes", "on":
			out = append(out, "ro")
		case "false", "no", "off":
			out = append(out, "rw")
		default:
			out = append(out, "read_only="+v.text) // is left open
		}
	}
	for _, key := range []string{"bind.selinux", "bind.propagation", "volume.propagation"} {
		if v := of[key].text; v != "" {
			out = append(out, v)
		}
	}
	if of["volume.nocopy"].text == "true" {
		out = append(out, "nocopy")
	}
	if of["bind.recursive"].text == "writable" {
		out = append(out, "bind-recursive=writable")
	}
	return out
}

// bindMount mounts a path of the host.
func bindMount(s *service, word int, of map[string]filled, options []string) {
	source, target := placed(s, of["source"]), of["target"]
	if strings.Contains(source.text+target.text, ":") && !source.open() && !target.open() {
		fields := []string{"type=bind", "source=" + source.text, "target=" + target.text}
		for _, o := range options {
			switch o {
			case "ro":
				fields = append(fields, "readonly")
			case "rw":
			default:
				fields = append(fields, o) // is left open where --mount has no such word
			}
		}
		s.option(word, "mount", plain(record(fields)))
		return
	}
	v := source.and(plain(":")).and(target)
	if len(options) > 0 {
		v = v.and(plain(":")).and(s.fill(strings.Join(options, ",")))
	}
	s.option(word, "volume", v)
}

// tmpfsMount mounts a memory file system. The long form runs no programs with docker, as
// --mount has it.
func tmpfsMount(s *service, word int, of map[string]filled) {
	fields := []string{"type=tmpfs", "target=" + of["target"].text}
	for _, o := range []string{"size", "mode"} {
		if v := of["tmpfs."+o]; v.text != "" {
			fields = append(fields, fmt.Sprintf("tmpfs-%s=%s", o, v.text))
		}
	}
	s.option(word, "mount", s.fill(record(fields)))
}
