package audit

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The controls of code that comes in at run time.

var noCodeVariables = &Control{
	ID: "ZL-928", Name: "no-code-variables", Title: "No code-injection variables", Severity: Medium,
	Why:    "LD_PRELOAD, PYTHONPATH and their like turn the write of a file into code",
	Fix:    "leave the variable away, or mount what it names read-only",
	Breaks: "a sample that sets PYTHONPATH to a bind, as zDLC's does: mount it ro",
	Refs:   []string{"CWE-426"},
	Reads:  []container.Row{container.Injections, container.VolumeAt, container.TmpfsAt},
	Judge:  judgeNoCodeVariables,
}

func judgeNoCodeVariables(k *Case) {
	list, ok := read(k, container.Injections)
	if !ok {
		return
	}
	for _, v := range list {
		name, value, _ := strings.Cut(v, "=")
		found := absolutePaths().FindAllStringSubmatch(value, -1)
		for _, m := range found {
			if why := whyWritable(k, name, path.Clean(m[2])); why != "" {
				k.Fail(elem(container.Env, name), "env %s must not load code from %q, %s", name, m[2], why)
				break
			}
		}
		if len(found) == 0 && !strings.HasPrefix(value, "-") {
			k.Fail(elem(container.Env, name), "env %s must name an absolute path on a read-only mount, not %q", name, value)
		}
	}
	if !container.VolumeAt.Complete(k.Spec) || !container.TmpfsAt.Complete(k.Spec) {
		if len(list) > 0 {
			k.Open(at(container.VolumeAt), "what else is mounted is not known")
		}
	}
}

// absolutePaths finds the paths in the value of a variable.
var absolutePaths = lazyregexp.New(`(^|[\s:=,;"'])(/[^\s:=,;"']*)`)

// whyWritable tells why what lies at a path of the container can be changed there; ""
// it cannot. What an image says of its own files is the image's.
func whyWritable(k *Case, name, p string) string {
	best, why := -1, ""
	for _, t := range container.TmpfsAt.Keys(k.Spec) {
		if v, _, ok := container.TmpfsAt.Get(k.Spec, t); ok && len(t) > best && liesIn(t, p) {
			best, why = len(t), "which is a tmpfs"
			if v.ReadOnly {
				why = ""
			}
		}
	}
	for _, t := range container.VolumeAt.Keys(k.Spec) {
		if v, _, ok := container.VolumeAt.Get(k.Spec, t); ok && len(t) > best && liesIn(t, p) {
			best, why = len(t), "which is a writable volume"
			if v.ReadOnly {
				why = ""
			}
		}
	}
	if ro, _, ok := container.ReadOnly.Get(k.Spec); best < 0 && ok && !ro {
		_, m, _ := container.Env.Get(k.Spec, name)
		if len(m.Origin) == 0 || m.Origin[0].Layer != container.LayerImage {
			why = "which is on the writable root"
		}
	}
	return why
}

// liesIn tells whether a path lies in what is mounted at a target.
func liesIn(target, p string) bool {
	target = strings.TrimSuffix(path.Clean(target), "/")
	return p == target || strings.HasPrefix(p, target+"/")
}

var noCodeFetched = &Control{
	ID: "ZL-939", Name: "no-code-fetched", Title: "No code fetched at run time", Severity: Medium,
	Why:    "trust_remote_code, pip at the start and downloads from a hub pass by every check before the start",
	Fix:    "leave them away; fetch at build time, and set HF_HUB_OFFLINE=1",
	Breaks: "training containers install packages: a profile of kind notebook or shell",
	Refs:   []string{"IBM L192-228", "OWASP #13", "NIST 4.1.5", "CWE-494"},
	Reads:  []container.Row{container.Fetches, container.ProfileKind},
	Judge:  judgeNoCodeFetched,
}

func judgeNoCodeFetched(k *Case) {
	found, ok := read(k, container.Fetches)
	if !ok {
		return
	}
	severity := k.control.Severity
	if kind := peek(k, container.ProfileKind); kind == "notebook" || kind == "shell" {
		severity = Low // a workbench installs what it works with
	}
	for _, f := range found {
		place, what, _ := strings.Cut(f, ": ")
		if name, ok := strings.CutPrefix(place, "env["); ok {
			name = strings.TrimSuffix(name, "]")
			k.FailAs(severity, elem(container.Env, name), "env %s must not let the workload load code it downloads", name)
			continue
		}
		k.FailAs(severity, container.Path{Key: place}, "%s must not fetch code at run time, as %q does", place, what)
	}
}
