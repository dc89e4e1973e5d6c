package audit

import "github.com/zlaunch/zlaunch/launcher/container"

// mac are the controls of group 4: mandatory access control. They apply where the
// host has the mechanism; the gap elsewhere is told once, by ZL-408.
var mac = []*Control{
	{
		ID: "ZL-401", Name: "selinux-on", Title: "SELinux separation is on", Severity: Critical,
		Why:    "the wall that still stands when namespaces, capabilities or the runtime fail",
		Fix:    "leave --security-opt=label=disable away, and --privileged, --pid=host and --ipc=host, which imply it",
		Breaks: "an unlabelled mount is refused then: give its volume z or Z",
		Refs:   []string{"OWASP #6", "CIS 5.3", "PSS baseline", "KSV-0025", "NSA SELinux", "CWE-693", "IBM L94-98", "IBM L104"},
		Reads:  []container.Row{container.SecurityLabel, container.ProcessLabel},
		Judge:  judgeLabelled,
		Mend:   withLabel,
	},
	{
		ID: "ZL-402", Name: "selinux-type", Title: "The SELinux type is a confined one", Severity: High,
		Why:    "spc_t and unconfined_t are label=disable by another name",
		Fix:    "leave --security-opt=label=type: away, or name container_t or a type udica made for this workload",
		Breaks: "a workload that needs more: udica writes a policy for it",
		Refs:   []string{"PSS baseline", "CIS 5.3", "KSV-0025", "CWE-693", "IBM L94-98"},
		Reads:  []container.Row{container.SecurityLabel, container.ProcessLabel},
		Judge:  judgeLabelType,
		Mend:   func(s *container.Spec, _ container.Path) { withoutLabel(s, "type") },
	},
	{
		ID: "ZL-403", Name: "selinux-level", Title: "The SELinux level separates containers", Severity: Medium,
		Why:    "at s0, or with all categories, every container may touch the files of every other",
		Fix:    "leave --security-opt=label=level: away: Podman picks two categories of its own for each container",
		Breaks: "several containers on one store of files that Z labelled: give a level of two categories and say why",
		Refs:   []string{"PSS baseline", "CIS 5.3", "CWE-653", "IBM L94-98"},
		Reads:  []container.Row{container.SecurityLabel, container.WorkloadLevel},
		Judge:  judgeLevel,
		Mend:   func(s *container.Spec, _ container.Path) { withoutLabel(s, "level") },
	},
	{
		ID: "ZL-404", Name: "selinux-role", Title: "No other SELinux user or role", Severity: Medium,
		Why:    "another user or role leaves the part of the policy that is written for containers",
		Fix:    "leave --security-opt=label=user: and label=role: away",
		Breaks: "sites with label_users=true in containers.conf",
		Refs:   []string{"PSS baseline", "KSV-0025"},
		Reads:  []container.Row{container.SecurityLabel, container.WorkloadRole},
		Judge:  judgeRole,
		Mend: func(s *container.Spec, _ container.Path) {
			withoutLabel(s, "user")
			withoutLabel(s, "role")
		},
	},
	{
		ID: "ZL-405", Name: "no-nested-labels", Title: "No nested labelling", Severity: Medium,
		Why:    "label=nested shows the container SELinux's own file system and lets it relabel",
		Fix:    "leave --security-opt=label=nested away",
		Breaks: "Podman inside the container",
		Refs:   []string{"PSS baseline", "CWE-693"},
		Reads:  []container.Row{container.SecurityLabel},
		Judge:  judgeNested,
		Mend:   withoutNesting,
	},
	{
		ID: "ZL-406", Name: "selinux-enforcing", Title: "SELinux enforces on the host", Severity: High,
		Why:    "permissive logs what it would forbid, and forbids nothing",
		Fix:    "sudo setenforce 1, and SELINUX=enforcing in /etc/selinux/config",
		Breaks: "what is labelled wrong is refused then: mend the labels, restorecon -R",
		Refs:   []string{"OWASP #6", "CIS 5.3", "NIST 4.4.3", "CWE-693", "IBM L96-98"},
		Reads:  []container.Row{container.SELinux},
		Judge:  judgeEnforcing,
	},
	{
		ID: "ZL-407", Name: "apparmor-kept", Title: "An AppArmor profile is attached (as root only)", Severity: High,
		Why:    "AppArmor is the same wall on the distributions that have it",
		Fix:    "leave --security-opt=apparmor=unconfined and --privileged away",
		Breaks: "rootless Podman applies no profile and refuses a named one: nothing to do there, see ZL-408",
		Refs:   []string{"OWASP #6", "CIS 5.2", "PSS baseline", "KSV-0002", "kubesec ApparmorUnconfined", "NSA AppArmor", "CWE-693", "IBM L94-98"},
		Reads:  []container.Row{container.Apparmor},
		Judge:  judgeAppArmor,
		Mend:   withAppArmor,
	},
	{
		ID: "ZL-408", Name: "some-mac", Title: "Some mandatory access control confines the container", Severity: High,
		Why:    "IBM asks for rootless and for SELinux or AppArmor; where neither confines the container, user ids and the kernel's filters stand alone",
		Fix:    "run where SELinux enforces; elsewhere waive this once for the host, and keep seccomp_profile = \"inference\", read_only, cap_drop all and a network without egress",
		Breaks: "rootless Podman on an AppArmor host cannot meet it today, nor can zCX",
		Refs:   []string{"OWASP #6", "CIS 5.2", "CIS 5.3", "NIST 4.4.3", "CWE-693", "IBM L94-98", "IBM L131-138"},
		Reads:  []container.Row{container.ProcessLabel, container.SELinux},
		Judge:  judgeSomeMAC,
	},
}
