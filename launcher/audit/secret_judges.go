package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// plainSecrets says what f says of each place of a plain secret in a collection:
// env[NAME].
func plainSecrets(k *Case, row container.Map[string], f func(at container.Path, name string)) {
	for _, place := range peek(k, container.Secrets) {
		if name, ok := strings.CutPrefix(place, row.Key()+"["); ok {
			name = strings.TrimSuffix(name, "]")
			f(elem(row, name), name)
		}
	}
	if !row.Complete(k.Spec) {
		k.Open(at(row), "whether there is more in %s is not known", row.Key())
	}
}

func noPlainSecret(k *Case) {
	if _, ok := read(k, container.Secrets); !ok {
		return
	}
	plainSecrets(k, container.Env, func(at container.Path, name string) {
		k.Fail(at, "env %s must come from a podman secret, as --secret NAME,type=mount", name)
	})
	var bare []string
	for _, n := range peek(k, container.EnvImport) {
		if container.SecretName(n) {
			bare = append(bare, n)
		}
	}
	if len(bare) > 0 {
		k.Fail(at(container.EnvImport), "env %s must come from a podman secret, and not from the caller's environment", strings.Join(bare, ", "))
	}
}

func noWholeEnvironment(k *Case) {
	if v, ok := read(k, container.EnvHost); ok && v {
		k.Fail(at(container.EnvHost), "env_host must be false")
	}
	if names, ok := read(k, container.EnvImport); ok {
		wild := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.Contains(n, "*") })
		if len(wild) > 0 {
			k.Fail(at(container.EnvImport), "env must name each variable, and not %q", wild)
		}
	}
}

// shared are the directories of a host in which anybody may put a file.
var shared = []string{"/tmp", "/var/tmp", "/dev/shm"}

func envFilesPrivate(k *Case) {
	files, ok := read(k, container.EnvFile)
	if !ok {
		return
	}
	var loose, unseen []string
	for _, f := range files {
		clean := path.Clean(f)
		if !strings.HasPrefix(clean, "/") || inShared(clean) {
			loose = append(loose, f)
		} else {
			unseen = append(unseen, f)
		}
	}
	if len(loose) > 0 {
		k.Fail(at(container.EnvFile), "env_file must be an absolute path that only you write, not %q", loose)
	}
	if len(unseen) > 0 {
		k.Open(at(container.EnvFile), "who can read %q is known on its host: it must be 0600 or 0640", unseen)
	}
}

func inShared(p string) bool {
	return slices.ContainsFunc(shared, func(r string) bool { return p == r || strings.HasPrefix(p, r+"/") })
}

func noProxyVariables(k *Case) {
	for _, name := range peek(k, container.ProxySecrets) {
		k.FailAs(Medium, elem(container.Env, name), "env %s must not hold a password", name)
	}
	on, _, known := container.HttpProxy.Get(k.Spec)
	names, _, told := container.EnvNames.Get(k.Spec)
	copied := slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(strings.ToLower(n), "_proxy") })
	switch {
	case on:
		k.Fail(at(container.HttpProxy), "http_proxy must be false")
	case !known && (copied || !told):
		k.Open(at(container.HttpProxy), "http_proxy is not known")
	}
}

func secretsMounted(k *Case) {
	each(k, container.SecretOf, func(path container.Path, name string, v container.Secret, _ container.Mark) {
		switch {
		case v.Type == "env":
			k.FailAs(Medium, path, "secret %s must have type=mount: every child and every crash log inherits a variable", name)
		case v.Mode == 0:
			k.Fail(path, "secret %s must have a mode, as 0400; without one every user of the container reads it", name)
		case v.Mode&0o007 != 0:
			k.Fail(path, "secret %s must have a mode that shuts others out, as 0400, not %04o", name, v.Mode)
		}
	})
}

func noImageSecret(k *Case) {
	if v, ok := read(k, container.ImageSecrets); ok && len(v) > 0 {
		k.Fail(at(container.ImageSecrets), "the image must not hold secrets, it has %q", v)
	}
}

