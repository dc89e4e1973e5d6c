package kube

import (
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

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
func imageUser(w *writer) {
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
		capabilitiesOf(w).Drop = capabilityNames(v)
	}
}

func putAdd(w *writer) {
	if v, _, _ := container.CapAdd.Get(w.spec); len(v) > 0 {
		capabilitiesOf(w).Add = capabilityNames(v)
	}
}

func capabilitiesOf(w *writer) *capabilities {
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
		w.becomes(at(container.NoNewPrivileges), func(s *container.Spec, m container.Mark) { container.NoNewPrivileges.Set(s, false, m) }, "a privileged container of Kubernetes may always gain privileges")
		v = false
	}
	w.security.AllowPrivilegeEscalation = ptr(!v)
}

// seccompDir is where the profiles of zlaunch are below the kubelet's own directory for
// them, /var/lib/kubelet/seccomp.
const seccompDir = "zlaunch"

func putSeccomp(w *writer) {
	v, _, _ := container.SeccompProfile.Get(w.spec)
	privileged, _, _ := container.Privileged.Get(w.spec)
	switch {
	case privileged && v != "unconfined":
		w.becomes(at(container.SeccompProfile), func(s *container.Spec, m container.Mark) { container.SeccompProfile.Set(s, "unconfined", m) }, "Kubernetes filters no call of a privileged container")
	case v == "", v == "default":
		w.security.SeccompProfile = &confinement{Type: "RuntimeDefault"}
	case v == "unconfined":
		w.security.SeccompProfile = &confinement{Type: "Unconfined"}
	default:
		file := seccompDir + "/" + path.Base(v)
		w.security.SeccompProfile = &confinement{"Localhost", file}
		w.note("copy %s to /var/lib/kubelet/seccomp/%s on every node: without it no pod starts", path.Base(v), file)
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
