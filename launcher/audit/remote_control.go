package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of options by which a server is steered from outside.

var noRemoteControl = &Control{
	ID: "ZL-714", Name: "no-remote-control", Title: "No remote-control options of the server", Severity: High,
	Why:    "a server that loads models by request, a notebook without a token and a debugger run the code of whoever calls",
	Fix:    "--model-control-mode=none; leave --ServerApp.token='' and the debugger away",
	Breaks: "a read-only model mount takes only half of it away: the API stays",
	Refs:   []string{"IBM L79-82", "IBM L170-172", "NIST 3.4.4", "CWE-749", "CWE-94"},
	Reads:  []container.Row{container.Entrypoint, container.Args, container.Publish},
	Judge:  judgeNoRemoteControl,
}

func judgeNoRemoteControl(k *Case) {
	eachCommand(k, func(path container.Path, words []string) {
		for _, what := range remoteOptions(words) {
			k.FailAs(controlled(k, what.shell), path, "%s must not have %q: %s", path.Key, what.words, what.why)
		}
	})
}

func remoteOptions(words []string) []remote {
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

// remote is a way to steer a server from outside; shell tells that it runs any
// code at once.
type remote struct {
	words, why string
	shell      bool
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
