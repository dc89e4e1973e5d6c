// Package command reads the words of a podman-run(1), podman-create(1), docker-run or
// podman-pod-create(1) command that somebody else wrote into the container spec, and
// writes a spec as options of them (see [Write]).
//
// Podman parses a line with some two hundred flags, which it declares anew for
// every command. Here one static table (see [option]) holds them, and a splitter
// of its own follows pflag's rules, because a flag set for each line would cost
// more than all the rest of an audit. What is read is held against the request
// that Podman's own client sends for the same line.
//
// Nothing is expanded, no file is opened and no variable looked up: a word in
// which a shell would put something is open, and named. What a shell makes of a text
// is for package shell to say.
package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Limits of what is read. Linux passes no more than 2 MiB of arguments to a
// program; a script is generated text at most.
const (
	MaxWords = 100_000
	MaxArgs  = 4 << 20
)

// Read reads an argument vector whose first word is podman or docker, or one of
// the commands that start another (sudo, env, nohup, systemd-run …). What it
// cannot know it lists in the reading; an error means that there is no run to
// read.
func Read(args []string) (*form.Reading, error) {
	n := 0
	words := make([]Word, len(args))
	shown := make([]form.Word, len(args))
	for i, a := range args {
		n += len(a)
		words[i].Text, shown[i] = a, form.Word{Text: a, Raw: a}
	}
	if len(args) > MaxWords || n > MaxArgs {
		return nil, fmt.Errorf("reading a command line: %d words of %d bytes are too many", len(args), n)
	}
	s := Simple{Words: words, Shown: shown}
	r := s.Read()
	if r == nil {
		return nil, noRun(args)
	}
	return r, nil
}

func noRun(args []string) error {
	first := ""
	if len(args) > 0 {
		first = args[0]
	}
	return hint.Errorf("begin with podman run or docker run", "reading a command line: %s is no podman or docker run", Clip(first))
}

// Simple is one simple command, split into words.
type Simple struct {
	File  string
	Words []Word
	Shown []form.Word
	Env   int // how many words in front are assignments
}

// Read reads the command; nil is that it is no run.
func (s Simple) Read() *form.Reading {
	call := findCall(s.Words, s.Env)
	if call == nil {
		return nil
	}
	if f := s.Front(call); f.Makes != nil {
		return f.Makes()
	}
	return nil
}

// Front is what stands in front of the verb of an engine's command.
type Front struct {
	Makes  func() *form.Reading // reads the run; nil where the verb makes no container
	Verb   int                  // the word behind the options; 0 is that none stands there
	Hidden string               // why it may be a run all the same
	Doubt  string               // why it is not known what the command does
}

// Front reads what stands in front of the verb.
func (s Simple) Front(c *Call) Front {
	l := newLine(s, c.Engine)
	verb := l.global(c)
	f := Front{Verb: l.verbAt, Hidden: l.hidden}
	if verb >= 0 {
		f.Makes = func() *form.Reading { return l.run(c, verb) }
	}
	if open := l.reader.out.Open; slices.ContainsFunc(open, func(o form.Open) bool { return o.At.Key == "" }) {
		f.Doubt = open[0].Why
	}
	return f
}

// run reads what stands behind the verb.
func (l *line) run(c *Call, verb int) *form.Reading {
	surroundings(l.reader, l.words, c)
	if l.words[verb].Text == "pod" {
		l.pod(verb + 2)
		return l.reader.out
	}
	l.options(verb + 1)
	finish(l.reader)
	if why := ofItsOwn(LastOf(l.words[c.Word].Text)); why != "" {
		l.reader.out.Open = append(l.reader.out.Open, form.Open{Word: c.Word, Why: why})
	}
	return l.reader.out
}

// LastOf is the last element of a path.
func LastOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func newLine(s Simple, e engine) *line {
	spec := &container.Spec{}
	r := &reader{
		file: s.File, docker: e == docker, spec: spec, numbers: make([]int, len(s.Words)),
		out: &form.Reading{File: s.File, Subject: "command line", Engine: e.String(), Spec: spec, Words: s.Shown, At: make(map[container.Path][]int, 24)},
	}
	if s.File != "" {
		r.out.Subject = s.File
	}
	for i := range r.numbers {
		r.numbers[i] = i
	}
	return &line{reader: r, words: s.Words}
}

// Clip bounds what a hostile word costs and shows, and quotes what a terminal
// would act on.
func Clip(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	for _, c := range s {
		if c < ' ' || c > '~' && c != '…' {
			return fmt.Sprintf("%+q", s)
		}
	}
	return s
}

// Replace puts words in the place of one.
func (s *Simple) Replace(at int, with []Word) {
	shown := make([]form.Word, len(with))
	for i, w := range with {
		shown[i] = s.Shown[at]
		shown[i].Text, shown[i].Raw = w.Text, w.Quoted()
	}
	s.Words = slices.Replace(slices.Clone(s.Words), at, at+1, with...)
	s.Shown = slices.Replace(slices.Clone(s.Shown), at, at+1, shown...)
}
