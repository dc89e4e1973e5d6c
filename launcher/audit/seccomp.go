package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of the seccomp filter.

var SeccompOn = &Control{
	ID: "ZL-208", Name: "seccomp-on", Title: "seccomp is on", Severity: Critical,
	Why:    "without the filter every syscall is reachable, those behind most escapes included",
	Fix:    "leave --security-opt=seccomp=unconfined away",
	Breaks: "old images with exotic calls: give them a profile file, never unconfined",
	Refs: []string{"OWASP #6", "CIS 5.22", "PSS baseline", "PSS restricted", "KSV-0104", "KSV-0030", "CKV_K8S_31", "kubesec SeccompUnconfined",
		"kube-score container-seccomp-profile", "CWE-693", "IBM L104-106"},
	Reads: []container.Row{container.SeccompProfile, container.SeccompFilter},
	Judge: judgeSeccompOn,
	Mend:  set(container.SeccompProfile, ""),
}

// judgeSeccompOn asks for a filter in force.
func judgeSeccompOn(k *Case) {
	profile, _, said := container.SeccompProfile.Get(k.Spec)
	filter, fm, known := container.SeccompFilter.Get(k.Spec)
	switch {
	case !said && !known:
		k.Open(at(container.SeccompFilter), "whether a seccomp filter is in force is not known")
	case known && filter == "none" && fm.Evidence > container.Created:
		k.Fail(at(container.SeccompFilter), "a seccomp filter must be in force, the process has none")
	case profile == "unconfined" && (!known || filter == "none"):
		k.Fail(at(container.SeccompProfile), "seccomp_profile must not be unconfined")
	case known && filter == "none" && peek(k, container.Privileged):
		k.Fail(at(container.Privileged), "privileged must be false: it switches the seccomp filter off")
	case known && filter == "none":
		k.Fail(at(container.SeccompFilter), "a seccomp filter must be in force")
	default:
		if weak := peek(k, container.WeakFilter); len(weak) > 0 {
			k.Fail(at(container.SeccompProfile), "the seccomp filter must not let through what no default does: %s", firstFew(weak))
		}
	}
}

var knownSeccomp = &Control{
	ID: "ZL-209", Name: "known-seccomp", Title: "The seccomp profile is a known one", Severity: Medium,
	Why:    "a file whose default action allows is unconfined in disguise",
	Fix:    "leave --security-opt=seccomp=FILE and --seccomp-policy=image away",
	Breaks: "a profile of your own that lists architectures needs SCMP_ARCH_S390X on Z",
	Refs:   []string{"OWASP #6", "CIS 5.22", "PSS baseline", "CWE-693"},
	Reads:  []container.Row{container.SeccompProfile, container.SeccompPolicy, container.FilterKnown},
	Judge:  judgeKnownSeccomp,
	Mend:   mendKnownSeccomp,
}

func judgeKnownSeccomp(k *Case) {
	if peek(k, container.SeccompPolicy) == "image" {
		k.Fail(at(container.SeccompPolicy), "--seccomp-policy must be default: with image the image chooses its own filter")
	}
	profile, _, said := container.SeccompProfile.Get(k.Spec)
	filterKnown, _, known := container.FilterKnown.Get(k.Spec)
	filter := peek(k, container.SeccompFilter)
	switch {
	case profile == "unconfined" || filter == "none":
		k.NA("there is no filter, which ZL-208 judges")
	case known && !filterKnown:
		k.Fail(at(container.SeccompProfile), "seccomp_profile must be the engine's default or one of zlaunch's own")
	case known || said && slices.Contains(packagedFilters, profile):
	case said:
		k.Open(at(container.SeccompProfile), "what %s lets through is not known", profile)
	default:
		k.Open(at(container.SeccompFilter), "which filter is in force is not known")
	}
}

// packagedFilters are the words and files of the engine's own default.
var packagedFilters = []string{"", "default", "builtin", "inference", "/usr/share/containers/seccomp.json"}

func mendKnownSeccomp(s *container.Spec, p container.Path) {
	if p.Key == container.SeccompPolicy.Key() {
		container.SeccompPolicy.Clear(s)
		return
	}
	container.SeccompProfile.Set(s, "", mended)
}

var strictSeccomp = &Control{
	ID: "ZL-210", Name: "strict-seccomp", Title: "The strict profile for inference", Severity: Low,
	Why:    "the default filter lets a process without rights make a user namespace, and in it hold every capability against the kernel",
	Fix:    "seccomp_profile = \"inference\" in the profile; elsewhere --security-opt=seccomp=FILE with the file zlaunch writes",
	Breaks: "browser sandboxes, bubblewrap, some JVM tools",
	Refs:   []string{"OWASP #6", "systemd RestrictNamespaces=", "NIST 4.4.3", "CWE-693", "IBM L244-248"},
	Reads:  []container.Row{container.SeccompProfile},
	Judge:  judgeStrictSeccomp,
}

func judgeStrictSeccomp(k *Case) {
	profile, ok := read(k, container.SeccompProfile)
	if !ok || profile == "inference" {
		return
	}
	if own := peek(k, container.FilterKnown); own && strings.HasPrefix(path.Base(profile), "inference-") {
		return
	}
	k.Fail(at(container.SeccompProfile), "seccomp_profile should be inference: another one lets the workload make user namespaces")
}
