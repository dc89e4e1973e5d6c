package subject

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/compose"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/textfile"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/signature"
	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// MaxFile bounds a file that is audited, in bytes.
const MaxFile = 16 << 20

// Files reads the runs of what the words of a command line name, but for profiles.
type Files struct {
	Version string          // of Podman, for the keys a unit may use; "" the newest known
	Under   *container.Spec // see [AuditReading]
	// Signers are those whose signature of a record is taken; nil for nobody's.
	Signers func() (signature.AllowedSigners, error)
}

// IsPath tells a path from the name of a profile, which holds neither '/' nor '.'.
func IsPath(word string) bool { return strings.ContainsAny(word, "/.") }

// Path reads a file by what its name says it is. All of a directory is read before it is
// judged: [Files.Walk] does not.
func (f Files) Path(name string) ([]Pending, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, hint.Errorf("ls -l "+name, "auditing %s: %w", name, cause(err))
	case pipe(name, info):
		return nil, hint.Errorf("zlaunch audit - < "+name, "auditing %s: it is a FIFO, and nobody may be writing to it", name)
	case info.IsDir():
		return allOf(f, name)
	}
	if quadlet.RunsCommands(filepath.ToSlash(name)) {
		unit := quadlet.Beside(filepath.ToSlash(name)) // with which a drop-in is judged
		if _, err := os.Stat(unit); unit != "" && err == nil {
			name = unit
		}
		return f.single(name)
	}
	if filepath.Base(name) == "profiles.toml" {
		return nil, hint.Errorf("zlaunch audit NAME judges the plan of one; zlaunch list names them", "auditing %s: it holds profiles, and not a run", name)
	}
	root, rel, err := rooted(name)
	if err != nil {
		return nil, err
	}
	if base := slices.IndexFunc(compose.Overridden(path.Base(rel)), func(base string) bool {
		info, err := fs.Stat(root, path.Join(path.Dir(rel), base))
		return err == nil && info.Mode().IsRegular()
	}); base >= 0 {
		base := compose.Overridden(path.Base(rel))[base]
		name, rel = filepath.Join(filepath.Dir(name), base), path.Join(path.Dir(rel), base) // which it overrides
	}
	data, err := start(root, rel)
	if err != nil {
		return nil, fmt.Errorf("auditing %s: %w", name, err)
	}
	return f.text(compose.Beside{FS: root, Path: rel}, name, data)
}

// allOf reads all of a directory.
func allOf(f Files, dir string) ([]Pending, error) {
	w, err := f.Walk(dir)
	if err != nil {
		return nil, err
	}
	return slices.Collect(w.Subjects(context.Background())), w.Nothing()
}

// Text reads the run lines of a script, or a record of an earlier audit. Of files that it
// names nothing is read.
func (f Files) Text(name string, text []byte) ([]Pending, error) {
	return f.text(compose.Beside{}, name, text)
}

// text is [Files.Text] of a file that may name others.
func (f Files) text(beside compose.Beside, name string, text []byte) ([]Pending, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("auditing %s: it is larger than %d MiB", name, MaxFile>>20)
	}
	if IsEvidence(text) {
		a, err := AuditEvidence(name, text)
		return []Pending{Done(a)}, err
	}
	if signoff.IsEnvelope(text) {
		a, err := f.signed(name, text)
		return []Pending{Done(a)}, err
	}
	readings, open, err := textfile.ReadBeside(beside, name, text)
	if err != nil {
		return nil, err
	}
	return readAs(textfile.As(name, text), f.withUnread(name, readings, open)), nil
}

// readAs notes of subjects what their file is read as.
func readAs(kind string, out []Pending) []Pending {
	for i, p := range out {
		out[i] = func() *Audited {
			a := p()
			a.Notes = append([]string{"read as " + kind}, a.Notes...)
			return a
		}
	}
	return out
}

// Line reads one command line that came word by word.
func (f Files) Line(args []string) ([]Pending, error) {
	r, err := command.Read(args)
	if err != nil {
		return nil, err
	}
	return []Pending{func() *Audited { return AuditReading(r, f.Under) }}, nil
}

// withUnread adds what a file runs and cannot be read, as a subject of its own.
func (f Files) withUnread(name string, in []*form.Reading, open []form.Open) []Pending {
	var out []Pending
	for _, r := range in {
		out = append(out, func() *Audited {
			a := AuditReading(r, f.Under)
			a.Beside = len(open) > 0 && a.File == name
			return a
		})
	}
	if len(open) > 0 {
		rest := name
		if len(in) > 0 {
			rest += " (the rest)"
		}
		a := AuditUnread(rest, open)
		a.File = name
		out = append(out, Done(a))
	}
	return out
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

// rename calls a reading what the user called its file, with the number of its run.
func rename(r *form.Reading, name string) {
	_, number, several := strings.Cut(r.Subject, "#")
	if r.File, r.Subject = name, name; several {
		r.Subject += "#" + number
	}
}

// readFile reads a small file of ours.
func readFile(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && pipe(path, info) {
		return nil, fmt.Errorf("reading %s: it is a FIFO", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, cause(err))
	}
	return data, nil
}

// pipe tells a named pipe from one that a shell made for this very call.
func pipe(name string, info fs.FileInfo) bool {
	return info.Mode()&fs.ModeNamedPipe != 0 && !strings.HasPrefix(name, "/dev/fd/") && !strings.HasPrefix(name, "/proc/")
}

func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
