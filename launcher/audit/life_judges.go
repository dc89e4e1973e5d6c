package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// unasked tells that nobody asks the workload whether it is well, and says why.
func unasked(k *Case) bool {
	switch kind := peek(k, container.ProfileKind); {
	case peek(k, container.Subject) == "plan":
		k.NA("zlaunch asks the ready endpoint from the host")
	case kind == "job" || kind == "shell":
		k.NA("a %s serves nobody", kind)
	default:
		return false
	}
	return true
}

func healthCheck(k *Case) {
	if unasked(k) {
		return
	}
	if off, ok := read(k, container.NoHealthcheck); !ok || off {
		if ok {
			k.Fail(at(container.NoHealthcheck), "no_healthcheck must be false, and health_cmd stated")
		}
		return
	}
	cmd, ok := read(k, container.HealthCmd)
	switch s := peek(k, container.Subject); {
	case !ok || cmd != "" && cmd != "none":
	case cmd == "" && (s == "line" || s == "unit"):
		k.Open(at(container.HealthCmd), "health_cmd is not stated, and whether the image brings one is not known")
	default:
		k.Fail(at(container.HealthCmd), "health_cmd must be stated")
	}
}

func unhealthyActs(k *Case) {
	if unasked(k) {
		return
	}
	if off, cmd := peek(k, container.NoHealthcheck), peek(k, container.HealthCmd); off || cmd == "" || cmd == "none" {
		k.NA("there is no health check: ZL-811")
		return
	}
	switch v, ok := read(k, container.HealthOnFailure); {
	case ok && (v == "" || v == "none"):
		k.Fail(at(container.HealthOnFailure), "health_on_failure must be kill or stop, so that a hung server does not stay")
	case v == "restart" && peek(k, container.Subject) == "unit":
		k.Fail(at(container.HealthOnFailure), "health_on_failure must be kill: restart works against systemd, which restarts the unit")
	}
}

func logsBounded(k *Case) {
	driver, ok := read(k, container.LogDriver)
	if !ok {
		return
	}
	switch {
	case driver == "none":
		k.Fail(at(container.LogDriver), "log_driver must not be none")
	case driver == "passthrough-tty", driver == "passthrough" && !underSystemd(k):
		k.FailAs(Medium, at(container.LogDriver), "log_driver must not be %s: the workload holds the terminal or the files of whoever starts it, and writes without a bound", driver)
	}
	if driver != "k8s-file" && driver != "json-file" && driver != "local" {
		return // the journal and its like are bounded by the host
	}
	size, _, known := container.LogOpt.Get(k.Spec, "max-size")
	switch path := elem(container.LogOpt, "max-size"); {
	case known && strings.Trim(size, "0bBkKmMgG") == "" && strings.Trim(size, "0") != size || strings.HasPrefix(size, "-"):
		k.Fail(path, "log_opt max-size must be a size, as 10m, not %q", size)
	case driver == "local": // has a bound of its own
	case !known && container.LogOpt.Complete(k.Spec):
		k.Fail(path, "log_opt max-size must be stated for log_driver %s, as 10m", driver)
	case !known:
		k.Open(path, "log_opt max-size is not known")
	}
}

// underSystemd tells a run whose standard output is a service's, which the journal
// has. A label is believed of a container that is there, not of a line.
func underSystemd(k *Case) bool {
	_, _, labelled := container.Labels.Get(k.Spec, "PODMAN_SYSTEMD_UNIT")
	subject := peek(k, container.Subject)
	return subject == "unit" || subject == "container" && labelled
}

// initReaps lets a profile do without where it says why.
func initReaps(k *Case) {
	v, m, known := container.Init.Get(k.Spec)
	switch {
	case peek(k, container.Systemd) == "always":
		k.NA("systemd is the init")
	case !known:
		k.Open(at(container.Init), "init is not known")
	case !v && m.Why == "":
		k.Fail(at(container.Init), "init must be true")
	}
}

func throwAway(k *Case) {
	switch peek(k, container.Subject) {
	case "plan":
		k.NA("zlaunch removes what it started, also after a crash")
		return
	case "unit":
		k.NA("Quadlet removes the container when the unit stops")
		return
	}
	if v, ok := read(k, container.Rm); ok && !v {
		k.Fail(at(container.Rm), "rm must be true")
	}
}

// shells are the programs that wait for somebody to type.
var shells = []string{"bash", "sh", "zsh", "ash", "dash", "ksh", "fish", "csh", "tcsh"}

func noShellService(k *Case) {
	if peek(k, container.ProfileKind) == "shell" {
		k.NA("the profile is a shell, and says so")
		return
	}
	entry, _, known := container.Entrypoint.Get(k.Spec)
	args, _, known2 := container.Args.Get(k.Spec)
	switch {
	case prompts(args):
		k.Fail(at(container.Args), "args must name a service, not the shell %q", args[0])
	case prompts(slices.Concat(entry, args)):
		k.Fail(at(container.Entrypoint), "entrypoint must name a service, not the shell %q", entry[0])
	case !known && len(args) == 0:
		k.Open(at(container.Entrypoint), "entrypoint is not known")
	case !known2 && (len(entry) == 0 || shell(entry[0])):
		k.Open(at(container.Args), "args is not known")
	}
}

func shell(word string) bool { return slices.Contains(shells, path.Base(word)) }

// prompts tells whether a command line is a shell that is given nothing to run:
// no -c and no script.
func prompts(words []string) bool {
	if len(words) == 0 || !shell(words[0]) {
		return false
	}
	for _, w := range words[1:] {
		short := strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--")
		if !strings.HasPrefix(w, "-") || short && strings.Contains(w, "c") {
			return false
		}
	}
	return true
}

// updaters are the labels that let something swap the image, each with the values
// that do not.
var updaters = map[string][]string{
	"io.containers.autoupdate":              {"", "disabled"},
	"com.centurylinklabs.watchtower.enable": {"", "false"},
}

func updatesDecided(k *Case) {
	each(k, container.Labels, func(path container.Path, name, value string, _ container.Mark) {
		if off, ok := updaters[name]; !ok || slices.Contains(off, value) {
			return
		}
		if peek(k, container.SignedBy) == "signed" {
			k.FailAs(Info, path, "label %s must go, or stay as a decision: a new image runs without review, if signed", name)
			return
		}
		k.Fail(path, "label %s must go: a new image would run without review", name)
	})
}

// seconds are programs that run beside the service, or run several.
var seconds = []string{"sshd", "supervisord", "runsvdir", "s6-svscan", "monit", "crond", "cron"}

func oneService(k *Case) {
	eachCommand(k, func(path container.Path, words []string) {
		for _, w := range words {
			if name := base(w); slices.Contains(seconds, name) {
				k.Fail(path, "%s must start one service, and no %s", path.Key, name)
				return
			}
		}
	})
	everyPort(k, func(p port) {
		if p.inside == 22 {
			k.Fail(p.at, "publish %s must go: it is ssh; podman exec needs no port", p.key)
		}
	})
}

func serviceSection(k *Case) {
	if peek(k, container.Subject) != "unit" {
		k.NA("it is no unit, and has no [Service]")
	}
}
