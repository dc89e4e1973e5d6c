package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of secrets in the open.

var noPlainSecret = &Control{
	ID: "ZL-921", Name: "no-plain-secret", Title: "No secret in plain environment", Severity: High,
	Why:    "inspect, /proc/PID/environ, crash logs and the output of builds show the environment",
	Fix:    "podman secret create NAME FILE, then --secret NAME,type=mount,mode=0400",
	Breaks: "a server that reads variables only: --secret NAME,type=env,target=VARIABLE, which inspect does not show",
	Refs:   []string{"IBM L174-180", "OWASP #12", "CIS 4.10", "NIST 3.1.4", "NIST 4.1.4", "NSA secrets", "CWE-526", "CKV_K8S_35", "kubesec SecretsAsEnvironmentVariables", "DS-0031", "CIS-DI-0010"},
	Reads:  []container.Row{container.Secrets, container.Env, container.EnvImport},
	Judge:  judgeNoPlainSecret,
}

func judgeNoPlainSecret(k *Case) {
	if _, ok := read(k, container.Secrets); !ok {
		return
	}
	plainSecrets(k, container.Env, func(at container.Path, name string) {
		k.Fail(at, "env %s must come from %s", name, k.secretWay())
	})
	var bare []string
	for _, n := range peek(k, container.EnvImport) {
		if container.SecretName(n) {
			bare = append(bare, n)
		}
	}
	if len(bare) > 0 {
		k.Fail(at(container.EnvImport), "env %s must come from %s, and not from the caller's environment", strings.Join(bare, ", "), k.secretWay())
	}
}

var secretsMounted = &Control{
	ID: "ZL-925", Name: "secrets-mounted", Title: "Secrets mounted, not exported; tight mode", Severity: Low,
	Why:    "a mounted secret with a tight mode does not show in inspect, and no other user of the container reads it",
	Fix:    "--secret NAME,type=mount,uid=UID,mode=0400",
	Breaks: "the file driver of podman secret keeps them readable by you, not encrypted; the pass driver encrypts",
	Refs:   []string{"IBM L174-180", "OWASP #12", "NSA secrets", "CWE-522", "CKV_K8S_35"},
	Reads:  []container.Row{container.SecretOf},
	Judge:  judgeSecretsMounted, Mend: mendSecretsMounted,
}

func judgeSecretsMounted(k *Case) {
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

// mendSecretsMounted gives a mounted secret a mode. How a server reads a variable no
// option can change.
func mendSecretsMounted(s *container.Spec, at container.Path) {
	if v, _, ok := container.SecretOf.Get(s, at.Elem); ok && v.Type != "env" {
		v.Mode = 0o400
		container.SecretOf.Set(s, at.Elem, v, mended)
	}
}

var noSecretInSight = &Control{
	ID: "ZL-927", Name: "no-secret-in-sight", Title: "No secret on the command line, label or annotation", Severity: High,
	Why:    "ps, inspect and the journal show command lines, labels and annotations",
	Fix:    "--secret NAME,type=mount, and the server's option that reads a file",
	Breaks: "a server whose option takes the literal only: start it through a script that reads the file",
	Refs:   []string{"IBM L174-180", "CIS 4.10", "NSA secrets", "CWE-214"},
	Reads:  []container.Row{container.Secrets, container.Entrypoint, container.Args, container.Labels, container.Annotation},
	Judge:  judgeNoSecretInSight,
}

func judgeNoSecretInSight(k *Case) {
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
		if v := peek(k, row); !slices.Equal(v, container.MaskArgs(v)) || slices.ContainsFunc(v, showsSecret) {
			k.Fail(at(row), "%s must not hold a secret, which everybody sees in ps", row.Key())
		}
	}
	if v := peek(k, container.HealthCmd); v != container.MaskText(v) || isRedacted(v) {
		k.Fail(at(container.HealthCmd), "health_cmd must not hold a secret")
	}
}

// showsSecret tells that the value of an option, NAME=VALUE, holds a secret by itself: a
// command does.
func showsSecret(option string) bool {
	_, v, _ := strings.Cut(option, "=")
	return isRedacted(option) || container.MaskText(v) != v
}

// isRedacted tells that a record left a secret away.
func isRedacted(text string) bool { return strings.Contains(text, container.Redacted) }

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
