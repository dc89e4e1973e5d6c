package kube

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

func putImage(w *writer) { w.ctr.Image, _, _ = container.Image.Get(w.spec) }

// pullPolicies are Podman's words and those of Kubernetes.
var pullPolicies = []struct{ podman, kube string }{{"missing", "IfNotPresent"}, {"never", "Never"}, {"always", "Always"}}

func putPull(w *writer) {
	v, _, _ := container.Pull.Get(w.spec)
	for _, p := range pullPolicies {
		if p.podman == v {
			w.ctr.ImagePullPolicy = p.kube
			return
		}
	}
	if v != "" {
		w.lose(at(container.Pull), "an image is pulled IfNotPresent, Never or Always")
	}
}

func putName(w *writer) {
	v, _, _ := container.Name.Get(w.spec)
	switch {
	case dnsLabel().MatchString(v):
		w.ctr.Name = v
	case v != "":
		w.lose(at(container.Name), "the name of a container is at most 63 lower-case letters, digits and '-'")
	}
}

func putEntrypoint(w *writer) {
	v, _, _ := container.Entrypoint.Get(w.spec)
	if len(v) == 0 {
		w.lose(at(container.Entrypoint), "an ENTRYPOINT of the image can be replaced, and not taken away")
	}
	w.ctr.Command = escaped(w, v)
}

func putArgs(w *writer) {
	v, _, _ := container.Args.Get(w.spec)
	w.ctr.Args = escaped(w, v)
}

func escaped(w *writer, in []string) []string {
	var out []string
	for _, v := range in {
		out = append(out, escape(w, v))
	}
	return out
}

// escape writes a text in which the kubelet, and no Podman, expands $(NAME) and reads $$
// as $. The kubelet takes the byte behind another $ for a letter, so that one is doubled too where
// the letter has more bytes (k8s.io/kubernetes/third_party/forked/golang/expansion).
func escape(w *writer, v string) string {
	if w.play() {
		return v
	}
	var b strings.Builder
	for i := range len(v) {
		b.WriteByte(v[i])
		if v[i] == '$' && i+1 < len(v) && (v[i+1] == '$' || v[i+1] == '(' || v[i+1] >= 0x80) {
			b.WriteByte('$')
		}
	}
	return b.String()
}

func putEnv(w *writer) {
	given := false
	for _, k := range container.Env.Keys(w.spec) {
		v, m, _ := container.Env.Get(w.spec, k)
		w.ctr.Env = append(w.ctr.Env, variable{Name: k, Value: ptr(escape(w, v))})
		given = given || typed(m)
	}
	if given {
		w.note("the values of --env stand in the file: keep a secret in a Secret, by --secret")
	}
}

// subdomain is a name of an object that is no label (RFC 1123).
var subdomain = lazyregexp.New(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

func isSubdomain(v string) bool { return len(v) <= 253 && subdomain().MatchString(v) }

// putSecrets takes a secret of Podman for a Secret of the same name, with one key of that
// name.
func putSecrets(w *writer) {
	for _, k := range container.SecretOf.Keys(w.spec) {
		v, _, _ := container.SecretOf.Get(w.spec, k)
		target := v.Target
		switch {
		case !isSubdomain(k):
			w.lose(at(container.SecretOf, k), "the name of a Secret is lower-case letters, digits, '-' and '.'")
			continue
		case v.Type == "env" && target == "":
			target = k
		case target == "":
			target = "/run/secrets/" + k
		case v.Type != "env" && !path.IsAbs(target):
			target = "/run/secrets/" + target
		}
		if v.Type != "env" && unmountable(target) {
			w.lose(at(container.SecretOf, k), noColon)
			continue
		}
		mountSecret(w, k, target, v)
		w.note("kubectl create secret generic %s --from-file=%s=FILE makes the secret", k, k)
	}
}

func mountSecret(w *writer, name, target string, v container.Secret) {
	if v.Type == "env" {
		w.ctr.Env = append(w.ctr.Env, variable{Name: target, ValueFrom: &valueFrom{secretKey{name, name}}})
		return
	}
	files := &secretFiles{SecretName: name, Items: []secretItem{{name, name}}}
	if v.Mode != 0 {
		files.DefaultMode = ptr(v.Mode)
	}
	w.mount(Volume{Secret: files}, volumeMount{MountPath: path.Clean(target), SubPath: name, ReadOnly: true})
}
