package quadlet

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// filled reads a word of ExecStart= as systemd does when it starts the unit: "%%"
// is "%" and "$$" is "$", and what is filled in from elsewhere, "%h" or
// "${MODELS}", is a hole. A word that is nothing but $NAME becomes that variable;
// any other dollar is a letter (systemd.service(5), Command lines). No hole is
// ever filled here: a host would be needed.
func filled(word string) (string, []command.Hole) {
	if !strings.ContainsAny(word, "%$") {
		return word, nil
	}
	if word[0] == '$' && len(word) > 1 && word[1] != '$' && word[1] != '{' {
		return word, []command.Hole{{From: 0, To: len(word), Name: word}}
	}
	var b strings.Builder
	var holes []command.Hole
	for i := 0; i < len(word); {
		n, hole := special(word[i:])
		if hole {
			holes = append(holes, command.Hole{From: b.Len(), To: b.Len() + n, Name: word[i : i+n]})
			b.WriteString(word[i : i+n])
		} else {
			b.WriteByte(word[i])
		}
		i += n
	}
	return b.String(), holes
}

// special tells how many bytes of s are one letter or one hole.
func special(s string) (n int, hole bool) {
	if len(s) < 2 || s[0] != '%' && s[0] != '$' {
		return 1, false
	}
	letter := s[1] >= 'a' && s[1] <= 'z' || s[1] >= 'A' && s[1] <= 'Z'
	switch {
	case s[1] == s[0]:
		return 2, false
	case s[0] == '%' && letter:
		return 2, true
	case s[0] == '$' && s[1] == '{':
		if end := strings.IndexByte(s, '}'); end > 0 {
			return end + 1, true
		}
	}
	return 1, false
}
