package quadlet

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// readAlongside lists what the service of a linked unit does, which is started with the run:
// programs on the host, and another engine's surroundings for what it makes.
func readAlongside(r *reader, u *unit, name string) {
	ext := path.Ext(name)
	for _, l := range u.lines {
		global := l.section == sectionOf[ext] && (l.key == "GlobalArgs" || l.key == "ContainersConfModule")
		switch {
		case l.value == "" || ext == ".container":
		case l.section == "Service" && strings.HasPrefix(l.key, "Exec"):
			r.open(form.Open{At: container.Path{Key: "service", Elem: name + " " + clip(l.key)}, Word: l.word,
				Why: clipped(name) + ": " + clipped(l.key) + "= runs a program on the host, which is not read"})
		case l.section == "Service" && command.ServiceKeyOf(l.key) == command.NobodyRead:
			r.open(form.Open{At: container.Path{Key: "service", Elem: name + " " + clip(l.key)}, Word: l.word,
				Why: clipped(name) + ": " + clipped(l.key) + "= is a key whose effect on the engine is not known"})
		case global || l.section == "Service" && (command.ServiceKeyOf(l.key) == command.ReplacesFiles || told(l)):
			for _, row := range toldByVariables {
				r.open(form.Open{At: container.Path{Key: row.Key()}, Word: l.word,
					Why: clipped(name) + ": " + l.key + "= tells Podman what the line of the container does not show"})
			}
		}
	}
}

// openDriver tells of a linked volume that a program fills, or an image.
func openDriver(r *reader, u *unit, name string) {
	l, _ := u.last("Volume", "Driver")
	for _, args := range u.all("Volume", "PodmanArgs") {
		words, _ := split(args.value, execWords)
		for i, w := range words {
			option, value, has := strings.Cut(w, "=")
			if option != "--driver" && option != "-d" {
				continue
			}
			if l = args; !has && i+1 < len(words) {
				value = words[i+1]
			}
			l.value = value
		}
	}
	if l.value != "" && l.value != "local" {
		r.open(form.Open{At: container.Path{Key: container.VolumeAt.Key()}, Word: l.word,
			Why: clipped(name) + ": what the driver " + clipped(l.value) + " brings in is not known"})
	}
}

// told tells whether a line of [Service] may set a variable that Podman obeys.
func told(l line) bool {
	if l.key != "Environment" && l.key != "PassEnvironment" {
		return l.key == "EnvironmentFile"
	}
	words, err := split(l.value, execWords)
	return err != nil || slices.ContainsFunc(words, func(w string) bool {
		name, _, _ := strings.Cut(w, "=")
		return strings.Contains(name, "%") || command.ObeyedVariable(name)
	})
}

// pullKeys are the keys of [Image] that podman run has an option for.
var pullKeys = []key{
	one("Arch", "--arch="), one("AuthFile", "--authfile="), one("CertDir", "--cert-dir="), one("Creds", "--creds="),
	one("DecryptionKey", "--decryption-key="), one("OS", "--os="), one("Variant", "--variant="),
}

// readPulls brings what the .image units say of how the image is fetched.
func readPulls(r *reader) {
	for _, name := range sortedKeys(r.linked) {
		u := r.linked[name]
		if u == nil || path.Ext(name) != ".image" {
			continue
		}
		m := &maker{reader: r, section: "Image"}
		own := r.u
		r.u = u
		pullOf(m)
		r.u = own
		args, holes := m.fill()
		got, err := command.ReadFilled(args, m.env, holes)
		if err != nil {
			r.open(form.Open{At: container.Path{Key: container.Image.Key()}, Word: -1, Why: "how " + clipped(name) + " is fetched is not read"})
			continue
		}
		readFetched(r, m, got)
		if tag, image := u.text("Image", "ImageTag"), u.text("Image", "Image"); tag != "" && tag != image {
			l, _ := u.last("Image", "ImageTag")
			r.open(form.Open{At: container.Path{Key: container.Image.Key()}, Word: l.word,
				Why: clipped(name) + " fetches " + container.MaskText(clipped(image)) + " and ImageTag= calls it otherwise"})
		}
	}
}

// pullOf is the run of an image with the options of the pull.
func pullOf(m *maker) {
	m.add(-1, "podman", "run")
	m.keys(pullKeys)
	if l, yes, said := m.u.truth("Image", "TLSVerify"); said {
		m.add(l.word, "--tls-verify="+map[bool]string{true: "true", false: "false"}[yes])
	}
	m.words("PodmanArgs", "", execWords)
	l, _ := m.u.last("Image", "Image")
	m.add(l.word, l.value)
}

// readFetched takes from the reading of a pull what the run does not say itself.
func readFetched(r *reader, m *maker, got *form.Reading) {
	if v, _, said := container.TlsVerify.Get(got.Spec); said && !v {
		p := container.Path{Key: container.TlsVerify.Key()}
		r.out.At[p] = m.back(got.At[p])
		container.TlsVerify.Set(r.out.Spec, false, decidedBy(r, m, got, p))
	}
	for _, name := range container.HostFiles.Keys(got.Spec) {
		f, _, _ := container.HostFiles.Get(got.Spec, name)
		p := container.Path{Key: container.HostFiles.Key(), Elem: name}
		r.out.At[p] = m.back(got.At[p])
		container.HostFiles.Set(r.out.Spec, name, f, decidedBy(r, m, got, p))
	}
	if more, _, _ := container.Other.Get(got.Spec); len(more) > 0 {
		p := container.Path{Key: container.Other.Key()}
		had, _, _ := container.Other.Get(r.out.Spec)
		r.out.At[p] = append(slices.Clip(r.out.At[p]), m.back(got.At[p])...)
		container.Other.Set(r.out.Spec, append(slices.Clip(had), more...), decidedBy(r, m, got, p))
	}
	for _, o := range got.Open {
		r.said(m, o)
	}
}

// decidedBy marks a setting with the line that says it.
func decidedBy(r *reader, m *maker, got *form.Reading, p container.Path) container.Mark {
	if words := m.back(got.At[p]); len(words) > 0 {
		return container.From(r.origin(words[0]))
	}
	return byQuadlet
}

func sortedKeys(units map[string]*unit) []string {
	names := make([]string, 0, len(units))
	for name := range units {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
