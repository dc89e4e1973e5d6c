package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// unit audits a unit of systemd or of Podman's generator: the container or pod that
// it describes, and what its own command lines run.
func (s *subjects) unit(name string) ([]*launcher.Audited, error) {
	root, rel, err := rooted(name)
	if err != nil {
		return nil, err
	}
	var out []*form.Reading
	if filepath.Ext(name) != ".service" {
		r, err := quadlet.Read(root, rel, quadlet.Options{Version: s.version})
		if err != nil {
			return nil, err
		}
		out = append(out, named(r, name))
	}
	runs, open, err := quadlet.Commands(root, rel, quadlet.Options{Version: s.version})
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		named(r, name)
	}
	if out = append(out, runs...); len(out)+len(open) == 0 {
		return nil, hint.Errorf("a unit runs a container by podman run in its ExecStart=", "auditing %s: no container is run in it", name)
	}
	return s.withUnread(name, out, open), nil
}

// rooted gives a path of the host as one below the root of all files.
func rooted(name string) (fs.FS, string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, "", fmt.Errorf("auditing %s: %w", name, err)
	}
	rel := strings.TrimPrefix(filepath.ToSlash(abs), "/")
	if rel == "" {
		rel = "."
	}
	return os.DirFS("/"), rel, nil
}

// named calls a reading what the user called its file, with the number of its run.
func named(r *form.Reading, name string) *form.Reading {
	_, number, several := strings.Cut(r.Subject, "#")
	if r.File, r.Subject = name, name; several {
		r.Subject += "#" + number
	}
	return r
}

// units audits every unit of a directory.
func (s *subjects) units(dir string) ([]*launcher.Audited, error) {
	root, rel, err := rooted(dir)
	if err != nil {
		return nil, err
	}
	readings, open, err := quadlet.Dir(root, rel, quadlet.Options{Version: s.version})
	if err != nil {
		return nil, err
	}
	for _, r := range readings {
		named(r, filepath.Join(dir, strings.TrimPrefix(strings.TrimPrefix(r.File, "/"), rel)))
	}
	if len(readings)+len(open) == 0 {
		return nil, hint.Errorf("a unit is a file called NAME.container", "auditing %s: there is no unit in it", dir)
	}
	return s.withUnread(dir, readings, open), nil
}
