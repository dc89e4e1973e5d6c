package compose

import (
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// file is one file under way.
type file struct {
	name     string // of the project
	target   string
	services node
	top      []entry
}

func newFile(name, target string) *file {
	return &file{name: name, target: target, services: mapping()}
}

// declare puts what a service names into the top of the file, once.
func (f *file) declare(kind, name string, n node) {
	i := slices.IndexFunc(f.top, func(e entry) bool { return e.name == kind })
	if i < 0 {
		f.top = append(f.top, entry{kind, mapping()})
		i = len(f.top) - 1
	}
	for k := 0; k < len(f.top[i].value.Content); k += 2 {
		if f.top[i].value.Content[k].Value == name {
			return // of another service
		}
	}
	put(f.top[i].value, name, n)
}

// into adds the file to a document.
func (f *file) into(doc *form.Document) error {
	text, err := f.text()
	if err != nil {
		return err
	}
	doc.Files = []form.File{{Name: Name, Data: text}}
	if f.target != Docker {
		doc.Notes = append([]string{"the file is for podman-compose, not for podman compose, which may hand it to docker-compose"}, doc.Notes...)
	}
	return nil
}

// text is the file. podman-compose puts all services into a pod where it is not told
// otherwise, and a pod takes no user namespace of a container; 1.0 has no pods. By x-podman
// a reader knows whose file it is.
func (f *file) text() ([]byte, error) {
	top := mapping(entry{"name", text(f.name)})
	if f.target != Docker {
		put(top, "x-podman", mapping(entry{"in_pod", truth(false)}))
	}
	put(top, "services", f.services)
	for _, e := range f.top {
		put(top, e.name, e.value)
	}
	body, err := encoded(top)
	if err != nil {
		return nil, err
	}
	what := "A run"
	if len(f.services.Content) > 2 {
		what = "A stack"
	}
	return append([]byte(fmt.Sprintf("# %s for %s, written by zlaunch export.\n", what, f.program())), body...), nil
}

// program is what reads the file.
func (f *file) program() string {
	switch f.target {
	case Docker:
		return "docker compose"
	case Podman10:
		return "podman-compose 1.0"
	}
	return "podman-compose 1.5"
}

// notes are what whoever uses the file must know.
func (w *writer) notes() {
	note := func(format string, args ...any) {
		w.doc.Notes = append(w.doc.Notes, fmt.Sprintf(format, args...))
	}
	for _, name := range container.Env.Keys(w.run.Spec) {
		_, m, _ := container.Env.Get(w.run.Spec, name)
		if len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerCommandLine {
			note("the value of %s stands in the file: whoever reads the file has it", name)
		}
	}
	for _, name := range container.SecretOf.Keys(w.run.Spec) {
		note("the secret %s must be there before: podman secret create %s FILE", name, name)
	}
	for _, f := range w.run.Files {
		note("%s must be on the host that runs it", f.Name)
	}
}
