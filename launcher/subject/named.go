package subject

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// Path reads a file by what its name says it is, or a directory of units.
func (f Files) Path(name string) ([]Pending, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, hint.Errorf("ls -l "+name, "auditing %s: %w", name, cause(err))
	case pipe(name, info):
		return nil, hint.Errorf("zlaunch audit - < "+name, "auditing %s: it is a FIFO, and nobody may be writing to it", name)
	case info.IsDir():
		return f.units(name)
	}
	if quadlet.RunsCommands(filepath.ToSlash(name)) {
		unit := quadlet.Beside(filepath.ToSlash(name)) // with which a drop-in is judged
		if _, err := os.Stat(unit); unit != "" && err == nil {
			name = unit
		}
		return f.unit(name)
	}
	if filepath.Base(name) == "profiles.toml" {
		return nil, hint.Errorf("zlaunch audit NAME judges the plan of one; zlaunch list names them", "auditing %s: it holds profiles, and not a run", name)
	}
	data, err := start(name)
	if err != nil {
		return nil, fmt.Errorf("auditing %s: %w", name, err)
	}
	return f.Text(name, data)
}

// Text reads the run lines of a script, or a record of an earlier audit.
func (f Files) Text(name string, text []byte) ([]Pending, error) {
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
	readings, open, err := textfile.ReadBeside(besideOf(name), name, text)
	if err != nil {
		return nil, err
	}
	as := "read as " + textfile.As(name, text)
	out := f.withUnread(name, readings, open)
	for i, p := range out {
		out[i] = func() *Audited {
			a := p()
			a.Notes = append([]string{as}, a.Notes...)
			return a
		}
	}
	return out, nil
}

// besideOf is where a file stands; of a text that is none there is nothing beside.
func besideOf(name string) compose.Beside {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return compose.Beside{}
	}
	root, rel, err := rooted(name)
	if err != nil {
		return compose.Beside{}
	}
	return compose.Beside{FS: root, Path: rel}
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
		out = append(out, Done(AuditUnread(rest, open)))
	}
	return out
}

// unit reads a unit of systemd or of Podman's generator: the container or pod that
// it describes, and what its own command lines run.
func (f Files) unit(name string) ([]Pending, error) {
	root, rel, err := rooted(name)
	if err != nil {
		return nil, err
	}
	var out []*form.Reading
	if ext := filepath.Ext(name); ext == ".container" || ext == ".pod" {
		r, err := quadlet.Read(root, rel, quadlet.Options{Version: f.Version})
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	runs, open, err := quadlet.Commands(root, rel, quadlet.Options{Version: f.Version})
	if err != nil {
		return nil, err
	}
	if why := quadlet.Unread(filepath.ToSlash(name)); why != "" {
		open = append([]form.Open{{Word: -1, Why: why}}, open...)
	}
	if out = append(out, runs...); len(out)+len(open) == 0 {
		return nil, hint.Errorf("a unit runs a container by podman run in its ExecStart=", "auditing %s: no container is run in it", name)
	}
	for _, r := range out {
		rename(r, name)
	}
	return f.withUnread(name, out, open), nil
}

// units reads every unit of a directory and of those below it, and the other files of it.
func (f Files) units(dir string) ([]Pending, error) {
	root, rel, err := rooted(dir)
	if err != nil {
		return nil, err
	}
	readings, open, err := quadlet.Dir(root, rel, quadlet.Options{Version: f.Version})
	if err != nil {
		return nil, err
	}
	others, err := f.others(dir)
	if err != nil {
		return nil, err
	}
	if len(readings)+len(open)+len(others) == 0 {
		return nil, hint.Errorf("a unit is a file called NAME.container", "auditing %s: there is no unit in it, and no file that runs a container", dir)
	}
	for _, r := range readings {
		rename(r, filepath.Join(dir, strings.TrimPrefix(strings.TrimPrefix(r.File, "/"), rel)))
	}
	return append(f.withUnread(dir, readings, open), others...), nil
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
