package audit

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The words of a command line.

// eachCommand hands on the words of the entrypoint and of the arguments. Where one
// is not known the control is open there.
func eachCommand(k *Case, f func(at container.Path, words []string)) {
	for _, row := range []container.Field[[]string]{container.Entrypoint, container.Args} {
		if v, ok := read(k, row); ok {
			f(at(row), words(v))
		}
	}
}

// words parts a command line into words, also what stands in one argument for a
// shell: bash -c "jupyter lab --ServerApp.token=”".
func words(args []string) []string {
	var out []string
	for _, a := range args {
		if !strings.ContainsAny(a, " \t\n") {
			out = append(out, unquote(a))
			continue
		}
		for _, w := range strings.FieldsFunc(a, func(r rune) bool { return strings.ContainsRune(" \t\n;&|()", r) }) {
			out = append(out, unquote(w))
		}
	}
	return out
}

func unquote(w string) string {
	return strings.Map(func(r rune) rune {
		if r == '\'' || r == '"' {
			return -1
		}
		return r
	}, w)
}

// base is the name of the program a word could be; "" of an option.
func base(word string) string {
	if strings.HasPrefix(word, "-") {
		return ""
	}
	return path.Base(word)
}

// valueOf finds an option among words, as --name=value or --name value; ok tells
// whether it is there.
func valueOf(words []string, name string) (value string, ok bool) {
	for i, w := range words {
		if v, is := strings.CutPrefix(w, name+"="); is {
			return v, true
		}
		if w == name && i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
			return words[i+1], true
		}
		if w == name {
			return "", true
		}
	}
	return "", false
}
