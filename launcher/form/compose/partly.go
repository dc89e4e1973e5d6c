package compose

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// The shapes of rows of which one target or another cannot say every value.

// driver is that of the log. Docker's json-file is what k8s-file is to Podman.
var driver = shape{func(w *writer, k key) error {
	v, _, _ := container.LogDriver.Get(w.run.Spec)
	if w.target != Docker || v != "k8s-file" {
		return textual.write(w, k)
	}
	w.put(k.name, text("json-file"))
	w.becomes(container.Path{Key: k.row.Key()}, func(s *container.Spec, m container.Mark) { container.LogDriver.Set(s, "json-file", m) },
		"Docker has no k8s-file, and json-file is written")
	return nil
}, readOne}

// logOptions are those of the log's driver.
var logOptions = shape{func(w *writer, k key) error {
	_, _, named := container.LogDriver.Get(w.run.Spec)
	for _, name := range container.LogOpt.Keys(w.run.Spec) {
		v, _, _ := container.LogOpt.Get(w.run.Spec, name)
		switch {
		case w.target != Docker && !named:
			w.lose(container.Path{Key: k.row.Key(), Elem: name}, "podman-compose takes k8s-file where options have no driver")
		default:
			put(under(w.parent(k.name), last(k.name), yaml.MappingNode), name, value(v))
		}
	}
	return nil
}, readList}

// pulled is when the image is fetched.
var pulled = shape{func(w *writer, k key) error {
	if v, _, _ := container.Pull.Get(w.run.Spec); w.target == Docker && v == "newer" {
		w.lose(container.Path{Key: k.row.Key()}, "Docker has no newer: always asks the registry too")
		return nil
	}
	return textual.write(w, k)
}, readPull}

// entrypoint: Docker takes an empty one for none said, and runs the image's own.
var entrypoint = shape{func(w *writer, k key) error {
	if argv, _, _ := container.Entrypoint.Get(w.run.Spec); w.target == Docker && len(argv) == 0 {
		w.lose(container.Path{Key: k.row.Key()}, "Docker takes an empty entrypoint for the image's own")
		return nil
	}
	return words(container.Entrypoint).write(w, k)
}, readWords}

// filter is the seccomp profile; the engine's own needs no word.
var filter = shape{func(w *writer, k key) error {
	v, _, _ := container.SeccompProfile.Get(w.run.Spec)
	if podmanrun.SeccompPath(v) == "" {
		return nil
	}
	return listed.write(w, k)
}, readList}

// labels of SELinux: Docker knows no file type.
var labels = shape{func(w *writer, k key) error {
	all, _, _ := container.SecurityLabel.Get(w.run.Spec)
	for _, l := range all {
		if w.target == Docker && (strings.HasPrefix(l, "filetype:") || l == "nested") {
			w.lose(container.Path{Key: k.row.Key()}, "Docker has no label=%s", l)
			return nil
		}
	}
	return listed.write(w, k)
}, readList}

// secrets are those of Podman's own store. podman-compose gives each the name that it has
// there, and since 1.5 a variable.
var secrets = shape{func(w *writer, k key) error {
	for _, name := range container.SecretOf.Keys(w.run.Spec) {
		v, _, _ := container.SecretOf.Get(w.run.Spec, name)
		at := container.Path{Key: k.row.Key(), Elem: name}
		use := mapping(entry{"source", text(name)})
		switch {
		case v.Type == "env" && w.target == Podman10:
			w.lose(at, "podman-compose 1.0 gives a secret as a file alone")
			continue
		case v.Type == "env":
			put(use, "type", text("env"))
			if v.Target != "" {
				put(use, "target", value(v.Target))
			}
		case v.Target != "" && v.Target != "/run/secrets/"+name:
			w.lose(at, "podman-compose puts a secret at /run/secrets/%s alone", name)
			continue
		}
		if v.Mode != 0 {
			put(use, "mode", text(fmt.Sprintf("0%o", v.Mode)))
		}
		list := under(w.service, k.name, yaml.SequenceNode)
		list.Content = append(list.Content, use)
		w.declare("secrets", name, mapping(entry{"external", word("true")}))
	}
	return nil
}, readSecrets}

// textualImage is the image: no option states it.
var textualImage = shape{func(w *writer, k key) error {
	v, _, _ := container.Image.Get(w.run.Spec)
	w.put(k.name, value(v))
	return nil
}, readImage}

// namespace is one of which Docker has no word for the container's own, which is what
// there is where nothing is said.
func namespace(row container.Field[string]) shape {
	return shape{func(w *writer, k key) error {
		if v, _, _ := row.Get(w.run.Spec); w.target == Docker && v == "private" {
			return nil
		}
		return textual.write(w, k)
	}, readNamespace}
}

// proxied: podman-compose knows no true, which is Podman's own way.
var proxied = shape{func(w *writer, k key) error {
	if on, _, _ := container.HttpProxy.Get(w.run.Spec); on {
		return nil
	}
	return literal.write(w, k)
}, readTruth}
