package shell

import (
	"fmt"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// flow is where what the commands of a text print goes, and where what they read comes
// from: files, pipes and texts that stand beside them.
type flow struct {
	words   words
	streams []stream                      // what exec has opened for all that follows
	shared  []openFile                    // what the text around it has opened for it
	feeder  map[*syntax.Stmt]*syntax.Stmt // of a statement behind a pipe: what stands in front of it
	eater   map[*syntax.Stmt]*syntax.Stmt // of a statement in front of a pipe: what stands behind it
	taken   map[*syntax.Stmt]bool         // what it prints is read as a text of its own
}

// stream is a file to which a shell sends what a run prints, or from which the run is
// given what it reads.
type stream struct {
	file *syntax.Word // nil: there are more than are looked at
	in   bool
}

// Bounds of what is looked at for the files of one run, and of one text.
const (
	maxStreams = 100
	maxLooked  = 1 << 20
)

// streams joins lists of files; what is beyond the bound is one that nobody knows.
func streams(lists ...[]stream) []stream {
	out := slices.Concat(lists...)
	if len(out) > maxStreams {
		out = append(out[:maxStreams:maxStreams], stream{})
	}
	return out
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

// writtenBy are the files that a statement behind a pipe writes, wherever in it: by
// redirections, and by programs that copy what they read.
func (t *tour) writtenBy(s *syntax.Stmt) (out []stream) {
	syntax.Walk(s, func(n syntax.Node) bool {
		t.looked++
		switch n := n.(type) {
		case *syntax.Stmt:
			for _, f := range streamsOf(n.Redirs) {
				if !f.in {
					out = append(out, f)
				}
			}
		case *syntax.CallExpr:
			out = append(out, copiedBy(n.Args)...)
		}
		return len(out) <= maxStreams && t.looked < maxLooked
	})
	if t.looked >= maxLooked {
		out = append(out, stream{})
	}
	return out
}

// copiedBy are the files into which tee and its like copy what they read, whatever
// starts them.
func copiedBy(args []*syntax.Word) (out []stream) {
	is := func(names string) int {
		return slices.IndexFunc(args, func(a *syntax.Word) bool { return oneWordOf(names, path.Base(a.Lit())) })
	}
	at := is("tee sponge dd")
	if by := is("cp install"); at < 0 && by >= 0 && is("stdin") > by {
		at = by
	}
	if at < 0 {
		return nil
	}
	for _, a := range args[at+1:] {
		if !strings.HasPrefix(a.Lit(), "-") {
			out = append(out, stream{a, false})
		}
	}
	return out
}

// redirects keeps what exec without a command says of all that comes behind it.
func (fl *flow) redirects(x *syntax.CallExpr, s *syntax.Stmt) {
	if len(x.Args) == 1 && x.Args[0].Lit() == "exec" {
		fl.streams = streams(fl.streams, streamsOf(s.Redirs))
	}
}

// ownStream tells a file that is the terminal's, or nothing.
func ownStream(name string) bool {
	return strings.Trim(name, "0123456789-") == "" || oneWordOf("/dev/null /dev/stdin /dev/stdout /dev/stderr /dev/tty", name)
}

// openFile is a file that a shell opens for a run.
type openFile struct {
	path command.Value
	in   bool
}

// opened are the files that a shell opens for what runs here: those of the text
// around this one, of exec, and of the commands that it is part of.
func (fl *flow) opened(c context) []openFile {
	out := slices.Clone(fl.shared)
	for _, f := range streams(fl.streams, c.streams) {
		if f.file == nil {
			out = append(out, openFile{path: unknownFile()})
			continue
		}
		w := fl.words.word(f.file)
		v := w.Whole()
		if strings.HasPrefix(v.Text, "of=") { // dd
			v = v.From(len("of="))
		}
		if v.Open() != "" || !ownStream(v.Text) {
			out = append(out, openFile{v, f.in})
		}
	}
	return out
}

func unknownFile() command.Value {
	w := filledBy("redirections")
	return w.Whole()
}

// placed tells whether what runs here prints to a file that is more than a plain name
// beside the script, or reads one.
func (fl *flow) placed(c context) bool {
	return slices.ContainsFunc(fl.opened(c), func(f openFile) bool {
		return f.path.Open() != "" || strings.ContainsAny(f.path.Text[:min(1, len(f.path.Text))], "/~.$")
	})
}

// stream notes the files that a shell opens for a run: what the workload prints is
// written there, with the caller's rights. Of a run in the background it is an id.
func (fl *flow) stream(r *form.Reading, c context) {
	if detached, _, _ := container.Detach.Get(r.Spec); detached {
		return
	}
	mark := container.From(container.Origin{Layer: container.LayerCommandLine, File: fl.words.names.of.file, Key: "redirection"})
	for n, f := range fl.opened(c) {
		key, use := "output", "print"
		if f.in {
			key, use = "input", "feed"
		}
		if n > 0 {
			key = fmt.Sprintf("%s@%d", key, n+1)
		}
		container.HostFiles.Set(r.Spec, key, container.HostFile{Path: f.path.Text, Use: use, Open: f.path.Open() != ""}, mark)
	}
}

// fillers write what they read wherever that says, or do with it what it says.
const fillers = "tar cpio bsdtar unzip dd xargs patch rsync git psql mysql sqlite3 systemd-creds"

// fillsOther lists a pipe from a run into such a program.
func fillsOther(j job) {
	right := j.sc.flow.eater[j.stmt]
	if right == nil {
		return
	}
	x, is := right.Cmd.(*syntax.CallExpr)
	if !is {
		return
	}
	for _, w := range j.sc.words.source(x, j.context).Words[:min(len(x.Args), 4)] { // sudo -u root dd
		if name, known := w.Program(); known && oneWordOf(fillers, name) {
			j.sc.hides(right.Pos(), name+" does what the workload prints, and that is not known")
			return
		}
	}
}
