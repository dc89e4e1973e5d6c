package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// The control of what the engine runs on the host: the OCI runtime, hooks, programs.

var RuntimeAndHooks = &Control{
	ID: "ZL-108", Name: "runtime-and-hooks", Title: "The OCI runtime and its hooks are the expected ones", Severity: Medium,
	Why:    "another runtime, a hook or a program of the engine's is code on the host, and an annotation changes isolation without any option",
	Fix:    "leave --runtime, --runtime-flag, --hooks-dir, --conmon and the like, LD_PRELOAD and annotations of the runtime away",
	Breaks: "wrapped runtimes for accelerators: use CDI, --device VENDOR/CLASS=NAME",
	Refs:   []string{"NIST 3.4.5", "CWE-829"},
	Reads: []container.Row{container.Runtime, container.RuntimeOpt, container.HooksDir, container.HostFiles, container.Annotation, container.Workdir, container.HostSteers,
		container.HookAt},
	OfHost: true,
	Judge:  judgeRuntimeAndHooks,
	Mend:   mendRuntimeAndHooks,
}

// judgeRuntimeAndHooks knows the runtimes Podman is tested with, where distributions put
// them, and holds everything else that the engine would run on the host against
// the places that only root changes.
func judgeRuntimeAndHooks(k *Case) {
	if v, ok := read(k, container.Runtime); ok && !usualRuntime(v) {
		k.FailAs(weightOfRuntime(v), at(container.Runtime), "runtime must be crun or runc, not %q", v)
	}
	if v := peek(k, container.RuntimeOpt); len(v) > 0 {
		k.FailAs(High, at(container.RuntimeOpt), "--runtime-flag must be left away, it is %s: it moves the runtime's files", quoted(v))
	}
	if v := peek(k, container.HooksDir); len(v) > 0 {
		k.FailAs(weightOfHooks(v), at(container.HooksDir), "--hooks-dir must be left away: what lies in %s runs on the host", quoted(v))
	}
	if dir := peek(k, container.Workdir); beneath(path.Clean(dir), "/proc") {
		k.FailAs(High, at(container.Workdir),
			"workdir must not be %q: by a descriptor that it holds open, runc before 1.1.12 enters the host there (CVE-2024-21626)", dir)
	}
	ranFiles(k)
	broughtHooks(k)
	hostSteers(k)
	each(k, container.Annotation, func(p container.Path, key, _ string, m container.Mark) {
		if runtimeAnnotation(key) && m.Why == "" && !imageMade(m) { // the image's are ZL-917's
			k.Fail(p, "the annotation %q makes the OCI runtime act otherwise than its options say: leave it away, or say why", key)
		}
	})
}

func usualRuntime(v string) bool {
	dirs := []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/libexec", "/usr/lib/cri-o-runc/sbin"}
	names := []string{"crun", "runc", "krun", "kata", "kata-runtime"}
	plain := !strings.Contains(v, "/") // ./crun lies beside whoever calls
	return v == "" || slices.Contains(names, path.Base(v)) && (plain || slices.Contains(dirs, path.Dir(path.Clean(v))))
}

// weightOfRuntime: a runtime by its path is code of somebody's choice on the host;
// one by its name is what the administrator gave that name.
func weightOfRuntime(v string) Severity {
	if strings.Contains(v, "/") && !ofRoot(v) {
		return Critical
	}
	return Medium
}

func weightOfHooks(dirs []string) Severity {
	if slices.ContainsFunc(dirs, func(d string) bool { return !ofRoot(d) }) {
		return Critical
	}
	return Medium
}

// ranFiles demands that what the engine runs, or what chooses that, is root's: it runs
// as the caller, outside of any container.
func ranFiles(k *Case) {
	for _, name := range container.HostFiles.Keys(k.Spec) {
		f, _, ok := container.HostFiles.Get(k.Spec, name)
		if !ok || f.Use != "run" {
			continue
		}
		p := elem(container.HostFiles, name)
		bad := slices.DeleteFunc(listed(f.Path), ofRoot)
		switch {
		case f.Open:
			k.say(Open, Critical, p, "what %s=%s runs on the host is not known: write the path out", name, container.MaskText(f.Path))
		case len(bad) > 0:
			k.FailAs(Critical, p, "%s must be left away: the engine runs what %q is, with the caller's rights and on the host", name, bad[0])
		}
	}
}

// runtimeAnnotation tells whether an engine or a runtime obeys an annotation.
func runtimeAnnotation(key string) bool {
	w, obeyed := engine.WayOf(engine.Annotation, key)
	return obeyed && w.Answer == engine.Refuse
}

func mendRuntimeAndHooks(s *container.Spec, p container.Path) {
	if p.Key == container.Annotation.Key() {
		container.Annotation.Delete(s, p.Elem)
		return
	}
	if p.Key == container.HostFiles.Key() {
		container.HostFiles.Delete(s, p.Elem)
		return
	}
	switch p.Key {
	case container.HostSteers.Key():
		return // no option changes the host
	case container.HookAt.Key():
		leaveBrought(s)
		return
	case container.Workdir.Key():
		container.Workdir.Clear(s)
		return
	}
	container.Runtime.Clear(s)
	container.RuntimeOpt.Clear(s)
	container.HooksDir.Clear(s)
}

// listed takes a list of paths apart, as LD_PRELOAD (ld.so(8)) and PATH have it. An
// empty entry of a list is the directory the caller stands in.
func listed(paths string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(":"+paths+":", "::", ":.:"), func(c rune) bool { return c == ':' || c == ' ' })
}

// ofRoot tells whether a path lies in a directory of root's own.
func ofRoot(p string) bool {
	return strings.HasPrefix(p, "/") && slices.ContainsFunc(runPaths, func(dir string) bool { return beneath(path.Clean(p), dir) })
}

// runPaths are directories in which nobody but root puts programs, and
// configuration that names them (hier(7)).
var runPaths = []string{"/bin", "/sbin", "/lib", "/lib64", "/usr", "/opt", "/etc/containers", "/etc/cdi"}
