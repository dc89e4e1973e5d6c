// Package compose writes a run as a Compose file, and reads the services of such files.
//
// Compose is a file and not a program: what docker compose (v2), and podman-compose, an
// independent program, make of one key differs, and what one of them does not know it
// passes over without a word. So a file is written for one of them, a target, and read as
// one of them reads it: each service becomes the line of docker run or podman run that
// means the same, and goes through the reader of those.
//
// One ordered table (see [key]) has what stands under each key of a service, for both
// ways, and why a target cannot say a row. No variable is filled in from the process,
// nothing is fetched, and no file is opened but those of the fs.FS that a reader is given.
package compose

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// What reads a file.
const (
	Podman10 = "podman-1.0" // podman-compose 1.0.3, of Debian 12
	Podman   = "podman"     // podman-compose 1.5
	Docker   = "docker"     // docker compose v2, with Docker 25 or later
)

// Targets are what a file can be written for, the newest last.
func Targets() []string { return []string{Podman10, Podman, Docker} }

// Name is that of the file which both programs look for.
const Name = "compose.yaml"

// Write writes a run as a file with one service.
func Write(r form.Run, target string) (*form.Document, error) {
	f := newFile(r.Name, target)
	w, err := f.service(r)
	if err != nil {
		return nil, err
	}
	return w.doc, f.into(w.doc)
}

// WriteStack writes the runs of a stack as a file with a service for each.
func WriteStack(s form.Stack, target string) (*form.Document, error) {
	f := newFile(s.Name, target)
	doc, err := s.Each(func(r form.Run) (*form.Document, error) {
		w, err := f.service(r)
		if err != nil {
			return nil, err
		}
		return w.doc, nil
	})
	if err != nil {
		return nil, err
	}
	return doc, f.into(doc)
}

// service writes a run as a service of a file.
func (f *file) service(r form.Run) (*writer, error) {
	if err := podmanrun.Check(r.Spec); err != nil {
		return nil, err
	}
	w := &writer{file: f, run: r, service: mapping(), doc: &form.Document{}}
	for _, k := range keys {
		if k.row == nil || len(k.row.Settings(r.Spec)) == 0 || w.cannot(k) {
			continue
		}
		if err := k.as.write(w, k); err != nil {
			return nil, fmt.Errorf("writing %s: %w", k.row.Key(), err)
		}
	}
	w.waits()
	w.notes()
	put(f.services, r.Name, w.service)
	return w, nil
}

// waits says which services come before.
func (w *writer) waits() {
	for _, other := range w.run.After {
		list := under(w.service, "depends_on", yaml.SequenceNode)
		list.Content = append(list.Content, text(other))
	}
	if len(w.run.After) > 0 {
		w.lose(container.Path{Key: form.Waits}, "Compose starts it once those that it waits for run, not once they serve")
	}
}

// writer makes one service of a file.
type writer struct {
	*file
	run     form.Run
	service node // what stands below services.NAME
	doc     *form.Document
}

func (w *writer) lose(at container.Path, format string, args ...any) {
	w.doc.Lost = append(w.doc.Lost, form.Loss{At: at, Why: fmt.Sprintf(format, args...)})
}

// becomes lists a setting that is written as something else.
func (w *writer) becomes(at container.Path, set func(*container.Spec, container.Mark), why string) {
	w.doc.Lost = append(w.doc.Lost, form.Loss{At: at, Why: why, Instead: func(s *container.Spec) {
		m, _ := s.MarkOf(at)
		set(s, m)
	}})
}

// cannot tells whether the target cannot say a row, and lists what that loses.
func (w *writer) cannot(k key) bool {
	l, lacks := k.not[w.target]
	if !lacks {
		return false
	}
	if value := fmt.Sprint(k.row.Settings(w.run.Spec)[0].Value); !l.moot && (l.nature == "" || value != l.nature) {
		w.lose(container.Path{Key: k.row.Key()}, "%s", l.why)
	}
	return true
}

// Says is how a target says each row.
func Says(target string) []form.Says {
	var out []form.Says
	for _, row := range container.Rows {
		i := slices.IndexFunc(keys, func(k key) bool { return k.row != nil && k.row.Key() == row.Key() })
		if i < 0 {
			continue
		}
		s := form.Says{Row: row, Keys: keys[i].name}
		if l, lacks := keys[i].not[target]; lacks {
			s.Keys, s.Why, s.Nature, s.Moot = "", l.why, l.nature, l.moot
		}
		out = append(out, s)
	}
	return out
}
