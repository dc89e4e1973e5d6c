package kube

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func readPodSecurity(r *reader, n *yaml.Node) {
	r.fields(n, podSecurityFields, "securityContext of a pod")
}

func readSecurity(r *reader, n *yaml.Node) {
	r.fields(n, securityFields, "securityContext of a container")
}

func readUser(r *reader, n *yaml.Node) {
	if v, ok := r.number(n, at(container.User)); ok {
		r.user = strconv.FormatInt(v, 10)
		r.decides(container.User)
	}
}

func readGroup(r *reader, n *yaml.Node) {
	if v, ok := r.number(n, at(container.User)); ok {
		r.group = strconv.FormatInt(v, 10)
		r.decides(container.User)
	}
}

func readNonRoot(r *reader, n *yaml.Node) { r.nonRoot, _ = r.truth(n, at(container.User)) }

// join is what only all fields together say: the user, and what privileged undoes.
func join(r *reader) {
	r.mark = container.From(container.Origin{Layer: container.LayerCommandLine, File: r.out.File, Key: "securityContext"})
	switch {
	case r.user != "" && r.group != "":
		container.User.Set(r.spec, r.user+":"+r.group, r.mark)
	case r.user != "":
		container.User.Set(r.spec, r.user, r.mark)
	case r.nonRoot:
		r.note(at(container.User), "the image names the user, who is not root: else no kubelet starts it")
	case r.group != "":
		r.note(at(container.User), "the image names the user")
	}
	if v, _, _ := container.Privileged.Get(r.spec); v { // seccompProfile does nothing then
		container.SeccompProfile.Set(r.spec, "unconfined", r.mark)
		r.out.At[at(container.SeccompProfile)] = r.out.At[at(container.Privileged)]
	}
}

func addGroup(r *reader, n *yaml.Node) {
	had, _, _ := container.GroupAdd.Get(r.spec)
	if v, ok := r.number(n, at(container.GroupAdd)); ok {
		container.GroupAdd.Set(r.spec, append(had, strconv.FormatInt(v, 10)), r.mark)
		r.decides(container.GroupAdd)
	}
}

func readGroups(r *reader, n *yaml.Node) {
	for _, g := range r.list(n) {
		addGroup(r, g)
	}
}

// readFSGroup: the process is in the group that volumes are given to.
func readFSGroup(r *reader, n *yaml.Node) { addGroup(r, n) }

func readSysctls(r *reader, n *yaml.Node) {
	for _, s := range r.list(n) {
		name, value := scalarAt(s, "name"), scalarAt(s, "value")
		if name == "" || templated(name+value) {
			r.openAt(s, at(container.Sysctl), "a sysctl is not known")
			continue
		}
		container.Sysctl.Set(r.spec, name, value, r.mark)
		r.decides(container.Sysctl, name)
	}
}

func readPrivileged(r *reader, n *yaml.Node) {
	readFlag(container.Privileged)(r, n)
	if v, known := r.truth(n, at(container.Privileged)); known && v {
		r.decides(container.SeccompProfile)
	}
}

func readEscalation(r *reader, n *yaml.Node) {
	if v, ok := r.truth(n, at(container.NoNewPrivileges)); ok {
		container.NoNewPrivileges.Set(r.spec, !v, r.mark)
		r.decides(container.NoNewPrivileges)
	}
}

// readCapabilities: Kubernetes writes names without CAP_. A drop that has it drops
// nothing.
func readCapabilities(r *reader, n *yaml.Node) {
	for _, e := range entries(n) {
		row := container.CapDrop
		switch e.key.Value {
		case "add":
			row = container.CapAdd
		case "drop":
		default:
			r.wrongAt(e.key, container.Path{}, "%s is no field of capabilities", clip(e.key.Value))
			continue
		}
		r.begin(e)
		readCapabilityList(r, row, e.value)
	}
}

func readCapabilityList(r *reader, row container.Field[[]string], n *yaml.Node) {
	var out []string
	for _, c := range r.list(n) {
		v, ok := r.text(c, at(row))
		name, prefixed := strings.CutPrefix(strings.ToLower(v), "cap_")
		switch {
		case !ok:
		case prefixed && row.Key() == container.CapDrop.Key():
			r.wrongAt(c, at(row), "%s is no capability: Kubernetes writes it without CAP_", clip(v))
		default:
			out = append(out, name)
		}
	}
	row.Set(r.spec, out, r.mark)
	r.decides(row)
}

func readProcMount(r *reader, n *yaml.Node) {
	switch v, ok := r.text(n, at(container.Unmask)); {
	case !ok || v == "Default":
	case v == "Unmasked":
		container.Unmask.Set(r.spec, []string{"ALL"}, r.mark)
		r.decides(container.Unmask)
	default:
		r.wrongAt(n, at(container.Unmask), "%s is no procMount", clip(v))
	}
}

// confinementOf reads a profile of seccomp or AppArmor, and what it is called in Podman's
// words: where the node has the file of a local one is the kubelet's to know.
func confinementOf(r *reader, n *yaml.Node, f container.Field[string], local func(string) string) {
	kind, file := scalarAt(n, "type"), scalarAt(n, "localhostProfile")
	switch {
	case kind == "RuntimeDefault" && file == "":
		meant(r, f, "")
	case kind == "Unconfined" && file == "":
		meant(r, f, "unconfined")
	case kind == "Localhost" && file != "" && !templated(file):
		meant(r, f, local(file))
	default:
		r.wrongAt(n, at(f), "a profile is RuntimeDefault, Unconfined, or Localhost with its file")
	}
}

// kubeletSeccomp is where a kubelet looks for the files of profiles.
const kubeletSeccomp = "/var/lib/kubelet/seccomp/"

func readSeccomp(r *reader, n *yaml.Node) {
	confinementOf(r, n, container.SeccompProfile, func(file string) string { return kubeletSeccomp + file })
}

func readAppArmor(r *reader, n *yaml.Node) {
	confinementOf(r, n, container.Apparmor, func(name string) string { return name })
}

func readSELinux(r *reader, n *yaml.Node) {
	var out []string
	for _, e := range entries(n) {
		v, ok := r.text(e.value, at(container.SecurityLabel))
		switch {
		case !contains("user role type level", e.key.Value):
			r.wrongAt(e.key, at(container.SecurityLabel), "%s is no SELinux option", clip(e.key.Value))
		case ok && v != "":
			out = append(out, e.key.Value+":"+v)
		}
	}
	container.SecurityLabel.Set(r.spec, out, r.mark)
	r.decides(container.SecurityLabel)
}
