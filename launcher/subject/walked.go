package subject

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/compose"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/form/textfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/signoff"
)

// read reads one entry of a directory by what it is.
func (w *Walk) read(e entry) entry {
	switch {
	case e.as != "" || e.open != nil:
	case e.mode&fs.ModeSymlink != 0:
		w.link(&e)
	case e.mode&fs.ModeSocket != 0:
		e.as = AsSocket
	default:
		w.file(&e)
	}
	return e
}

// file reads what is no directory, and whatever a link leads to.
func (w *Walk) file(e *entry) {
	switch {
	case e.set != nil && e.set.IsDropin(e.path), e.isOverride():
		e.as = AsWith
	case quadlet.RunsCommands(e.path):
		w.unit(e)
	default:
		w.text(e)
	}
}

// link reads what a link leads to, unless that is read where it lies: it runs as what the
// link is called.
func (w *Walk) link(e *entry) {
	host := string(os.PathSeparator) + filepath.FromSlash(e.path)
	to, err := filepath.EvalSymlinks(host)
	var info fs.FileInfo
	if err == nil {
		info, err = os.Stat(to)
	}
	at, inside := "", false
	if err == nil {
		at, inside = w.inside(to)
	}
	switch {
	case err != nil && quadlet.RunsCommands(e.path):
		w.unit(e)
	case err != nil:
		e.unread(cause(err))
	case inside && (info.IsDir() || w.alike(at, e.path)):
		e.as = AsLink
	case info.IsDir():
		e.open = []string{fmt.Sprintf("%s is a symlink to a directory, and what is below that is not read", e.name)}
	case info.Mode()&fs.ModeSocket != 0:
		e.as = AsSocket
	default:
		w.file(e)
	}
}

// alike tells whether a file is read as the same by two names.
func (w *Walk) alike(one, other string) bool {
	if path.Base(one) == path.Base(other) {
		return true
	}
	text, err := start(w.under, one)
	return err == nil && !quadlet.RunsCommands(one) && !quadlet.RunsCommands(other) && textfile.As(one, text) == textfile.As(other, text)
}

// isOverride tells a file that Compose reads with another one beside it.
func (e *entry) isOverride() bool {
	return slices.ContainsFunc(compose.Overridden(path.Base(e.path)), func(name string) bool {
		_, has := slices.BinarySearchFunc(e.with, name, func(d fs.DirEntry, name string) int { return strings.Compare(d.Name(), name) })
		return has
	})
}

// unread makes a subject of a file that cannot be read.
func (e *entry) unread(why error) {
	e.subjects(Done(AuditUnread(e.name, []form.Open{{Word: -1, Why: "it is not read: " + why.Error()}})))
}

// subjects are what a file runs; none: it runs nothing.
func (e *entry) subjects(found ...Pending) {
	if e.as, e.found = AsSubject, found; len(found) == 0 {
		e.as = AsNone
	}
}

// unit reads a unit among those that it stands with.
func (w *Walk) unit(e *entry) {
	if e.set == nil { // a drop-in, and nothing of its unit
		e.set, _ = quadlet.NewSet(w.under, []string{path.Dir(e.path)}, quadlet.Options{Version: w.files.Version})
	}
	found, err := w.files.unit(e.set, e.set.Unit, compose.Beside{FS: w.under, Path: e.path, Reads: w.reads}, e.name)
	if err != nil {
		e.unread(err)
		return
	}
	if e.subjects(found...); len(found) == 0 && path.Ext(e.path) == ".kube" {
		e.as = AsWith
	}
}

// text reads any other file. Of what is no text, and of a record of an audit, nothing is
// said where it names no engine.
func (w *Walk) text(e *entry) {
	text, err := start(w.under, e.path)
	names := func() bool { return len(shell.Mentions(string(text), nil)) > 0 }
	switch envelope := signoff.IsEnvelope(text); {
	case IsEvidence(text), envelope && !names():
		e.as = AsRecord
		return
	case envelope:
		err = errors.New("it is a signed record, and names an engine")
	case isProgram(text) && !names():
		e.as = AsBinary
		return
	case isProgram(text):
		err = errors.New("it is no text, and names an engine")
	case err == nil && path.Ext(e.path) == ".toml" && (path.Base(e.path) == "profiles.toml" || profile.Defines(text)):
		e.as = AsProfiles
		return
	}
	if err != nil {
		e.unread(err)
		return
	}
	runs, open, err := textfile.ReadBeside(compose.Beside{FS: w.under, Path: e.path, Reads: w.reads}, e.name, text)
	switch {
	case err != nil && !errors.Is(err, textfile.ErrNone):
		e.unread(err)
	case len(runs) == 0 && len(open) > 0 && textfile.Vague(open):
		e.as = AsMay
		for _, o := range open {
			e.open = append(e.open, e.name+": "+o.Why)
		}
	default:
		e.subjects(readAs(textfile.As(e.name, text), w.files.withUnread(e.name, runs, open))...)
	}
}

// isProgram tells whether a file is no text: it holds a NUL, and is none in UTF-16.
func isProgram(text []byte) bool {
	return bytes.IndexByte(text, 0) >= 0 && !bytes.HasPrefix(text, []byte{0xff, 0xfe}) && !bytes.HasPrefix(text, []byte{0xfe, 0xff})
}

// start reads a file as far as any is read. An error may come with what was read.
func start(fsys fs.FS, name string) ([]byte, error) {
	if info, err := fs.Stat(fsys, name); err != nil || !info.Mode().IsRegular() { // a FIFO would wait for ever
		return nil, cmp.Or(cause(err), errors.New("it is no regular file"))
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		return data, fmt.Errorf("it is larger than %d MiB", MaxFile>>20)
	}
	return data, cause(err)
}
