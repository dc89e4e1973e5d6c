package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// judgeRuntime knows the runtimes Podman is tested with, where distributions put
// them, and holds everything else that the engine would run on the host against
// the places that only root changes.
func judgeRuntime(k *Case) {
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
	hostSteers(k, "ZL-108")
	each(k, container.Annotation, func(p container.Path, key, _ string, m container.Mark) {
		if runtimeAnnotation(key) && m.Why == "" && !imageMade(m) { // the image's are ZL-917's
			k.Fail(p, "the annotation %q makes the OCI runtime act otherwise than its options say: leave it away, or say why", key)
		}
	})
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

// runtimeAnnotation tells whether an engine or a runtime obeys an annotation.
func runtimeAnnotation(key string) bool {
	w, obeyed := engine.WayOf(engine.Annotation, key)
	return obeyed && w.Answer == engine.Refuse
}

func usualRuntime(v string) bool {
	dirs := []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/libexec", "/usr/lib/cri-o-runc/sbin"}
	names := []string{"crun", "runc", "krun", "kata", "kata-runtime"}
	plain := !strings.Contains(v, "/") // ./crun lies beside whoever calls
	return v == "" || slices.Contains(names, path.Base(v)) && (plain || slices.Contains(dirs, path.Dir(path.Clean(v))))
}

func plainRuntime(s *container.Spec, p container.Path) {
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
	case container.Workdir.Key():
		container.Workdir.Clear(s)
		return
	}
	container.Runtime.Clear(s)
	container.RuntimeOpt.Clear(s)
	container.HooksDir.Clear(s)
}
