package quadlet

import (
	"encoding/csv"
	"errors"
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// kindsOf are the sections of the units that a container links.
var sectionOf = map[string]string{
	".container": "Container", ".network": "Network", ".volume": "Volume", ".pod": "Pod", ".image": "Image", ".build": "Build", ".artifact": "Artifact",
}

// nameKey is the key that names what a unit makes.
var nameKey = map[string]string{
	".container": "ContainerName", ".network": "NetworkName", ".volume": "VolumeName", ".pod": "PodName", ".artifact": "Artifact",
}

// link returns a unit that a line names, with its drop-ins; nil where it is not
// here, which is listed once.
func (r *reader) link(name string, by line, at container.Path) *unit {
	if u, seen := r.linked[name]; seen {
		return u
	}
	r.linked[name] = nil
	if since := unitKinds[path.Ext(name)]; !r.v.knows(since) {
		r.wrong(by.word, "%s units came with Podman %s, and %s does not read %s", path.Ext(name), since, r.v, clipped(name))
	}
	file, sure, err := r.tree.find(name, path.Dir(r.u.file))
	if !sure && file != "" {
		r.open(form.Open{At: at, Word: by.word, Why: "several units are called " + clipped(name) + ", and Podman takes the first of them: the one in the same directory is read"})
	}
	text := ""
	if err == nil && file == "" {
		err = errors.New("it is not in the directory of the unit")
	}
	if err == nil {
		text, err = r.tree.read(file)
	}
	if err != nil {
		r.open(form.Open{At: at, Word: by.word, Why: "what " + clipped(name) + " makes is not known: " + err.Error()})
		return nil
	}
	u := r.unit(file)
	r.linked[name] = u
	r.add(u, file, text)
	r.dropins(u)
	checkKeys(r, u, sectionOf[path.Ext(name)])
	readAlongside(r, u, name)
	return u
}

// made is what a linked unit makes, by its key or by its own name; what it is
// called where the unit is not here is Podman's default.
func (r *reader) made(name string, by line, at container.Path) string {
	ext := path.Ext(name)
	if u := r.link(name, by, at); u != nil {
		if l, _ := u.last(sectionOf[ext], nameKey[ext]); l.value != "" && r.v.knows(keySince[sectionOf[ext]][nameKey[ext]]) {
			return l.value
		}
		if service := u.text("Container", "ServiceName"); ext == ".container" && service != "" {
			if !r.v.since(5, 4) {
				r.wrong(by.word, "%s has a ServiceName= and no ContainerName=; Podman %s refuses the unit", clipped(name), r.v)
			}
			return "systemd-" + service
		}
	}
	stem := strings.TrimSuffix(name, ext)
	if prefix, instance, template := strings.Cut(stem, "@"); template && instance == "" {
		return "systemd-" + literal(prefix) + "-%i"
	}
	return "systemd-" + literal(stem)
}

// links tells whether a key links a unit of a kind, which it does since a version; before it
// the name of the unit is a name like any other.
func (m *maker) links(l line, ext, since string) bool {
	if m.v.knows(since) {
		return true
	}
	m.wrong(l.word, "%s= links %s units since Podman %s, and %s takes the name as it is", l.key, ext, since, m.v)
	return false
}

// imageOf is Image=, or what the unit it names pulls or builds.
func imageOf(m *maker, l line) string {
	ext := path.Ext(l.value)
	if ext != ".image" && ext != ".build" || !m.links(l, ext, unitKinds[ext]) {
		return l.value
	}
	u := m.link(l.value, l, container.Path{Key: container.Image.Key()})
	if u == nil {
		return l.value
	}
	tags, image := u.all(sectionOf[ext], "ImageTag"), u.text(sectionOf[ext], "Image")
	switch {
	case ext == ".build" && len(tags) > 0:
		return tags[0].value
	case ext == ".image" && u.text("Image", "ImageTag") != "":
		return u.text("Image", "ImageTag")
	case ext == ".image" && image != "":
		return image
	}
	m.wrong(l.word, "%s names no image; Podman refuses it", clipped(l.value))
	return l.value
}

// makeNetworks are names, modes and linked units, each with options behind a colon.
func makeNetworks(m *maker, k key) {
	for _, l := range m.u.all(m.section, k.name) {
		name, options, has := strings.Cut(l.value, ":")
		value := l.value
		switch path.Ext(name) {
		case ".network":
			value = m.made(name, l, container.Path{Key: container.Network.Key()})
			m.nets = append(m.nets, network{value, m.linked[name]})
			if has {
				value += ":" + options
			}
		case ".container":
			if !m.links(l, ".container", "5.3") {
				m.nets = append(m.nets, network{value, nil})
				break
			}
			value = "container:" + m.made(name, l, container.Path{Key: container.Network.Key()})
		default:
			m.nets = append(m.nets, network{value, nil})
		}
		m.add(l.word, k.option, value)
	}
}

// makeVolumes are [SOURCE:]TARGET[:OPTIONS].
func makeVolumes(m *maker, k key) {
	for _, l := range m.u.all(m.section, k.name) {
		source, rest, has := strings.Cut(l.value, ":")
		if has && source != "" {
			target, _, _ := strings.Cut(rest, ":")
			m.add(l.word, k.option, sourceOf(m, source, l, target, false)+":"+rest)
			continue
		}
		m.add(l.word, k.option, strings.TrimPrefix(l.value, ":"))
	}
}

// sourceOf is a volume's source as the generator writes it.
func sourceOf(m *maker, source string, l line, target string, image bool) string {
	ext := path.Ext(source)
	at := container.Path{Key: container.VolumeAt.Key(), Elem: target}
	switch {
	case source[0] == '.' && m.v.since(4, 5):
		return absolute(m, source)
	case source[0] == '/':
	case ext == ".volume":
		name := m.made(source, l, at)
		bindVolume(m.reader, name, m.linked[source])
		if u := m.linked[source]; u != nil {
			openDriver(m.reader, u, source)
		}
		return name
	case image && ext == ".image" && m.links(l, ext, "5.3"):
		l.value = source
		return imageOf(m, l)
	case ext == ".artifact" && m.v.since(5, 7):
		return m.made(source, l, at)
	}
	return source
}

// makeMounts are --mount with a source that may be a linked unit or a path from here.
func makeMounts(m *maker, k key) {
	for _, l := range m.u.all(m.section, k.name) {
		m.split(l, execWords, func(w string) { m.add(l.word, k.option, mountOf(m, w, l)) })
	}
}

func mountOf(m *maker, w string, l line) string {
	fields, err := csv.NewReader(strings.NewReader(w)).Read()
	if err != nil {
		return w
	}
	at, target := -1, ""
	for i, f := range fields {
		name, value, has := strings.Cut(f, "=")
		if !has && !m.v.since(4, 8) {
			m.wrong(l.word, "Mount=: of a word without a value, as %s, Podman %s dies, which refuses every unit of this user", clipped(f), m.v)
		}
		switch name {
		case "source", "src":
			at = i
		case "target", "destination", "dst", "dest":
			target = value
		}
	}
	if at < 0 {
		return w
	}
	name, source, _ := strings.Cut(fields[at], "=")
	if source == "" {
		return w
	}
	got := sourceOf(m, source, l, target, true)
	if got == source {
		return w
	}
	fields[at] = name + "=" + got
	var b strings.Builder
	out := csv.NewWriter(&b)
	if out.Write(fields) != nil {
		return w
	}
	out.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// joinPod: a pod is always a unit.
func makePod(m *maker, k key) {
	l, _ := m.u.last(m.section, k.name)
	switch {
	case l.value == "":
	case path.Ext(l.value) != ".pod":
		m.wrong(l.word, "Pod= names no .pod unit; Podman refuses the unit")
		m.add(l.word, k.option, l.value)
	default:
		m.add(l.word, k.option, m.made(l.value, l, container.Path{Key: container.Pod.Key()}))
	}
}
