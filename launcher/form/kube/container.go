package kube

import (
	"math"
	"path"
	"slices"
	"strconv"
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
	w.ctr.Command = w.escaped(v)
}

func putArgs(w *writer) {
	v, _, _ := container.Args.Get(w.spec)
	w.ctr.Args = w.escaped(v)
}

func (w *writer) escaped(in []string) []string {
	var out []string
	for _, v := range in {
		out = append(out, w.escape(v))
	}
	return out
}

// escape writes a text in which the kubelet, and no Podman, expands $(NAME) and reads $$
// as $. The kubelet takes the byte behind another $ for a letter, so that one is doubled too where
// the letter has more bytes (k8s.io/kubernetes/third_party/forked/golang/expansion).
func (w *writer) escape(v string) string {
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
		w.ctr.Env = append(w.ctr.Env, variable{Name: k, Value: ptr(w.escape(v))})
		given = given || len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerCommandLine
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
		w.secret(k, target, v)
		w.note("kubectl create secret generic %s --from-file=%s=FILE makes the secret", k, k)
	}
}

func (w *writer) secret(name, target string, v container.Secret) {
	if v.Type == "env" {
		w.ctr.Env = append(w.ctr.Env, variable{Name: target, ValueFrom: &valueFrom{secretKey{name, name}}})
		return
	}
	files := &secretFiles{SecretName: name, Items: []secretItem{{name, name}}}
	if v.Mode != 0 {
		files.DefaultMode = ptr(v.Mode)
	}
	w.mount(volume{Secret: files}, volumeMount{MountPath: target, SubPath: name, ReadOnly: true})
}

// maxID is the largest id that Kubernetes takes.
const maxID = math.MaxInt32

func number(v string) (int64, bool) {
	n, err := strconv.ParseUint(v, 10, 32)
	return int64(n), err == nil && n <= maxID
}

func putUser(w *writer) {
	v, _, _ := container.User.Get(w.spec)
	user, group, grouped := strings.Cut(v, ":")
	u, known := number(user)
	g, numeric := number(group)
	if v == "" {
		return
	}
	if !known || grouped && !numeric {
		w.lose(at(container.User), "Kubernetes takes numbers: --user UID:GID, as /etc/passwd of the image says them")
		return
	}
	w.security.RunAsUser, w.security.RunAsNonRoot = &u, ptr(u != 0)
	if grouped {
		w.security.RunAsGroup = &g
	}
}

// imageUser says of a user that is left to the image at least that it is not root.
func (w *writer) imageUser() {
	if v, _, _ := container.User.Get(w.spec); v == "" && !w.play() {
		w.security.RunAsNonRoot = ptr(true)
		w.note("no user is stated: a kubelet starts the image where its USER is a number other than 0, and else asks for --user UID:GID")
	}
}

func putGroups(w *writer) {
	groups, _, _ := container.GroupAdd.Get(w.spec)
	for _, g := range groups {
		n, ok := number(g)
		if !ok {
			w.lose(at(container.GroupAdd), "Kubernetes takes numbers: what /etc/group of the image says for %s", g)
			continue
		}
		w.groups.SupplementalGroups = append(w.groups.SupplementalGroups, n)
	}
}

// putUserns says only that the users are not the node's: which they are, the kubelet
// decides.
func putUserns(w *writer) {
	switch v, _, _ := container.Userns.Get(w.spec); {
	case v == "":
	case v == "host":
		w.pod.HostUsers = ptr(true)
	case strings.HasPrefix(v, "container:"):
		w.lose(at(container.Userns), "a pod has users of its own, or the node's")
	default:
		w.pod.HostUsers = ptr(false)
		w.note("hostUsers: false asks for nodes whose file systems take id-mapped mounts: Linux 6.3, containerd 2 or CRI-O, no NFS")
	}
}

func capabilityNames(in []string) []string {
	var out []string
	for _, c := range in {
		out = append(out, strings.ToUpper(c))
	}
	return out
}

func putDrop(w *writer) {
	if v, _, _ := container.CapDrop.Get(w.spec); len(v) > 0 {
		w.capabilities().Drop = capabilityNames(v)
	}
}

func putAdd(w *writer) {
	if v, _, _ := container.CapAdd.Get(w.spec); len(v) > 0 {
		w.capabilities().Add = capabilityNames(v)
	}
}

func (w *writer) capabilities() *capabilities {
	if w.security.Capabilities == nil {
		w.security.Capabilities = &capabilities{}
	}
	return w.security.Capabilities
}

// putNoNewPrivileges: an API server refuses allowPrivilegeEscalation: false beside
// privileged: true.
func putNoNewPrivileges(w *writer) {
	v, _, _ := container.NoNewPrivileges.Get(w.spec)
	if privileged, _, _ := container.Privileged.Get(w.spec); v && privileged {
		w.lose(at(container.NoNewPrivileges), "a privileged container of Kubernetes may always gain privileges")
		return
	}
	w.security.AllowPrivilegeEscalation = ptr(!v)
}

// seccompDir is where the profiles of zlaunch are below the kubelet's own directory for
// them, /var/lib/kubelet/seccomp.
const seccompDir = "zlaunch"

func putSeccomp(w *writer) {
	switch v, _, _ := container.SeccompProfile.Get(w.spec); v {
	case "", "default":
		w.security.SeccompProfile = &confinement{Type: "RuntimeDefault"}
	case "unconfined":
		w.security.SeccompProfile = &confinement{Type: "Unconfined"}
	default:
		file := seccompDir + "/" + path.Base(v)
		w.security.SeccompProfile = &confinement{"Localhost", file}
		w.note("copy %s to /var/lib/kubelet/seccomp/%s on every node: without it no pod starts", v, file)
	}
}

// putLabels writes SELinux options. Podman has no key without a value.
func putLabels(w *writer) {
	labels, _, _ := container.SecurityLabel.Get(w.spec)
	o := &seLinuxOptions{}
	for _, l := range labels {
		kind, v, _ := strings.Cut(l, ":")
		to := map[string]*string{"user": &o.User, "role": &o.Role, "type": &o.Type, "level": &o.Level}[kind]
		if to == nil || *to != "" {
			w.lose(at(container.SecurityLabel), "seLinuxOptions has no word for label=%s", l)
			continue
		}
		*to = v
	}
	if *o != (seLinuxOptions{}) {
		w.security.SeLinuxOptions = o
	}
}

func putApparmor(w *writer) {
	switch v, _, _ := container.Apparmor.Get(w.spec); v {
	case "":
	case "unconfined":
		w.security.AppArmorProfile = &confinement{Type: "Unconfined"}
	default:
		w.security.AppArmorProfile = &confinement{"Localhost", v}
		w.note("the AppArmor profile %s must be loaded on every node", v)
	}
}

func putUnmask(w *writer) {
	v, _, _ := container.Unmask.Get(w.spec)
	switch {
	case slices.Equal(v, []string{"ALL"}):
		w.security.ProcMount = "Unmasked"
	case len(v) > 0:
		w.lose(at(container.Unmask), "procMount unmasks everything or nothing")
	}
}
