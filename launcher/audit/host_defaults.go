package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of what containers.conf gives to every run.

var HostDefaults = &Control{
	ID: "ZL-107", Name: "host-defaults", Title: "The host's defaults do not weaken the run", Severity: High,
	Why:    "containers.conf can weaken every run while the command line looks clean",
	Fix:    "state every security option, leave --module and CONTAINERS_CONF away, and take what weakens out of containers.conf",
	Refs:   []string{"NIST 4.4.3", "CWE-1188", "IBM L104-108"},
	Reads:  []container.Row{container.Modules, container.HostSteers},
	OfHost: true,
	Judge:  judgeHostDefaults,
	Mend:   mendHostDefaults,
}

// judgeHostDefaults names what brings another containers.conf in, and what of the
// present one weakens this run.
func judgeHostDefaults(k *Case) {
	if modules, ok := read(k, container.Modules); ok && len(modules) > 0 {
		k.FailAs(weightOfConf(modules), at(container.Modules), "--module must be left away: %q sets what the command line does not show", modules)
	}
	for _, word := range peek(k, container.Prefix) {
		if setsDefaults(word) {
			k.Fail(at(container.Prefix), "%s must be left away: it sets what the command line does not show", strings.Split(word, "=")[0])
		}
	}
	hostSteers(k)
	for _, w := range weakeningValues {
		if what := w.weak(k.Spec); what != "" {
			k.Fail(at(w.row), "%s comes from the host's containers.conf: state %s, or take it out there", what, w.row.Key())
		}
	}
}

// weightOfConf: a containers.conf names the programs that the engine runs, so one
// that is not the administrator's runs code of its owner's choice on the host. A
// module by its name alone lies in a directory that the engine knows.
func weightOfConf(files []string) Severity {
	if slices.ContainsFunc(files, func(f string) bool { return strings.Contains(f, "/") && !ofRoot(f) }) {
		return Critical
	}
	return High
}

// setsDefaults tells whether a word in front of the command gives the engine other
// defaults.
func setsDefaults(word string) bool {
	name, _, assigned := strings.Cut(word, "=")
	return assigned && slices.Contains([]string{"CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE", "PODMAN_USERNS"}, name)
}

// weakeningValues are the settings whose weak value an administrator can give to every
// container (containers.conf(5), ZL-107). The keys of the file, with
// those that no setting shows, are judged by preflight.
var weakeningValues = []struct {
	row  container.Row
	weak func(*container.Spec) string
}{
	{container.Privileged, weakly(container.Privileged, func(v bool) bool { return v })},
	{container.CapAdd, weakly(container.CapAdd, filled)},
	{container.SeccompProfile, weakly(container.SeccompProfile, func(v string) bool { return v != "" })},
	{container.SecurityLabel, weakly(container.SecurityLabel, filled)},
	{container.Apparmor, weakly(container.Apparmor, func(v string) bool { return v == "unconfined" })},
	{container.Device, weakly(container.Device, filled)},
	{container.Network, weakly(container.Network, func(v []string) bool { return slices.Contains(v, "host") })},
	{container.Ipc, weakly(container.Ipc, isHost)}, {container.Pid, weakly(container.Pid, isHost)},
	{container.Uts, weakly(container.Uts, isHost)}, {container.Cgroupns, weakly(container.Cgroupns, isHost)},
	{container.EnvHost, weakly(container.EnvHost, func(v bool) bool { return v })},
}

// weakly says a row's value where the host decided it and it weakens the run.
func weakly[T any](row container.Field[T], weak func(T) bool) func(*container.Spec) string {
	return func(s *container.Spec) string {
		v, m, ok := row.Get(s)
		if !ok || !hostMade(m) || !weak(v) {
			return ""
		}
		return fmt.Sprintf("%s = %v", row.Key(), v)
	}
}

func filled(v []string) bool { return len(v) > 0 }

func isHost(v string) bool { return v == "host" }

func mendHostDefaults(s *container.Spec, p container.Path) {
	if p.Key == container.HostSteers.Key() {
		return // no option changes the host
	}
	if v, _, ok := container.Prefix.Get(s); ok && p.Key == container.Prefix.Key() {
		container.Prefix.Set(s, slices.DeleteFunc(slices.Clone(v), setsDefaults), mended)
		return
	}
	container.Modules.Clear(s)
}

// hostSteers fails the control for what the host's own configuration does to every
// run, where somebody looked.
func hostSteers(k *Case) {
	for _, v := range peek(k, container.HostSteers) {
		if what, ok := strings.CutPrefix(v, k.control.ID+": "); ok {
			k.FailAs(High, at(container.HostSteers), "%s", what)
		}
	}
}
