package audit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// judgeDefaults names what brings another configuration of the engine in, and what of
// the present one weakens this run.
func judgeDefaults(k *Case) {
	if modules, ok := read(k, container.Modules); ok {
		for _, m := range modules {
			severity := Critical // it may name the runtime, conmon and hooks
			if !strings.Contains(m, "/") || ofRoot(m) {
				severity = High
			}
			if m != noFile {
				k.FailAs(severity, at(container.Modules), "--module or CONTAINERS_CONF must be left away: %q sets what the command line does not show", m)
			}
		}
	}
	for _, name := range container.EngineVars.Keys(k.Spec) {
		if severity, ok := variableWeight(name); ok {
			v, _, _ := container.EngineVars.Get(k.Spec, name)
			k.FailAs(severity, elem(container.EngineVars, name), "%s must not be set for the engine: by %q it acts otherwise than the command line shows", name, v)
		}
	}
	for _, name := range stores {
		if f, _, ok := container.HostFiles.Get(k.Spec, name); ok {
			k.FailAs(Medium, elem(container.HostFiles, name), "%s must be left away: images, volumes and networks are those of %s, and not the caller's own", name, f.Path)
		}
	}
	judgeEngineOptions(k)
	for _, w := range weakening {
		if what := w.weak(k.Spec); what != "" {
			k.Fail(at(w.row), "%s comes from the host's containers.conf: state %s, or take it out there", what, w.row.Key())
		}
	}
}

// noFile is a containers.conf with nothing in it: the engine's own defaults.
const noFile = "/dev/null"

// stores are the options by which the engine keeps its state elsewhere.
var stores = []string{"--root", "--runroot", "--imagestore", "--tmpdir", "--volumepath", "--network-config-dir", "--registries-conf", "--default-mounts-file"}

// configured are the variables that lead to a directory of configuration, which may
// name programs; the others of the engine's environment weigh less.
var configured = []string{"HOME", "XDG_CONFIG_HOME", "DOCKER_CONFIG", "CONTAINERS_STORAGE_CONF"}

// variableWeight tells how much a variable of the engine weighs; ok is false of one that
// brings programs, which is another control's.
func variableWeight(name string) (s Severity, ok bool) {
	switch {
	case slices.Contains(loading, name):
		return Info, false
	case slices.Contains(configured, name):
		return High, true
	}
	return Medium, true
}

// judgeEngineOptions knows the options of the engine that controls judge. Of the
// others the table of options says why they need no judge.
func judgeEngineOptions(k *Case) {
	for _, o := range peek(k, container.EngineOpts) {
		name, v, _ := strings.Cut(o, "=")
		switch {
		case name == "--config" && peek(k, container.Engine) == "docker":
			k.FailAs(High, at(container.EngineOpts), "--config must be left away: docker finds contexts and programs in %s", v)
		case name == "--storage-driver", name == "--storage-opt" && mountProgram(v) == "":
			k.FailAs(Medium, at(container.EngineOpts), "%s must be left to storage.conf, not %s", name, v)
		}
	}
}

// mountProgram is the program of a storage option; "" of another option.
func mountProgram(opt string) string {
	key, v, _ := strings.Cut(opt, "=")
	if !strings.HasSuffix(key, "mount_program") {
		return ""
	}
	return v
}

// OtherDefaults tells that the engine reads a containers.conf which nobody has read
// here.
func OtherDefaults(s *container.Spec) bool {
	modules, _, _ := container.Modules.Get(s)
	if slices.ContainsFunc(modules, func(m string) bool { return m != noFile }) {
		return true
	}
	return slices.ContainsFunc(container.EngineVars.Keys(s), func(name string) bool { return name == "HOME" || name == "XDG_CONFIG_HOME" })
}

func ownDefaults(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.EngineVars.Key():
		container.EngineVars.Delete(s, p.Elem)
	case container.HostFiles.Key():
		container.HostFiles.Delete(s, p.Elem)
	case container.EngineOpts.Key():
		container.EngineOpts.Clear(s)
	default:
		container.Modules.Clear(s)
	}
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

