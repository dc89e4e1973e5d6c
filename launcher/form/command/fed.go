package command

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// shells run what they are given as text.
var shells = []string{"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "ssh", "source", "."}

// fed lists a run in the text that a statement reads (a here-document), unless
// its command does no more than pass text on.
func (sc *script) fed(s *syntax.Stmt) {
	to := sc.commandOf(s)
	if to == "tee" || slices.Contains(silent, to) {
		return
	}
	for _, r := range s.Redirs {
		if sc.holdsRun(r.Hdoc) || r.Op == syntax.WordHdoc && sc.holdsRun(r.Word) {
			sc.hides(s.Pos(), "a run in the text given to "+clip(orElse(to, "a command"))+" is not read")
			return
		}
	}
}

// piped lists a run in the text that a pipe gives to a shell.
func (sc *script) piped(b *syntax.BinaryCmd) {
	to := sc.commandOf(b.Y)
	if b.Op != syntax.Pipe && b.Op != syntax.PipeAll || !slices.Contains(shells, to) {
		return
	}
	x := b.X
	if inner, ok := x.Cmd.(*syntax.BinaryCmd); ok {
		x = inner.Y
	}
	if sc.holdsRun(x) || slices.ContainsFunc(x.Redirs, func(r *syntax.Redirect) bool { return sc.holdsRun(r.Hdoc) }) {
		sc.hides(b.Y.Pos(), "a run in the text given to "+to+" is not read")
	}
}

// commandOf is the name of a statement's command, behind what starts it; "" where
// it is none, or a shell makes it.
func (sc *script) commandOf(s *syntax.Stmt) string {
	c, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return ""
	}
	words := sc.source(c).words
	at := &call{word: len(c.Assigns)}
	for at.word < len(words) && len(words[at.word].spans) == 0 {
		text := words[at.word].text
		name := text[strings.LastIndexByte(text, '/')+1:]
		starter := starterOf(name)
		if starter == nil {
			return name
		}
		at.skip(starter, words)
	}
	return ""
}

// holdsRun tells whether the text of a node names an engine and a verb behind it.
func (sc *script) holdsRun(n syntax.Node) bool {
	if w, ok := n.(*syntax.Word); ok && w == nil {
		return false
	}
	text := sc.text[n.Pos().Offset():min(int(n.End().Offset()), len(sc.text))]
	for _, e := range []string{"podman", "docker"} {
		if _, rest, found := strings.Cut(text, e); found && (strings.Contains(rest, "run") || strings.Contains(rest, "create")) {
			return true
		}
	}
	return false
}
