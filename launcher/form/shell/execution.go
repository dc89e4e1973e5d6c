package shell

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// execution judges the options of exec: a program gets no more than its container
// has, but by --privileged and as root.
func execution(words []command.Word) string {
	for i := 0; i < len(words); i++ {
		w := words[i]
		if len(w.Spans) > 0 && w.Spans[0].From == 0 && (w.Parts || i == 0) {
			return command.Clip(w.Spans[0].Name) + " might be any option"
		}
		if !strings.HasPrefix(w.Text, "-") || w.Text == "-" {
			return ""
		}
		name, value, has := strings.Cut(w.Text, "=")
		long := strings.HasPrefix(name, "--")
		switch {
		case long && strings.HasPrefix(name, "--privileged"):
			if value != "false" {
				return "--privileged gives the program every capability"
			}
			continue
		case long && oneWordOf("--detach --interactive --tty --latest --no-session --help", name):
			continue
		case long && !oneWordOf("--user --env --env-file --workdir --detach-keys --preserve-fds --preserve-fd --cidfile", name):
			return command.Clip(name) + " is no option that is judged"
		case !long && strings.Trim(w.Text[1:], "ditl") == "":
			continue
		case !long:
			at := strings.IndexAny(w.Text[1:], "uew") + 1
			if at < 1 || strings.Trim(w.Text[1:at], "ditl") != "" {
				return command.Clip(w.Text) + " is no option that is judged"
			}
			name, value, has = "-"+w.Text[at:at+1], strings.TrimPrefix(w.Text[at+1:], "="), at+1 < len(w.Text)
		}
		if !has && i+1 < len(words) {
			i++
			value = words[i].Text
			if len(words[i].Spans) > 0 && (name == "-u" || name == "--user") {
				return "runs the program as whoever " + command.Clip(words[i].Spans[0].Name) + " is"
			}
		}
		if name == "-u" || name == "--user" {
			if user, _, _ := strings.Cut(value, ":"); user == "root" || strings.Trim(user, "0") == "" {
				return "runs the program as root of the container"
			}
		}
	}
	return ""
}

// oneWordOf tells whether s is one of the words of a list.
func oneWordOf(list, s string) bool {
	if s == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(list[from:], s)
		if i < 0 {
			return false
		}
		i += from
		from = i + len(s)
		if (i == 0 || list[i-1] <= ' ') && (from == len(list) || list[from] <= ' ') {
			return !strings.ContainsAny(s, " \t\n")
		}
	}
}
