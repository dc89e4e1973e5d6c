package command

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// stream is a file to which a shell sends what a run prints, or from which the run is
// given what it reads.
type stream struct {
	file *syntax.Word
	in   bool
}

// streamsOf are the files of redirections.
func streamsOf(rs []*syntax.Redirect) (out []stream) {
	for _, r := range rs {
		switch r.Op {
		case syntax.RdrIn:
			out = append(out, stream{r.Word, true})
		case syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc, syntax.DplIn:
		default:
			out = append(out, stream{r.Word, false})
		}
	}
	return out
}

// writtenBy are the files that a statement behind a pipe writes: its own, and those
// that tee copies to.
func writtenBy(s *syntax.Stmt) (out []stream) {
	for _, f := range streamsOf(s.Redirs) {
		if !f.in {
			out = append(out, f)
		}
	}
	x, is := s.Cmd.(*syntax.CallExpr)
	if !is {
		return out
	}
	copies := false
	for _, a := range x.Args {
		if lit := a.Lit(); !copies {
			copies = path.Base(lit) == "tee"
		} else if !strings.HasPrefix(lit, "-") {
			out = append(out, stream{a, false})
		}
	}
	return out
}

// redirects keeps what exec without a command says of all that comes behind it.
func (sc *script) redirects(x *syntax.CallExpr, s *syntax.Stmt) {
	if len(x.Args) == 1 && x.Args[0].Lit() == "exec" {
		sc.streams = append(sc.streams, streamsOf(s.Redirs)...)
	}
}

// ownStream tells a file that is the terminal's, or nothing.
func ownStream(name string) bool {
	return strings.Trim(name, "0123456789-") == "" || oneWordOf("/dev/null /dev/stdin /dev/stdout /dev/stderr /dev/tty", name)
}

// maxStreams bounds the files that are kept of one run.
const maxStreams = 100

// openFile is a file that a shell opens for a run.
type openFile struct {
	path value
	in   bool
}

// opened are the files that a shell opens for what runs here: those of the text
// around this one, of exec, and of the commands that it is part of.
func (sc *script) opened(c context) []openFile {
	out := slices.Clone(sc.shared)
	for _, f := range slices.Concat(sc.streams, c.streams) {
		w := sc.word(f.file)
		if v := w.whole(); len(out) < maxStreams && (v.open() != "" || !ownStream(v.s)) {
			out = append(out, openFile{v, f.in})
		}
	}
	return out
}

// stream notes the files that a shell opens for a run: what the workload prints is
// written there, with the caller's rights. Of a run in the background it is an id.
func (sc *script) stream(r *form.Reading, c context) {
	if detached, _, _ := container.Detach.Get(r.Spec); detached {
		return
	}
	mark := container.From(container.Origin{Layer: container.LayerCommandLine, File: sc.file, Key: "redirection"})
	for n, f := range sc.opened(c) {
		key, use := "output", "print"
		if f.in {
			key, use = "input", "feed"
		}
		if n > 0 {
			key = fmt.Sprintf("%s@%d", key, n+1)
		}
		container.HostFiles.Set(r.Spec, key, container.HostFile{Path: f.path.s, Use: use, Open: f.path.open() != ""}, mark)
	}
}
