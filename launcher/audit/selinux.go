package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of whether SELinux confines the container. They apply where the host has it; the gap
// elsewhere is told once, by [SomeMAC].

var SELinuxOn = &Control{
	ID: "ZL-401", Name: "selinux-on", Title: "SELinux separation is on", Severity: Critical,
	Why:    "the wall that still stands when namespaces, capabilities or the runtime fail",
	Fix:    "leave --security-opt=label=disable away, and --privileged, --pid=host and --ipc=host, which imply it",
	Breaks: "an unlabelled mount is refused then: give its volume z or Z",
	Refs:   []string{"OWASP #6", "CIS 5.3", "PSS baseline", "KSV-0025", "NSA SELinux", "CWE-693", "IBM L94-98", "IBM L104"},
	Reads:  []container.Row{container.SecurityLabel, container.ProcessLabel},
	Judge:  judgeSELinuxOn,
	Mend:   mendSELinuxOn,
}

// judgeSELinuxOn asks for a label of the process; where the process is not seen,
// for options that leave it one. A foreign pid or ipc namespace switches it off
// without a word. A plan is also run elsewhere, so that label=disable stands
// against it on every host.
func judgeSELinuxOn(k *Case) {
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

func mendSELinuxOn(s *container.Spec, p container.Path) {
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

var SELinuxEnforcing = &Control{
	ID: "ZL-406", Name: "selinux-enforcing", Title: "SELinux enforces on the host", Severity: High,
	Why:    "permissive logs what it would forbid, and forbids nothing",
	Fix:    "sudo setenforce 1, and SELINUX=enforcing in /etc/selinux/config",
	Breaks: "what is labelled wrong is refused then: mend the labels, restorecon -R",
	Refs:   []string{"OWASP #6", "CIS 5.3", "NIST 4.4.3", "CWE-693", "IBM L96-98"},
	Reads:  []container.Row{container.SELinux},
	OfHost: true,
	Judge:  judgeSELinuxEnforcing,
}

func judgeSELinuxEnforcing(k *Case) {
	if noSELinux(k) {
		return
	}
	if state, ok := hostSELinux(k); ok && state != "enforcing" {
		k.Fail(at(container.SELinux), "SELinux must be enforcing on the host, it is %s", state)
	}
}

// hostSELinux is the state of the host; where it is not known the control is open.
func hostSELinux(k *Case) (string, bool) {
	state, _, ok := container.SELinux.Get(k.Spec)
	if !ok {
		k.Open(at(container.SELinux), "whether SELinux enforces on the host is not known: getenforce tells")
	}
	return state, ok
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
