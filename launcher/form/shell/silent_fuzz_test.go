package shell

import (
	"math/rand/v2"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// FuzzNothingIsSilent: whatever text stands in front of a run, or around it, the run is
// read or the text is open. A text that no shell would take alone is left out, for the
// run might be a part of its quotes.
func FuzzNothingIsSilent(f *testing.F) {
	seeds(f)
	h := &hider{Rand: rand.New(rand.NewPCG(7, 7))}
	for range 50 {
		f.Add(h.script())
	}
	for _, line := range harmlessLines {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 || !takes(text) {
			return
		}
		for _, around := range []string{
			"%\n\npodman run --privileged x/y:1\n", "%\n\nd\"\"ocker exec --privileged c sh\n", "f() {\n%\n\npodman run --privileged x/y:1\n}\nf a b\n",
			"%\n\ne=podman\n$e run --privileged x/y:1\n", "%\n\nbash -c 'p\\odman run --privileged x/y:1'\n", "podman run --privileged x/y:1\n%\n",
		} {
			runs, open, err := Script("f", []byte(strings.Replace(around, "%", text, 1)))
			if err == nil && len(runs)+len(open) == 0 {
				t.Fatalf("silent: %q in %q", text, around)
			}
		}
	})
}

// takes tells whether a shell takes a text, and what follows it as a command.
func takes(text string) bool {
	tree, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text+"\n\n:\n"), "")
	if err != nil || len(tree.Stmts) == 0 {
		return false
	}
	last, is := tree.Stmts[len(tree.Stmts)-1].Cmd.(*syntax.CallExpr)
	return is && len(last.Args) == 1 && last.Args[0].Lit() == ":" && int(last.Pos().Offset()) >= len(text)
}
