package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
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
func plain(file, text string) (command.Simple, bool) {
	text = strings.TrimSuffix(text, "\n")
	n := 1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ' || c == '\t':
			n++
		case !literal[c]:
			return command.Simple{}, false
		}
	}
	s := command.Simple{File: file, Words: make([]command.Word, 0, n), Shown: make([]form.Word, 0, n)}
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
		s.Words = append(s.Words, command.Word{Text: w})
		s.Shown = append(s.Shown, form.Word{Text: w, Line: 1, Col: i + 1, Raw: w})
		i = end
	}
	if len(s.Words) == 0 || len(s.Words) > command.MaxWords {
		return command.Simple{}, false
	}
	switch first := s.Words[0].Text; first[strings.LastIndexByte(first, '/')+1:] {
	case "podman", "docker", "sudo":
		return s, !strings.Contains(first, "=")
	}
	return command.Simple{}, false
}

// Line reads a text that is one command.
func Line(text string) (*form.Reading, error) {
	if len(text) <= command.MaxArgs {
		if s, ok := plain("", text); ok {
			if r := s.Read(); r != nil {
				r.Lines = []string{strings.TrimSuffix(text, "\n")}
				return r, nil
			}
		}
	}
	return oneOf(Script("", []byte(text)))
}
