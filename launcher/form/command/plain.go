package command

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// literal are the bytes that a shell reads as themselves wherever they stand in a
// word that follows a command's name.
var literal = func() (out [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-") {
		out[c] = true
	}
	return out
}()

// plain splits a line that holds nothing but literal bytes and blanks and begins
// with the name of an engine or of sudo. Any other line needs the shell's grammar.
func plain(file, text string) (source, bool) {
	text = strings.TrimSuffix(text, "\n")
	n := 1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ' || c == '\t':
			n++
		case !literal[c]:
			return source{}, false
		}
	}
	s := source{file: file, words: make([]word, 0, n), shown: make([]form.Word, 0, n)}
	for i := 0; i < len(text); {
		if text[i] == ' ' || text[i] == '\t' {
			i++
			continue
		}
		end := i
		for end < len(text) && text[end] != ' ' && text[end] != '\t' {
			end++
		}
		w := text[i:end]
		s.words = append(s.words, word{text: w})
		s.shown = append(s.shown, form.Word{Text: w, Line: 1, Col: i + 1, Raw: w})
		i = end
	}
	if len(s.words) == 0 || len(s.words) > maxWords {
		return source{}, false
	}
	switch first := s.words[0].text; first[strings.LastIndexByte(first, '/')+1:] {
	case "podman", "docker", "sudo":
		return s, !strings.Contains(first, "=")
	}
	return source{}, false
}

// Line reads a text that is one command.
func Line(text string) (*form.Reading, error) {
	if len(text) <= maxArgs {
		if s, ok := plain("", text); ok {
			if r := s.read(); r != nil {
				r.Lines = []string{strings.TrimSuffix(text, "\n")}
				return r, nil
			}
		}
	}
	return oneOf(Script("", []byte(text)))
}
