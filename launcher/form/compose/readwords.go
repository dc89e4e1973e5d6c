package compose

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// readWords reads an argument vector, or one text that is split as a shell would.
func readWords(s *service, k key, p pair) {
	var out []argument
	n := resolved(p.value)
	if n.Kind == yaml.ScalarNode {
		v, w, _ := s.scalar(k.name, n)
		for _, word := range split(v) {
			out = append(out, argument{word, w})
		}
	} else {
		s.each(k.name, n, func(v filled, w int) { out = append(out, argument{v, w}) })
	}
	if k.name == "entrypoint" {
		s.entry, s.entrySaid = out, true
		return
	}
	s.command = out
}

// split parts a text into words at blanks, but for those in quotes.
func split(v filled) []filled {
	var out []filled
	var text strings.Builder
	var word filled
	quote, begun, next := byte(0), false, 0
	end := func() {
		if begun {
			word.text = text.String()
			out = append(out, word)
		}
		text.Reset()
		word, begun = filled{}, false
	}
	for i := 0; i < len(v.text); i++ {
		c := v.text[i]
		switch {
		case next < len(v.holes) && v.holes[next].From == i:
			h := v.holes[next]
			word.holes = append(word.holes, command.Expansion{From: text.Len(), To: text.Len() + h.To - i, Name: h.Name})
			text.WriteString(v.text[i:h.To])
			i, next, begun = h.To-1, next+1, true
			continue
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			end()
			continue
		case quote == 0 && (c == '\'' || c == '"'):
			quote, begun = c, true
			continue
		case c == quote:
			quote = 0
			continue
		case c == '\\' && quote != '\'' && i+1 < len(v.text):
			i++
			c = v.text[i]
		}
		text.WriteByte(c)
		begun = true
	}
	end()
	return out
}

// readCheck reads the test of a health check.
func readCheck(s *service, k key, p pair) {
	var words []filled
	at := -1
	s.each(k.name, p.value, func(v filled, w int) { words, at = append(words, v), w })
	if len(words) == 0 {
		return
	}
	switch head := words[0].text; {
	case head == "NONE":
		s.option(at, "no-healthcheck", plain("true"))
	case len(words) > 1 && (head == "CMD" || head == "CMD-SHELL"):
		all := words[1]
		for _, w := range words[2:] {
			all = all.and(plain(" ")).and(w)
		}
		s.option(at, "health-cmd", all)
	default:
		s.option(at, "health-cmd", words[0])
	}
}
