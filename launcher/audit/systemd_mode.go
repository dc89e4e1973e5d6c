package audit

import (
	"path"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of systemd mode and of preserved descriptors.

var noSystemdMode = &Control{
	ID: "ZL-608", Name: "no-systemd-mode", Severity: Low,
	Title:  "No systemd mode, no extra file descriptors",
	Why:    "systemd mode mounts file systems and makes control groups writable; preserved descriptors leak what the caller has open",
	Fix:    "--systemd=false, and no --preserve-fds",
	Breaks: "images that run systemd as their first process",
	Refs:   []string{"IBM L128-129", "CWE-403"},
	Reads:  []container.Row{container.Systemd, container.PreserveFds},
	Judge:  judgeNoSystemdMode,
	Mend:   mendNoSystemdMode,
}

// judgeNoSystemdMode grades the engine's default, which waits for systemd to be the
// first process, as a fact while nothing shows that it is.
func judgeNoSystemdMode(k *Case) {
	mode, m, ok := container.Systemd.Get(k.Spec)
	switch {
	case !ok:
		k.Open(at(container.Systemd), "%s is not known", container.Systemd.Key())
	case mode == "false" || m.Why != "":
	case mode == "always" || m.Evidence >= container.Inspected || startsInit(k.Spec):
		k.Fail(at(container.Systemd), `systemd must be "false"`)
	default:
		k.FailAs(Info, at(container.Systemd), `systemd must be "false": %s waits for systemd as the first process`, mode)
	}
	if n, ok := read(k, container.PreserveFds); ok && n > 0 {
		// What they are no text tells: a directory leads to all of the host, a socket may be an engine's.
		k.FailAs(High, at(container.PreserveFds), "preserve_fds must be 0, not %d: all that the caller has open there is the workload's", n)
	}
}

func startsInit(s *container.Spec) bool {
	words, _, _ := container.Entrypoint.Get(s)
	args, _, _ := container.Args.Get(s)
	words = slices.Concat(words, args)
	return len(words) > 0 && (slices.Contains(initPrograms, words[0]) || path.Base(words[0]) == "systemd")
}

// initPrograms are the first processes for which --systemd=true switches systemd
// mode on (podman-run(1), --systemd).
var initPrograms = []string{"systemd", "init", "/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init"}

func mendNoSystemdMode(s *container.Spec, p container.Path) {
	if p.Key == container.PreserveFds.Key() {
		container.PreserveFds.Set(s, 0, mended)
		return
	}
	container.Systemd.Set(s, "false", mended)
}
