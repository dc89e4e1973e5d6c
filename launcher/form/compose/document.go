package compose

import (
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// declare puts what a service names into the top of the file, once.
func (w *writer) declare(kind, name string, n node) {
	i := slices.IndexFunc(w.top, func(e entry) bool { return e.name == kind })
	if i < 0 {
		w.top = append(w.top, entry{kind, mapping()})
		i = len(w.top) - 1
	}
	put(w.top[i].value, name, n)
}

// text is the file. podman-compose puts all services into a pod where it is not told
// otherwise, and a pod takes no user namespace of a container; 1.0 has no pods. By x-podman
// a reader knows whose file it is.
func (w *writer) text() ([]byte, error) {
	file := mapping(entry{"name", text(w.run.Name)})
	if w.target != Docker {
		put(file, "x-podman", mapping(entry{"in_pod", truth(false)}))
	}
	put(file, "services", mapping(entry{w.run.Name, w.service}))
	for _, e := range w.top {
		put(file, e.name, e.value)
	}
	body, err := encoded(file)
	if err != nil {
		return nil, err
	}
	return append([]byte(fmt.Sprintf("# A run for %s, written by zlaunch export.\n", w.program())), body...), nil
}

// program is what reads the file.
func (w *writer) program() string {
	switch w.target {
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
	if w.target != Docker {
		note("the file is for podman-compose, not for podman compose, which may hand it to docker-compose")
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
