package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of where variables come from.

var noWholeEnvironment = &Control{
	ID: "ZL-922", Name: "no-whole-environment", Title: "No wholesale environment import", Severity: High,
	Why:   "every variable of the host comes in, tokens with it",
	Fix:   "leave --env-host and --env 'NAME*' away, and name the few that are needed",
	Refs:  []string{"IBM L174-180", "OWASP #12", "NIST 4.1.4", "NSA secrets", "CWE-526"},
	Reads: []container.Row{container.EnvHost, container.EnvImport},
	Judge: judgeNoWholeEnvironment, Mend: mendNoWholeEnvironment,
}

func judgeNoWholeEnvironment(k *Case) {
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

func mendNoWholeEnvironment(s *container.Spec, at container.Path) {
	if at.Key == container.EnvHost.Key() {
		container.EnvHost.Set(s, false, mended)
		return
	}
	names, _, _ := container.EnvImport.Get(s)
	container.EnvImport.Set(s, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.Contains(n, "*") }), mended)
}

var envFilesPrivate = &Control{
	ID: "ZL-923", Name: "env-files-private", Title: "Environment files are private", Severity: Medium,
	Why:   "an environment file that others read is a leak at rest, one they write decides what runs",
	Fix:   "chmod 0600 FILE, outside of repositories and of /tmp, and name it absolutely",
	Refs:  []string{"IBM L174-180", "OWASP #12", "NSA secrets", "CWE-732"},
	Reads: []container.Row{container.EnvFile},
	Judge: judgeEnvFilesPrivate,
}

func judgeEnvFilesPrivate(k *Case) {
	files, ok := read(k, container.EnvFile)
	if !ok {
		return
	}
	var loose, unseen []string
	for _, f := range files {
		clean := path.Clean(f)
		if home, ok := container.Spelled(f); ok {
			clean = path.Clean(home)
		}
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

var noProxyVariables = &Control{
	ID: "ZL-924", Name: "no-proxy-variables", Title: "Proxy variables are not leaked", Severity: Low,
	Why:    "proxy variables carry passwords into every container",
	Fix:    "--http-proxy=false",
	Breaks: "downloads through the proxy: state https_proxy without user and password",
	Refs:   []string{"IBM L174-180", "OWASP #12", "NIST 4.1.4", "NSA secrets", "CWE-526"},
	Reads:  []container.Row{container.HttpProxy, container.ProxySecrets, container.EnvNames},
	Judge:  judgeNoProxyVariables, Mend: mendNoProxyVariables,
}

func judgeNoProxyVariables(k *Case) {
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

func mendNoProxyVariables(s *container.Spec, at container.Path) {
	if at.Key == container.HttpProxy.Key() {
		container.HttpProxy.Set(s, false, mended)
	}
}
