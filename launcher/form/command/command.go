// Package command reads podman-run(1), podman-create(1) and docker-run lines that
// somebody else wrote into the container spec, and writes them back mended.
//
// Podman parses a line with some two hundred flags, which it declares anew for
// every command. Here one static table (see [option]) holds them, and a splitter
// of its own follows pflag's rules, because a flag set for each line would cost
// more than all the rest of an audit. What is read is held against the request
// that Podman's own client sends for the same line.
//
// Nothing is expanded, no file is opened and no variable looked up: a word in
// which a shell would put something is open, and named.
package command

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Limits of what is read. Linux passes no more than 2 MiB of arguments to a
// program; a script is generated text at most.
const (
	maxWords = 100_000
	maxArgs  = 4 << 20
	maxText  = 16 << 20
)

// Read reads an argument vector whose first word is podman or docker, or one of
// the commands that start another (sudo, env, nohup, systemd-run …). What it
// cannot know it lists in the reading; an error means that there is no run to
// read.
func Read(args []string) (*form.Reading, error) {
	n := 0
	words := make([]word, len(args))
	shown := make([]form.Word, len(args))
	for i, a := range args {
		n += len(a)
		words[i].text, shown[i] = a, form.Word{Text: a, Raw: a}
	}
	if len(args) > maxWords || n > maxArgs {
		return nil, fmt.Errorf("reading a command line: %d words of %d bytes are too many", len(args), n)
	}
	s := source{words: words, shown: shown}
	r := s.read()
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
	return hint.Errorf("begin with podman run or docker run", "reading a command line: %s is no podman or docker run", clip(first))
}

// source is one simple command, split into words.
type source struct {
	file  string
	words []word
	shown []form.Word
	env   int // how many words in front are assignments
}

// read reads the command; nil is that it is no run.
func (s source) read() *form.Reading {
	call := findCall(s.words, s.env)
	if call == nil {
		return nil
	}
	r, verb := s.global(call)
	if verb < 0 {
		return nil
	}
	return r.run(call, verb)
}

// global reads what stands in front of the verb, and returns where a verb stands that
// makes a container; -1 is none.
func (s source) global(c *call) (*reader, int) {
	r := newReader(s, c.engine)
	return r, r.global(c)
}

// run reads what stands behind the verb.
func (r *reader) run(c *call, verb int) *form.Reading {
	r.surroundings(r.words, c)
	if r.words[verb].text == "pod" {
		r.pod(verb + 2)
		return r.out
	}
	r.options(verb + 1)
	r.finish()
	if why := ofItsOwn(lastOf(r.words[c.word].text)); why != "" {
		r.out.Open = append(r.out.Open, form.Open{Word: c.word, Why: why})
	}
	return r.out
}

// lastOf is the last element of a path.
func lastOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func newReader(s source, e engine) *reader {
	spec := &container.Spec{}
	r := &reader{
		file: s.file, words: s.words, docker: e == docker, spec: spec, numbers: make([]int, len(s.words)),
		out: &form.Reading{File: s.file, Subject: "command line", Engine: e.String(), Spec: spec, Words: s.shown, At: make(map[container.Path][]int, 24)},
	}
	if s.file != "" {
		r.out.Subject = s.file
	}
	for i := range r.numbers {
		r.numbers[i] = i
	}
	return r
}

// clip bounds what a hostile word costs and shows, and quotes what a terminal
// would act on.
func clip(s string) string {
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
