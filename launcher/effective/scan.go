package effective

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// scan works out what controls say of values that are never shown: which of them
// are secrets, and which make the workload load foreign code. A record holds these
// facts and not the values, and is judged by them elsewhere.
func scan(s *container.Spec) {
	if _, _, known := container.Secrets.Get(s); known {
		return
	}
	m := derived("env, args, label, annotation")
	var found, proxies, names, inject, fetch []string
	for _, name := range container.Env.Keys(s) {
		v, _, ok := container.Env.Get(s, name)
		if !ok {
			continue
		}
		names = append(names, name)
		switch {
		case proxyName(name) && container.SecretValue(v):
			proxies = append(proxies, name)
		case v != container.Redacted && container.SecretPair(name, v):
			found = append(found, "env["+name+"]")
		}
		if slices.Contains(codeVariables, name) && v != "" {
			inject = append(inject, name+"="+container.MaskText(v))
		}
		if slices.Contains(remoteCode, name) && on(v) {
			fetch = append(fetch, "env["+name+"]")
		}
	}
	for _, name := range container.Labels.Keys(s) {
		if v, _, _ := container.Labels.Get(s, name); container.SecretPair(name, v) {
			found = append(found, "label["+name+"]")
		}
	}
	for _, name := range container.Annotation.Keys(s) {
		if v, _, _ := container.Annotation.Get(s, name); container.SecretPair(name, v) {
			found = append(found, "annotation["+name+"]")
		}
	}
	for _, row := range []container.Field[[]string]{container.Entrypoint, container.Args} {
		words, _, _ := row.Get(s)
		if !slices.Equal(words, container.MaskArgs(words)) {
			found = append(found, row.Key())
		}
		if what := fetches(words); what != "" {
			fetch = append(fetch, row.Key()+": "+what)
		}
	}
	container.Secrets.Set(s, found, m)
	container.ProxySecrets.Set(s, proxies, m)
	container.EnvNames.Set(s, names, m)
	container.Injections.Set(s, inject, m)
	container.Fetches.Set(s, fetch, m)
}

// ImageSecrets names the variables and labels of an image that hold a secret.
func ImageSecrets(img *Image) []string {
	var out []string
	for _, kv := range img.Env {
		if name, v, _ := strings.Cut(kv, "="); container.SecretPair(name, v) {
			out = append(out, "env["+name+"]")
		}
	}
	for name, v := range img.Labels {
		if container.SecretPair(name, v) {
			out = append(out, "label["+name+"]")
		}
	}
	slices.Sort(out)
	return out
}

func proxyName(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), "_proxy")
}

// codeVariables make a program load code from a path (ZL-928).
var codeVariables = []string{"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "NODE_OPTIONS",
	"JAVA_TOOL_OPTIONS", "PERL5LIB", "RUBYLIB", "BASH_ENV", "GCONV_PATH"}

// remoteCode are variables that let a library run code it downloads.
var remoteCode = []string{"TRUST_REMOTE_CODE", "HF_TRUST_REMOTE_CODE", "VLLM_ALLOW_REMOTE_CODE"}

func on(v string) bool {
	return slices.Contains([]string{"1", "true", "yes", "on"}, strings.ToLower(v))
}

// fetches names what in a command line fetches code at run time (ZL-939).
func fetches(words []string) string {
	text := strings.Join(words, " ")
	for _, what := range fetching {
		if before, after, ok := strings.Cut(text, what); ok && edge(before, len(before)-1) && edge(after, 0) {
			return what
		}
	}
	if strings.Contains(text, "curl ") && (strings.Contains(text, "| sh") || strings.Contains(text, "| bash")) {
		return "curl into a shell"
	}
	return ""
}

// fetching are the words of programs and options that fetch code.
var fetching = []string{"--trust-remote-code", "--trust_remote_code", "pip install", "pip3 install", "conda install", "npm install",
	"apt-get install", "apt install", "dnf install", "git clone"}

// edge tells whether the byte at i, if there is one, ends a word.
func edge(s string, i int) bool {
	return i < 0 || i >= len(s) || strings.IndexByte(" \t\n=;&|\"'", s[i]) >= 0
}
