package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of what is started in the container, and of its unit.

var initProcess = &Control{
	ID: "ZL-814", Name: "init", Title: "An init reaps children", Severity: Info,
	Why:    "zombies use pids",
	Fix:    "--init",
	Breaks: "catatonit must be on the host, and a missing program no longer ends with 127",
	Reads:  []container.Row{container.Init, container.Systemd},
	Judge:  judgeInitProcess, Mend: set(container.Init, true),
}

// judgeInitProcess lets a profile do without where it says why.
func judgeInitProcess(k *Case) {
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

var noShellService = &Control{
	ID: "ZL-816", Name: "no-shell-service", Title: "No interactive shell as the service", Severity: Medium,
	Why:    "a container that waits for somebody to type is a workbench, not a service",
	Fix:    "leave -it and the shell away; what is done by hand belongs into the image",
	Breaks: "work by hand: a profile of kind shell, separate and labelled",
	Refs:   []string{"IBM L230-240", "CIS 5.24", "NIST 3.4.5", "KSV-0053"},
	Reads:  []container.Row{container.Entrypoint, container.Args},
	Judge:  judgeNoShellService,
}

func judgeNoShellService(k *Case) {
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
	case !known2 && (len(entry) == 0 || isShell(entry[0])):
		k.Open(at(container.Args), "args is not known")
	}
}

// prompts tells whether a command line is a shell that is given nothing to run:
// no -c and no script.
func prompts(words []string) bool {
	if len(words) == 0 || !isShell(words[0]) {
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

func isShell(word string) bool { return slices.Contains(shells, path.Base(word)) }

// shells are the programs that wait for somebody to type.
var shells = []string{"bash", "sh", "zsh", "ash", "dash", "ksh", "fish", "csh", "tcsh"}

var oneService = &Control{
	ID: "ZL-818", Name: "one-service", Title: "One function per container, no sshd", Severity: Low,
	Why:   "a second service is a second entry",
	Fix:   "start the one service; podman exec and podman logs need no sshd",
	Refs:  []string{"IBM L11-14", "IBM L128-129", "CIS 5.7", "NIST 4.1.2", "DS-0004", "CKV_DOCKER_1"},
	Reads: []container.Row{container.Entrypoint, container.Args, container.Publish},
	Judge: judgeOneService,
}

func judgeOneService(k *Case) {
	eachCommand(k, func(path container.Path, words []string) {
		for _, w := range words {
			if name := base(w); slices.Contains(secondServices, name) {
				k.Fail(path, "%s must start one service, and no %s", path.Key, name)
				return
			}
		}
	})
	everyPort(k, func(p port) {
		if p.holds(22) {
			k.Fail(p.at, "publish %s must go: it is ssh; podman exec needs no port", p.key)
		}
	})
}

// secondServices are programs that run beside the service, or run several.
var secondServices = []string{"sshd", "supervisord", "runsvdir", "s6-svscan", "monit", "crond", "cron"}

var ServiceSection = &Control{
	ID: "ZL-819", Name: "service-section", Title: "Quadlet [Service] does not break or fake the sandbox", Severity: Medium,
	Why:    "[Service] NoNewPrivileges=yes, User= or DynamicUser= look like hardening, do nothing for the container and stop a rootless start",
	Fix:    "leave them away in [Service], and write NoNewPrivileges=true in [Container]",
	Breaks: "systemd-analyze security rates the unit 9 and more then, which says nothing about the container",
	Refs:   []string{"IBM L115-118", "CWE-1188", "systemd-analyze"},
	Reads:  []container.Row{container.Subject},
	Judge:  judgeServiceSection,
}

func judgeServiceSection(k *Case) {
	if peek(k, container.Subject) != "unit" {
		k.NA("it is no unit, and has no [Service]")
	}
}
