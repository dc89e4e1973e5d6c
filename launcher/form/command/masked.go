package command

import (
	"bytes"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Masked is a text of a shell without what looks like a secret. Quotes hide nothing:
// each word is looked at as the program would get it, and one that holds a secret is
// written anew.
func Masked(text string) string {
	tree, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(&shallow{r: bytes.NewReader([]byte(text))}, "")
	if err != nil {
		return container.MaskText(text)
	}
	sc := &script{harvest: &harvest{}, text: text}
	type change struct {
		from, to int
		word     string
	}
	var changes []change
	syntax.Walk(tree, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok {
			return true
		}
		texts := make([]string, len(call.Args))
		for i, w := range call.Args {
			u := sc.word(w)
			texts[i] = u.text
		}
		for i, masked := range container.MaskArgs(texts) {
			if w := call.Args[i]; masked != texts[i] {
				changes = append(changes, change{int(w.Pos().Offset()), int(w.End().Offset()), doubleQuoted(masked)})
				call.Args[i] = &syntax.Word{} // nothing within it is changed once more
			}
		}
		return true
	})
	slices.SortFunc(changes, func(a, b change) int { return b.from - a.from })
	for _, c := range changes {
		text = text[:c.from] + c.word + text[c.to:]
	}
	return container.MaskText(text)
}

// doubleQuoted is a word for a reader; what a shell would put in stays visible.
func doubleQuoted(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r > 0x7f || !literal[byte(r)] && r != '*' }) < 0 {
		return s
	}
	return `"` + strings.NewReplacer(`"`, `\"`, "\n", " ").Replace(s) + `"`
}
