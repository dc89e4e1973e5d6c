package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

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

func remoteControl(k *Case) {
	eachCommand(k, func(path container.Path, words []string) {
		for _, what := range remotes(words) {
			k.FailAs(controlled(k, what.shell), path, "%s must not have %q: %s", path.Key, what.words, what.why)
		}
	})
}

// controlled grades remote control by who reaches a port of the container. A shell
// on loopback is one for every user of the host.
func controlled(k *Case, shell bool) Severity {
	switch far := widest(k.Spec); {
	case far > loopback:
		return k.control.Severity
	case far == loopback && shell:
		return Medium
	}
	return Low
}

// remote is a way to steer a server from outside; shell tells that it runs any
// code at once.
type remote struct {
	words, why string
	shell      bool
}

func remotes(words []string) []remote {
	var out []remote
	if mode, ok := valueOf(words, "--model-control-mode"); ok && (mode == "explicit" || mode == "poll") {
		out = append(out, remote{"--model-control-mode=" + mode, "models, which may be programs, could be loaded while it runs", false})
	}
	for _, o := range []string{"--disable-token-auth", "--enable-model-api"} {
		if v, ok := valueOf(words, o); ok && v != "false" {
			out = append(out, remote{o, "models could be loaded by whoever calls", false})
		}
	}
	out = append(out, openNotebook(words)...)
	return append(out, debuggers(words)...)
}

// openNotebook finds a Jupyter server that asks for nothing: an empty token, and
// no password.
func openNotebook(words []string) []remote {
	if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, ".token") || strings.Contains(w, "password") }) {
		return nil
	}
	empty := ""
	for _, app := range []string{"ServerApp", "NotebookApp", "LabApp", "IdentityProvider", "PasswordIdentityProvider"} {
		for _, what := range []string{"token", "password", "hashed_password"} {
			name := "--" + app + "." + what
			switch v, ok := valueOf(words, name); {
			case ok && v == "" && empty == "":
				empty = name + "=''"
			case ok && v != "" && what != "token":
				return nil
			}
		}
	}
	if empty == "" {
		return nil
	}
	return []remote{{empty, "who calls gets a shell without being asked", true}}
}

// debuggers finds debuggers that listen.
func debuggers(words []string) []remote {
	var found []string
	python := slices.ContainsFunc(words, func(w string) bool { return w == "debugpy" || w == "pydevd" || w == "ptvsd" })
	headless := slices.Contains(words, "--headless")
	for _, w := range words {
		name, _, _ := strings.Cut(w, "=")
		switch {
		case name == "--inspect", name == "--inspect-brk", name == "--inspect-wait",
			strings.HasPrefix(w, "-agentlib:jdwp"), strings.HasPrefix(w, "-Xrunjdwp"),
			base(w) == "gdbserver", base(w) == "dlv" && headless,
			python && (name == "--listen" || name == "--port"):
			found = append(found, w)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return []remote{{strings.Join(found, " "), "a debugger runs whatever it is sent", true}}
}
