package subject

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/compose"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// single reads one unit that was named, with what lies beside it.
func (f Files) single(name string) ([]Pending, error) {
	root, rel, err := rooted(name)
	if err != nil {
		return nil, err
	}
	set, err := quadlet.NewSet(root, []string{path.Dir(rel)}, quadlet.Options{Version: f.Version})
	if err != nil {
		return nil, err
	}
	out, err := f.unit(set, set.Named, compose.Beside{FS: root, Path: rel}, name)
	if err == nil && len(out) == 0 {
		err = hint.Errorf("a unit runs a container by podman run in its ExecStart=", "auditing %s: no container is run in it", name)
	}
	return out, err
}

// unit reads a unit of systemd or of Podman's generator among those of a set, by one of its
// ways: the container or pod that it describes, and what its own command lines run.
func (f Files) unit(set *quadlet.Set, by func(string) ([]*form.Reading, []form.Open, error), at compose.Beside, name string) ([]Pending, error) {
	runs, open, err := by(at.Path)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		rename(r, name)
		for i, w := range r.Words {
			if file, abs := strings.CutPrefix(w.File, "/"); abs {
				r.Words[i].File = besideName(name, at.Path, file)
			}
		}
	}
	var out []Pending
	if path.Ext(at.Path) == ".kube" {
		pods, more := played(f, set, at, name)
		out, open = pods, append(open, more...)
	}
	return append(out, f.withUnread(name, runs, open)...), nil
}

// played reads the YAML that a .kube unit plays, but what is read by itself. What the unit
// says beside that is open.
func played(f Files, set *quadlet.Set, unit compose.Beside, name string) (out []Pending, open []form.Open) {
	p, err := set.Plays(unit.Path)
	if err != nil {
		return nil, []form.Open{{Word: -1, Why: "what it plays is not known: " + err.Error()}}
	}
	open = p.Open
	for _, file := range p.Files {
		if unit.Reads != nil && unit.Reads(file) {
			continue
		}
		called := besideName(name, unit.Path, file)
		text, err := start(unit.FS, file)
		var found []Pending
		if err == nil {
			found, err = f.text(compose.Beside{FS: unit.FS, Path: file, Reads: unit.Reads}, called, text)
		}
		if err != nil {
			open = append(open, form.Open{Word: -1, Why: fmt.Sprintf("%s is not read: %v", called, err)})
		}
		for _, judge := range found {
			out = append(out, func() *Audited {
				a := judge()
				a.Beside = a.Beside || len(open) > 0
				a.Notes = append(a.Notes, "podman kube play runs it, by "+name+": judged as a cluster would run it")
				return a
			})
		}
	}
	return out, open
}

// besideName calls a file as a person does who calls another one name: by the same
// directory where it lies below that from which the name leads to it.
func besideName(name, other, file string) string {
	parts, called := strings.Split(other, "/"), strings.Split(filepath.ToSlash(name), "/")
	same := 0
	for same < min(len(parts), len(called)) && parts[len(parts)-1-same] == called[len(called)-1-same] {
		same++
	}
	top := strings.Join(parts[:len(parts)-same], "/")
	if rel, below := strings.CutPrefix(file, top+"/"); below {
		return filepath.Join(filepath.FromSlash(strings.Join(called[:len(called)-same], "/")), rel)
	}
	return "/" + file
}
