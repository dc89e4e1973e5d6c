package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// labelOption tells whether --security-opt=label= has a word: "disable", or
// "type" for label=type:T.
func labelOption(k *Case, word string) bool { _, ok := labelValue(k, word); return ok }

// labelValue is what follows a word of --security-opt=label=; the last counts.
func labelValue(k *Case, word string) (value string, ok bool) {
	for _, o := range peek(k, container.SecurityLabel) {
		if name, v, _ := strings.Cut(o, ":"); strings.EqualFold(name, word) {
			value, ok = v, true
		}
	}
	return value, ok
}

// withoutLabel takes a word out of --security-opt=label=.
func withoutLabel(s *container.Spec, word string) {
	v, _, ok := container.SecurityLabel.Get(s)
	if !ok {
		return
	}
	keep := slices.DeleteFunc(slices.Clone(v), func(o string) bool {
		name, _, _ := strings.Cut(o, ":")
		return strings.EqualFold(name, word)
	})
	container.SecurityLabel.Set(s, keep, mended)
}

// noSELinux says, where the host is known to have no SELinux, that the control
// does not apply.
func noSELinux(k *Case) bool {
	off := peek(k, container.SELinux) == "off"
	if off {
		k.NA("the host has no SELinux; ZL-408 says what confines instead")
	}
	return off
}

// judgeLabelled asks for a label of the process; where the process is not seen,
// for options that leave it one. A foreign pid or ipc namespace switches it off
// without a word. A plan is also run elsewhere, so that label=disable stands
// against it on every host.
func judgeLabelled(k *Case) {
	if travels := peek(k, container.Subject) == "plan" && labelOption(k, "disable"); !travels && noSELinux(k) {
		return
	}
	label, m, known := container.ProcessLabel.Get(k.Spec)
	_, _, host := container.SELinux.Get(k.Spec)
	if known && host && label != "" {
		return
	}
	before := len(k.out)
	if labelOption(k, "disable") {
		k.Fail(at(container.SecurityLabel), "label=disable must be left away")
	}
	if peek(k, container.Privileged) {
		k.Fail(at(container.Privileged), "privileged must be false: it switches SELinux separation off")
	}
	if peek(k, container.Pid) == "host" {
		k.Fail(at(container.Pid), "pid must be private: host switches SELinux separation off")
	}
	if peek(k, container.Ipc) == "host" {
		k.Fail(at(container.Ipc), "ipc must be private: host switches SELinux separation off")
	}
	if len(k.out) > before {
		return
	}
	_, _, said := container.SecurityLabel.Get(k.Spec)
	switch {
	case known && host:
		k.Fail(at(container.ProcessLabel), "the process must have an SELinux label, it has none")
	case known && m.Evidence > container.Created || !said:
		k.Open(at(container.ProcessLabel), "whether SELinux separates the container is not known")
	}
}

func withLabel(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.Privileged.Key():
		container.Privileged.Set(s, false, mended)
	case container.Pid.Key():
		container.Pid.Clear(s)
	case container.Ipc.Key():
		container.Ipc.Set(s, "private", mended)
	default:
		withoutLabel(s, "disable")
	}
}

// confinedTypes are the types for containers of container-selinux; udica names
// those it makes NAME.process.
var confinedTypes = []string{"container_t", "container_init_t", "container_kvm_t", "svirt_lxc_net_t"}

// judgeLabelType judges the type that was asked for, and the one the process has.
func judgeLabelType(k *Case) {
	if noSELinux(k) {
		return
	}
	p := at(container.SecurityLabel)
	kind, said := labelValue(k, "type")
	if label, m, known := container.ProcessLabel.Get(k.Spec); known && (!said || m.Evidence > container.Created) {
		p, kind, said = at(container.ProcessLabel), label, label != ""
	} else if _, _, options := container.SecurityLabel.Get(k.Spec); !options {
		k.Open(at(container.ProcessLabel), "the SELinux type of the process is not known")
		return
	}
	switch {
	case !said: // the default type, or no label at all, which ZL-401 judges
	case kind == "container_engine_t":
		k.Review(p, "the SELinux type container_engine_t lets the workload run containers of its own: is it meant to?")
	case !slices.Contains(confinedTypes, kind) && !strings.HasSuffix(kind, ".process"):
		k.Fail(p, "the SELinux type must be container_t, not %q", kind)
	}
}

// pair matches a level of exactly two categories, which is what separates: a
// range, one category or none is shared with others.
var pair = pattern(`^(s0-)?s0:c\d{1,4},c\d{1,4}$`)

func judgeLevel(k *Case) {
	if noSELinux(k) {
		return
	}
	if label, _, known := container.ProcessLabel.Get(k.Spec); known && label == "" && peek(k, container.SELinux) != "" {
		k.NA("the process has no SELinux label, which ZL-401 judges")
		return
	}
	level, said := labelValue(k, "level")
	_, m, options := container.SecurityLabel.Get(k.Spec)
	seen, _, observed := container.WorkloadLevel.Get(k.Spec)
	switch {
	case said && !pair().MatchString(level):
		k.Fail(at(container.SecurityLabel), "label=level must be left away, or name two categories, not %q", level)
	case said && m.Why == "":
		k.Fail(at(container.SecurityLabel), "label=level:%s must be left away, or its reason given: who shares it shares the files", level)
	case observed && !pair().MatchString(seen):
		k.Fail(at(container.WorkloadLevel), "the SELinux level of the process must have two categories of its own, it is %q", seen)
	case !options && !observed:
		k.Open(at(container.WorkloadLevel), "the SELinux level of the process is not known")
	}
}

// ownRole is the SELinux user and role of every container.
const ownRole = "system_u:system_r"

func judgeRole(k *Case) {
	if noSELinux(k) {
		return
	}
	user, role := labelOption(k, "user"), labelOption(k, "role")
	_, _, options := container.SecurityLabel.Get(k.Spec)
	seen, _, observed := container.WorkloadRole.Get(k.Spec)
	switch {
	case user || role:
		k.Fail(at(container.SecurityLabel), "label=user: and label=role: must be left away")
	case seen != "" && seen != ownRole:
		k.Fail(at(container.WorkloadRole), "the process must run as %s, it runs as %q", ownRole, seen)
	case !options && !observed:
		k.Open(at(container.WorkloadRole), "the SELinux user and role of the process are not known")
	}
}

func judgeNested(k *Case) {
	if noSELinux(k) {
		return
	}
	const selinuxfs, context = "/sys/fs/selinux", "run.oci.mount_context_type"
	_, _, options := container.SecurityLabel.Get(k.Spec)
	_, _, mounted := container.VolumeAt.Get(k.Spec, selinuxfs)
	_, _, annotated := container.Annotation.Get(k.Spec, context)
	switch {
	case labelOption(k, "nested"):
		k.Fail(at(container.SecurityLabel), "label=nested must be left away")
	case mounted:
		k.Fail(elem(container.VolumeAt, selinuxfs), "%s must not be mounted in the container", selinuxfs)
	case annotated:
		k.Fail(elem(container.Annotation, context), "label=nested must be left away: the annotation %s is its trace", context)
	case !options && !(container.VolumeAt.Complete(k.Spec) && container.Annotation.Complete(k.Spec)):
		k.Open(at(container.SecurityLabel), "whether labels are nested is not known")
	}
}

func withoutNesting(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.VolumeAt.Key():
		container.VolumeAt.Delete(s, p.Elem)
	case container.Annotation.Key():
		container.Annotation.Delete(s, p.Elem)
	default:
		withoutLabel(s, "nested")
	}
}
