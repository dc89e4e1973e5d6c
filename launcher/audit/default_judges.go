package audit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// judgeDefaults names what brings another containers.conf in, and what of the
// present one weakens this run.
func judgeDefaults(k *Case) {
	if modules, ok := read(k, container.Modules); ok && len(modules) > 0 {
		k.Fail(at(container.Modules), "--module must be left away: %q sets what the command line does not show", modules)
	}
	for _, word := range peek(k, container.Prefix) {
		if setsDefaults(word) {
			k.Fail(at(container.Prefix), "%s must be left away: it sets what the command line does not show", strings.Split(word, "=")[0])
		}
	}
	for _, w := range weakening {
		if what := w.weak(k.Spec); what != "" {
			k.Fail(at(w.row), "%s comes from the host's containers.conf: state %s, or take it out there", what, w.row.Key())
		}
	}
}

// setsDefaults tells whether a word in front of the command gives the engine other
// defaults.
func setsDefaults(word string) bool {
	name, _, assigned := strings.Cut(word, "=")
	return assigned && slices.Contains([]string{"CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE", "PODMAN_USERNS"}, name)
}

func ownDefaults(s *container.Spec, p container.Path) {
	if v, _, ok := container.Prefix.Get(s); ok && p.Key == container.Prefix.Key() {
		container.Prefix.Set(s, slices.DeleteFunc(slices.Clone(v), setsDefaults), mended)
		return
	}
	container.Modules.Clear(s)
}

// weakening are the settings whose weak value an administrator can give to every
// container (containers.conf(5); controls reference, ZL-107).
var weakening = []struct {
	row  container.Row
	weak func(*container.Spec) string
}{
	{container.Privileged, weakly(container.Privileged, func(v bool) bool { return v })},
	{container.CapAdd, weakly(container.CapAdd, filled)},
	{container.SeccompProfile, weakly(container.SeccompProfile, func(v string) bool { return v != "" })},
	{container.SecurityLabel, weakly(container.SecurityLabel, filled)},
	{container.Apparmor, weakly(container.Apparmor, func(v string) bool { return v == "unconfined" })},
	{container.Device, weakly(container.Device, filled)},
	{container.Network, weakly(container.Network, func(v []string) bool { return slices.Contains(v, "host") })},
	{container.Ipc, weakly(container.Ipc, isHost)}, {container.Pid, weakly(container.Pid, isHost)},
	{container.Uts, weakly(container.Uts, isHost)}, {container.Cgroupns, weakly(container.Cgroupns, isHost)},
	{container.EnvHost, weakly(container.EnvHost, func(v bool) bool { return v })},
}

func isHost(v string) bool     { return v == "host" }
func filled(v []string) bool   { return len(v) > 0 }
func quoted(v []string) string { return fmt.Sprintf("%q", v) }

// weakly says a row's value where the host decided it and it weakens the run.
func weakly[T any](row container.Field[T], weak func(T) bool) func(*container.Spec) string {
	return func(s *container.Spec) string {
		v, m, ok := row.Get(s)
		if !ok || !hostMade(m) || !weak(v) {
			return ""
		}
		return fmt.Sprintf("%s = %v", row.Key(), v)
	}
}

// judgeRuntime knows the runtimes Podman is tested with, where distributions put
// them.
func judgeRuntime(k *Case) {
	if v, ok := read(k, container.Runtime); ok && !usualRuntime(v) {
		k.Fail(at(container.Runtime), "runtime must be crun or runc, not %q", v)
	}
	if v := peek(k, container.RuntimeOpt); len(v) > 0 {
		k.Fail(at(container.RuntimeOpt), "--runtime-flag must be left away, it is %s", quoted(v))
	}
	if v := peek(k, container.HooksDir); len(v) > 0 {
		k.Fail(at(container.HooksDir), "--hooks-dir must be left away: what lies in %s runs on the host", quoted(v))
	}
	ranFiles(k)
	each(k, container.Annotation, func(p container.Path, key, _ string, m container.Mark) {
		if runtimeAnnotation(key) && m.Why == "" && !imageMade(m) { // the image's are ZL-917's
			k.Fail(p, "the annotation %q makes the OCI runtime act otherwise than its options say: leave it away, or say why", key)
		}
	})
}

// runtimeAnnotation tells whether an engine or a runtime obeys an annotation.
func runtimeAnnotation(key string) bool {
	w, obeyed := engine.WayOf(engine.Annotation, key)
	return obeyed && w.Answer == engine.Refuse
}

func usualRuntime(v string) bool {
	dirs := []string{".", "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/libexec", "/usr/lib/cri-o-runc/sbin"}
	names := []string{"crun", "runc", "krun", "kata", "kata-runtime"}
	return v == "" || slices.Contains(names, path.Base(v)) && slices.Contains(dirs, path.Dir(path.Clean(v)))
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
	container.Runtime.Clear(s)
	container.RuntimeOpt.Clear(s)
	container.HooksDir.Clear(s)
}
