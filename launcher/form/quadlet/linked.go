package quadlet

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// network is a network of the run and its unit, nil where it has none here.
type network struct {
	name string
	unit *unit
}

// volumeUnit is what a linked unit says its volume mounts, as podman-volume-create
// takes it, each with the line that says so.
type volumeUnit struct{ device, kind, options line }

// links brings what linked units say of the run's volumes and networks.
func (r *reader) links() {
	for _, target := range container.VolumeAt.Keys(r.out.Spec) {
		v, m, _ := container.VolumeAt.Get(r.out.Spec, target)
		u, ok := r.binds[v.Source]
		if !ok {
			continue
		}
		p := container.Path{Key: container.VolumeAt.Key(), Elem: target}
		for _, part := range []struct {
			to   *string
			line line
		}{{&v.Device, u.device}, {&v.DeviceType, u.kind}, {&v.DeviceOptions, u.options}} {
			text, holes := filled(part.line.value)
			if *part.to = text; text == "" {
				continue
			}
			if len(holes) > 0 && !container.SpelledOut(text) {
				r.open(form.Open{At: p, Word: part.line.word, Why: holes[0].Name + " is filled in by systemd"})
			}
			r.out.At[p] = append(slices.Clip(r.out.At[p]), part.line.word)
		}
		container.VolumeAt.Set(r.out.Spec, target, v, m)
	}
	readPulls(r)
	reachNetworks(r)
}

// bindVolume notes what a linked volume mounts.
func bindVolume(r *reader, name string, u *unit) {
	if u == nil {
		return
	}
	var v volumeUnit
	v.device, _ = u.last("Volume", "Device")
	v.kind, _ = u.last("Volume", "Type")
	v.options, _ = u.last("Volume", "Options")
	for _, l := range u.all("Volume", "PodmanArgs") {
		v.args(l)
	}
	if v.device.value != "" || v.kind.value != "" || v.options.value != "" {
		name, _ = filled(name)
		r.binds[name] = v
	}
}

// args reads the driver options among the words of PodmanArgs=.
func (v *volumeUnit) args(l line) {
	words, _ := split(l.value, execWords)
	for i, w := range words {
		if (w == "--opt" || w == "-o") && i+1 < len(words) {
			w = words[i+1]
		}
		for _, option := range []string{"--opt=", "-o=", "-o"} {
			w = strings.TrimPrefix(w, option)
		}
		key, value, _ := strings.Cut(w, "=")
		at := map[string]*line{"device": &v.device, "type": &v.kind, "o": &v.options}[key]
		if at != nil {
			*at = l
			at.value = value
		}
	}
}

// reachNetworks says how far the run's networks reach where all of them are units that are
// here.
func reachNetworks(r *reader) {
	if len(r.nets) == 0 {
		return
	}
	egress, isolated := false, true
	var first line
	for _, n := range r.nets {
		if n.unit == nil {
			return
		}
		internal, apart, by := networkSays(n.unit)
		egress, isolated = egress || !internal, isolated && apart
		if first.key == "" {
			first = by
		}
	}
	m := container.From(container.Origin{Layer: r.by.layer(), File: "/" + r.nets[0].unit.file})
	container.NetworkEgress.Set(r.out.Spec, egress, m)
	container.NetworkIsolated.Set(r.out.Spec, isolated, m)
	if first.key != "" {
		r.out.At[container.Path{Key: container.NetworkEgress.Key()}] = []int{first.word}
	}
}

// networkSays tells whether a network has no way out, and whether the others have
// none into it.
func networkSays(u *unit) (internal, isolated bool, by line) {
	by, internal, _ = u.truth("Network", "Internal")
	apart := func(v string) {
		if k, value, _ := strings.Cut(v, "="); k == "isolate" {
			isolated = value == "true" || value == "1" || value == "strict"
		}
	}
	for _, l := range u.all("Network", "Options") {
		words, _ := split(l.value, execWords)
		for _, w := range words {
			apart(w)
		}
	}
	for _, l := range u.all("Network", "PodmanArgs") {
		words, _ := split(l.value, execWords)
		for i, w := range words {
			switch option, value, has := strings.Cut(w, "="); {
			case option == "--internal":
				internal, by = !has || value == "true", l
			case (option == "--opt" || option == "-o") && has:
				apart(value)
			case (option == "--opt" || option == "-o") && i+1 < len(words):
				apart(words[i+1])
			}
		}
	}
	return internal, isolated, by
}