func noSecretInSight(k *Case) {
	places, ok := read(k, container.Secrets)
	if !ok {
		return
	}
	for _, row := range []container.Field[[]string]{container.Entrypoint, container.Args} {
		if slices.Contains(places, row.Key()) {
			k.Fail(at(row), "%s must not hold a secret; mount one, and name its file", row.Key())
		}
	}
	for _, row := range []container.Map[string]{container.Labels, container.Annotation} {
		plainSecrets(k, row, func(at container.Path, name string) {
			k.Fail(at, "%s %s must not hold a secret", row.Key(), name)
		})
	}
	for _, row := range []container.Field[[]string]{container.Prefix, container.EngineOpts, container.Other} {
		if v := peek(k, row); !slices.Equal(v, container.MaskArgs(v)) || slices.ContainsFunc(v, shows) {
			k.Fail(at(row), "%s must not hold a secret, which everybody sees in ps", row.Key())
		}
	}
	if v := peek(k, container.HealthCmd); v != container.MaskText(v) || hidden(v) {
		k.Fail(at(container.HealthCmd), "health_cmd must not hold a secret")
	}
}

// hidden tells that a record left a secret away.
func hidden(text string) bool { return strings.Contains(text, container.Redacted) }

// shows tells that the value of an option, NAME=VALUE, holds a secret by itself: a
// command does.
func shows(option string) bool {
	_, v, _ := strings.Cut(option, "=")
	return hidden(option) || container.MaskText(v) != v
}

// absolute finds the paths in the value of a variable.
var absolute = pattern(`(^|[\s:=,;"'])(/[^\s:=,;"']*)`)

func noInjection(k *Case) {
	list, ok := read(k, container.Injections)
	if !ok {
		return
	}
	for _, v := range list {
		name, value, _ := strings.Cut(v, "=")
		found := absolute().FindAllStringSubmatch(value, -1)
		for _, m := range found {
			if why := writable(k, name, path.Clean(m[2])); why != "" {
				k.Fail(elem(container.Env, name), "env %s must not load code from %q, %s", name, m[2], why)
				break
			}
		}
		if len(found) == 0 && !strings.HasPrefix(value, "-") {
			k.Fail(elem(container.Env, name), "env %s must name an absolute path on a read-only mount, not %q", name, value)
		}
	}
	if !container.VolumeAt.Complete(k.Spec) || !container.TmpfsAt.Complete(k.Spec) {
		if len(list) > 0 {
			k.Open(at(container.VolumeAt), "what else is mounted is not known")
		}
	}
}

// writable tells why what lies at a path of the container can be changed there; ""
// it cannot. What an image says of its own files is the image's.
func writable(k *Case, name, p string) string {
	best, why := -1, ""
	for _, t := range container.TmpfsAt.Keys(k.Spec) {
		if v, _, ok := container.TmpfsAt.Get(k.Spec, t); ok && len(t) > best && mounts(t, p) {
			best, why = len(t), "which is a tmpfs"
			if v.ReadOnly {
				why = ""
			}
		}
	}
	for _, t := range container.VolumeAt.Keys(k.Spec) {
		if v, _, ok := container.VolumeAt.Get(k.Spec, t); ok && len(t) > best && mounts(t, p) {
			best, why = len(t), "which is a writable volume"
			if v.ReadOnly {
				why = ""
			}
		}
	}
	if ro, _, ok := container.ReadOnly.Get(k.Spec); best < 0 && ok && !ro {
		_, m, _ := container.Env.Get(k.Spec, name)
		if len(m.Origin) == 0 || m.Origin[0].Layer != container.LayerImage {
			why = "which is on the writable root"
		}
	}
	return why
}

// mounts tells whether a path lies in what is mounted at a target.
func mounts(target, p string) bool {
	target = strings.TrimSuffix(path.Clean(target), "/")
	return p == target || strings.HasPrefix(p, target+"/")
}

func noFetch(k *Case) {
	found, ok := read(k, container.Fetches)
	if !ok {
		return
	}
	severity := k.control.Severity
	if kind := peek(k, container.ProfileKind); kind == "notebook" || kind == "shell" {
		severity = Low // a workbench installs what it works with
	}
	for _, f := range found {
		place, what, _ := strings.Cut(f, ": ")
		if name, ok := strings.CutPrefix(place, "env["); ok {
			name = strings.TrimSuffix(name, "]")
			k.FailAs(severity, elem(container.Env, name), "env %s must not let the workload load code it downloads", name)
			continue
		}
		k.FailAs(severity, container.Path{Key: place}, "%s must not fetch code at run time, as %q does", place, what)
	}
}
