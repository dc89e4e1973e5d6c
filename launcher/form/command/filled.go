package command

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// Hole is a part of an argument that is filled in before the engine sees it, by
// something that is no shell: systemd, in a unit.
type Hole struct {
	From, To int    // bytes of the argument
	Name     string // as it is written: "%h", "${MODELS}"
}

// ReadFilled is [Read] of arguments with holes, which are listed by the index of
// their argument. The first assigned arguments are variables of the engine's
// environment, NAME=VALUE.
func ReadFilled(args []string, assigned int, holes map[int][]Hole) (*form.Reading, error) {
	n := 0
	words := make([]Word, len(args))
	shown := make([]form.Word, len(args))
	for i, a := range args {
		n += len(a)
		words[i].Text, shown[i] = a, form.Word{Text: a, Raw: a}
		for _, h := range holes[i] {
			words[i].Spans = append(words[i].Spans, Expansion{From: h.From, To: h.To, Name: h.Name})
			words[i].Parts = words[i].Parts || h.From == 0 && h.To == len(a) && a[0] == '$'
		}
	}
	if len(args) > MaxWords || n > MaxArgs {
		return nil, fmt.Errorf("reading a command line: %d words of %d bytes are too many", len(args), n)
	}
	s := Simple{Words: words, Shown: shown, Env: assigned}
	if r := s.Read(); r != nil {
		return r, nil
	}
	return nil, noRun(args)
}
