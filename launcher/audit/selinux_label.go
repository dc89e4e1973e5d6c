package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The controls of the label that a process has: type, level, user and role.

var selinuxType = &Control{
	ID: "ZL-402", Name: "selinux-type", Title: "The SELinux type is a confined one", Severity: High,
	Why:    "spc_t and unconfined_t are label=disable by another name",
	Fix:    "leave --security-opt=label=type: away, or name container_t or a type udica made for this workload",
	Breaks: "a workload that needs more: udica writes a policy for it",
	Refs:   []string{"PSS baseline", "CIS 5.3", "KSV-0025", "CWE-693", "IBM L94-98"},
	Reads:  []container.Row{container.SecurityLabel, container.ProcessLabel},
	Judge:  judgeSELinuxType,
	Mend:   func(s *container.Spec, _ container.Path) { withoutLabel(s, "type") },
}

// judgeSELinuxType judges the type that was asked for, and the one the process has.
func judgeSELinuxType(k *Case) {
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

// confinedTypes are the types for containers of container-selinux; udica names
// those it makes NAME.process.
var confinedTypes = []string{"container_t", "container_init_t", "container_kvm_t", "svirt_lxc_net_t"}

var selinuxLevel = &Control{
	ID: "ZL-403", Name: "selinux-level", Title: "The SELinux level separates containers", Severity: Medium,
	Why:    "at s0, or with all categories, every container may touch the files of every other",
	Fix:    "leave --security-opt=label=level: away: Podman picks two categories of its own for each container",
	Breaks: "several containers on one store of files that Z labelled: give a level of two categories and say why",
	Refs:   []string{"PSS baseline", "CIS 5.3", "CWE-653", "IBM L94-98"},
	Reads:  []container.Row{container.SecurityLabel, container.WorkloadLevel},
	Judge:  judgeSELinuxLevel,
	Mend:   func(s *container.Spec, _ container.Path) { withoutLabel(s, "level") },
}

func judgeSELinuxLevel(k *Case) {
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
	case said && !twoCategories().MatchString(level):
		k.Fail(at(container.SecurityLabel), "label=level must be left away, or name two categories, not %q", level)
	case said && m.Why == "":
		k.Fail(at(container.SecurityLabel), "label=level:%s must be left away, or its reason given: who shares it shares the files", level)
	case observed && !twoCategories().MatchString(seen):
		k.Fail(at(container.WorkloadLevel), "the SELinux level of the process must have two categories of its own, it is %q", seen)
	case !options && !observed:
		k.Open(at(container.WorkloadLevel), "the SELinux level of the process is not known")
	}
}

// twoCategories matches a level of exactly two categories, which is what separates: a
// range, one category or none is shared with others.
var twoCategories = lazyregexp.New(`^(s0-)?s0:c\d{1,4},c\d{1,4}$`)

var selinuxRole = &Control{
	ID: "ZL-404", Name: "selinux-role", Title: "No other SELinux user or role", Severity: Medium,
	Why:    "another user or role leaves the part of the policy that is written for containers",
	Fix:    "leave --security-opt=label=user: and label=role: away",
	Breaks: "sites with label_users=true in containers.conf",
	Refs:   []string{"PSS baseline", "KSV-0025"},
	Reads:  []container.Row{container.SecurityLabel, container.WorkloadRole},
	Judge:  judgeSELinuxRole,
	Mend: func(s *container.Spec, _ container.Path) {
		withoutLabel(s, "user")
		withoutLabel(s, "role")
	},
}

func judgeSELinuxRole(k *Case) {
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

// ownRole is the SELinux user and role of every container.
const ownRole = "system_u:system_r"

var noNestedLabels = &Control{
	ID: "ZL-405", Name: "no-nested-labels", Title: "No nested labelling", Severity: Medium,
	Why:    "label=nested shows the container SELinux's own file system and lets it relabel",
	Fix:    "leave --security-opt=label=nested away",
	Breaks: "Podman inside the container",
	Refs:   []string{"PSS baseline", "CWE-693"},
	Reads:  []container.Row{container.SecurityLabel},
	Judge:  judgeNoNestedLabels,
	Mend:   mendNoNestedLabels,
}

func judgeNoNestedLabels(k *Case) {
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

func mendNoNestedLabels(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.VolumeAt.Key():
		container.VolumeAt.Delete(s, p.Elem)
	case container.Annotation.Key():
		container.Annotation.Delete(s, p.Elem)
	default:
		withoutLabel(s, "nested")
	}
}
