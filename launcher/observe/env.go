package observe

import (
	"path"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// enginesEnv are the variables Podman adds by itself, with the values it gives
// them. They are left out where the plan does not name them.
var enginesEnv = map[string]func(value string, c *specs.Spec) bool{
	"PATH":      is("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
	"TERM":      is("xterm"),
	"container": is("podman"),
	"HOME":      func(v string, _ *specs.Spec) bool { return path.IsAbs(v) && path.Clean(v) == v }, // from the image's passwd
	"HOSTNAME":  func(v string, c *specs.Spec) bool { return c.Hostname == "" || v == c.Hostname },
}

func is(want string) func(string, *specs.Spec) bool {
	return func(v string, _ *specs.Spec) bool { return v == want }
}

// fillEnv sets the environment. The value of a planned secret is left out: the
// row secret tells of it.
func fillEnv(s *container.Spec, c *specs.Spec, in *Context) (notes []string) {
	seenBefore := map[string]bool{}
	for _, kv := range c.Process.Env {
		name, value, _ := strings.Cut(kv, "=")
		if seenBefore[name] {
			notes = append(notes, "environment variable twice: "+name)
		}
		seenBefore[name] = true
		_, known := plannedAt(in, container.Env, name)
		its, engines := enginesEnv[name]
		if !known && (in.Planned != nil && engines && its(value, c) || isSecretEnv(name, in)) {
			continue
		}
		container.Env.Set(s, name, value, seen(container.OCI))
	}
	container.Env.SetComplete(s, seen(container.OCI))
	return notes
}

func isSecretEnv(name string, in *Context) bool {
	if in.Planned == nil {
		return false
	}
	for _, k := range container.SecretOf.Keys(in.Planned) {
		v, _, _ := container.SecretOf.Get(in.Planned, k)
		if v.Type == "env" && (v.Target == name || v.Target == "" && k == name) {
			return true
		}
	}
	return false
}

// enginesAnnotations are the annotations Podman writes by itself. None of them
// changes what a runtime does but the two systemd properties, whose meaning is
// the stop signal and the stop timeout.
var enginesAnnotations = lazyregexp.New(`^(io\.container\.manager|io\.kubernetes\.cri-o\.(Created|TTY|SandboxID|ContainerType)|` +
	`io\.podman\.annotations\..*|org\.opencontainers\.image\.stopSignal|` +
	`org\.systemd\.property\.(KillSignal|TimeoutStopUSec))$`)

// fillAnnotations sets the annotations beside Podman's own.
func fillAnnotations(s *container.Spec, annotations map[string]string, in *Context) {
	for k, v := range annotations {
		if _, known := plannedAt(in, container.Annotation, k); known || !enginesAnnotations().MatchString(k) && !container.EmptyDescription(k, v) {
			container.Annotation.Set(s, k, v, seen(container.OCI))
		}
	}
	container.Annotation.SetComplete(s, seen(container.OCI))
}
