package compose

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// project is what the names of a project begin with.
func (r *reader) project() string {
	for i := len(r.layers) - 1; i >= 0; i-- {
		if n := resolved(r.field(r.layers[i].top, "name")); n != nil && projectName().MatchString(n.Value) {
			return n.Value
		}
	}
	if dir := strings.ToLower(path.Base(path.Dir(r.beside.Path))); projectName().MatchString(dir) {
		return dir
	}
	return "project"
}

// projectName is what Compose takes as one: compose-spec, name.
var projectName = lazyregexp.New(`^[a-z0-9][a-z0-9_-]*$`)

// read reads the made line by the reader of command lines, and leads what it says back to
// the words of the file.
func (s *service) read() {
	if !s.network {
		joinDefault(s)
	}
	line := slices.Concat([]argument{{plain(s.engine), -1}, {plain("run"), -1}}, s.args)
	if s.image != nil {
		line = append(line, argument{plain("--"), -1}, *s.image)
		line = append(line, s.command...)
	}
	words, shownWords := make([]command.Word, len(line)), make([]form.Word, len(line))
	for i, a := range line {
		words[i] = command.Word{Text: a.text, Spans: a.holes, Homes: a.homes}
		shownWords[i] = form.Word{Text: a.text}
	}
	simple := command.Simple{Words: words, Shown: shownWords}
	got := simple.Read()
	if got == nil { // it begins with an engine and run
		s.out.Spec, s.out.At = &container.Spec{}, map[container.Path][]int{}
		s.wrong(-1, "it is not read")
		return
	}
	s.out.Spec, s.out.At = got.Spec, map[container.Path][]int{}
	for p, at := range got.At {
		s.out.At[p] = back(line, at)
		markService(s, p)
	}
	for _, o := range got.Open {
		s.said(line, o)
	}
	for _, o := range got.Aside {
		if o.Word >= 0 {
			o.Word = line[o.Word].word
		}
		s.out.Aside = append(s.out.Aside, o)
	}
	s.entrypoint()
}

// joinDefault joins the network of the project, of which the files may say what it is.
func joinDefault(s *service) {
	word := -1
	for _, l := range s.layers {
		for _, p := range s.pairs(s.field(l.top, "networks"), nil) {
			if p.key.Value == "default" {
				s.at = l
				word = s.word("networks", p.key)
			}
		}
	}
	s.option(word, "network", outside(s, word, plain("default")))
}

// back are the words of the file that say some arguments, each once.
func back(line []argument, at []int) []int {
	var out []int
	for _, i := range at {
		if w := line[i].word; w >= 0 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// markService says of a setting where it stands, or that Compose decides it.
func markService(s *service, p container.Path) {
	o := container.Origin{Layer: container.LayerEngine, Key: "compose"}
	if at := s.out.At[p]; len(at) > 0 {
		w := s.out.Words[at[0]]
		key, _, _ := strings.Cut(w.Text, ": ")
		o = container.Origin{Layer: container.LayerProject, File: w.File, Key: key}
		if o.File == "" {
			o.File = s.out.File
		}
	}
	s.out.Spec.Remark(p, container.From(o))
}

// said lists what the reader of lines could not know.
func (s *service) said(line []argument, o form.Open) {
	word := -1
	if o.Word >= 0 && o.Word < len(line) {
		word = line[o.Word].word
	}
	why := strings.Replace(o.Why, " is expanded by the shell", " is filled in by whoever calls Compose", 1)
	if head, rest, has := strings.Cut(why, ": "); has && strings.HasPrefix(head, "--") && word >= 0 {
		key, _, _ := strings.Cut(s.out.Words[word].Text, ": ")
		why = key + ": " + rest
	}
	switch {
	case o.At.Key == container.Image.Key() && o.Word < 0 && s.built != nil:
		word, why, o.Unknown = s.built.word, "build: makes the image, and it is not there to be looked at", false
	case o.At.Key == container.Image.Key() && o.Word < 0:
		why = "the service names no image"
	}
	if len(s.out.Open) < maxOpen {
		s.out.Open = append(s.out.Open, form.Open{At: o.At, Word: word, Why: why, Unknown: o.Unknown})
	}
}

// entrypoint sets what no option of docker says: more than one word.
func (s *service) entrypoint() {
	if !s.entrySaid {
		return
	}
	p := container.Path{Key: container.Entrypoint.Key()}
	argv := []string{}
	s.out.At[p] = back(s.entry, indexes(s.entry))
	for _, a := range s.entry {
		argv = append(argv, a.text)
		if a.open() {
			s.leave(a.word, p, "%s is filled in by whoever calls Compose", shown(a.holes[0].Name))
		}
	}
	container.Entrypoint.Set(s.out.Spec, argv, container.Mark{})
	markService(s, p)
}

func indexes(in []argument) []int {
	out := make([]int, len(in))
	for i := range in {
		out[i] = i
	}
	return out
}