// judgeRuntime demands that what the engine runs on the host is root's. Whatever else
// runs there does so as the caller, before any wall of the container stands.
func judgeRuntime(k *Case) {
	v, ok := read(k, container.Runtime)
	switch {
	case !ok || usualRuntime(v):
	case strings.Contains(v, "/") && !programOfRoot(v):
		k.Fail(at(container.Runtime), "runtime must be crun or runc, not %q: the engine runs it as you, outside of any container", v)
	default:
		k.FailAs(Medium, at(container.Runtime), "runtime must be crun or runc, not %q", v)
	}
	if v := peek(k, container.RuntimeOpt); len(v) > 0 {
		k.FailAs(Medium, at(container.RuntimeOpt), "--runtime-flag must be left away, it is %s", quoted(v))
	}
	for _, dir := range peek(k, container.HooksDir) {
		severity := Critical
		if ofRoot(dir) {
			severity = Medium
		}
		k.FailAs(severity, at(container.HooksDir), "--hooks-dir must be left away: what lies in %s runs on the host", dir)
	}
	if dir := peek(k, container.Workdir); beneath(path.Clean(dir), "/proc") {
		k.FailAs(High, at(container.Workdir), "workdir must not be %q: by a descriptor that it holds open, runc before 1.1.12 enters the host there (CVE-2024-21626)", dir)
	}
	ranFiles(k)
	loadedCode(k)
	each(k, container.Annotation, func(p container.Path, key, _ string, m container.Mark) {
		if runtimeAnnotation(key) && m.Why == "" && !imageMade(m) { // the image's are ZL-917's
			k.FailAs(Medium, p, "the annotation %q makes the OCI runtime act otherwise than its options say: leave it away, or say why", key)
		}
	})
}

// loading are the variables that bring code into the engine, or choose its programs.
var loading = []string{"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GCONV_PATH", "BASH_ENV", "ENV", "SHELLOPTS", "PATH",
	"CONTAINERS_HELPER_BINARY_DIR", "DOCKER_CLI_PLUGIN_EXTRA_DIRS"}

// loadedCode finds what brings code into the engine by its environment, or by an
// option of its storage.
func loadedCode(k *Case) {
	for _, name := range loading {
		if v, _, ok := container.EngineVars.Get(k.Spec, name); ok {
			k.Fail(elem(container.EngineVars, name), "%s must not be set for the engine: it runs code of %q as you, outside of any container", name, v)
		}
	}
	for _, o := range peek(k, container.EngineOpts) {
		if v, ok := strings.CutPrefix(o, "--storage-opt="); ok && mountProgram(v) != "" && !programOfRoot(mountProgram(v)) {
			k.Fail(at(container.EngineOpts), "--storage-opt must be left away: the engine runs %s as you, outside of any container", mountProgram(v))
		}
	}
}

// programOfRoot tells whether a path is where root alone puts programs.
func programOfRoot(p string) bool {
	dirs := []string{"/bin", "/sbin", "/lib", "/lib64", "/usr", "/opt"}
	return slices.ContainsFunc(dirs, func(d string) bool { return beneath(path.Dir(path.Clean(p)), d) })
}

// ofRoot tells whether a path is where root alone puts configuration, hooks among it.
func ofRoot(p string) bool {
	dirs := []string{"/usr", "/opt", "/etc", "/run/cdi", "/var/run/cdi"}
	return slices.ContainsFunc(dirs, func(d string) bool { return beneath(path.Clean(p), d) })
}

// runtimeAnnotation tells whether an engine or a runtime obeys an annotation.
func runtimeAnnotation(key string) bool {
	w, obeyed := engine.WayOf(engine.Annotation, key)
	return obeyed && w.Answer == engine.Refuse
}

func usualRuntime(v string) bool {
	dirs := []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/libexec", "/usr/lib/cri-o-runc/sbin"}
	names := []string{"crun", "runc", "krun", "kata", "kata-runtime", "runsc", "io.containerd.runc.v2", "io.containerd.kata.v2"}
	plain := !strings.Contains(v, "/")
	return v == "" || slices.Contains(names, path.Base(v)) && (plain || slices.Contains(dirs, path.Dir(path.Clean(v))))
}

func plainRuntime(s *container.Spec, p container.Path) {
	if p.Key == container.Annotation.Key() {
		container.Annotation.Delete(s, p.Elem)
		return
	}
	if p.Key == container.HostFiles.Key() || p.Key == container.EngineVars.Key() || p.Key == container.EngineOpts.Key() {
		ownDefaults(s, p)
		return
	}
	if p.Key == container.Workdir.Key() {
		container.Workdir.Clear(s)
		return
	}
	container.Runtime.Clear(s)
	container.RuntimeOpt.Clear(s)
	container.HooksDir.Clear(s)
}
