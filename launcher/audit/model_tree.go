package audit

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of the model tree on the host, which a walk through it answers.

var ModelNotWritable = &Control{
	ID: "ZL-931", Name: "model-not-writable", Title: "Model tree not writable by others on the host", Severity: High,
	Why:   "whoever can change the model controls the answers, and with a format that is code the server",
	Fix:   "chmod -R go-w TREE, and --userns keep-id:uid=UID,gid=GID instead of chmod o+rwx",
	Refs:  []string{"IBM L170-172", "NIST 3.5.5", "NIST 4.5.5", "CWE-732"},
	Reads: []container.Row{container.VolumeAt, container.Walked},
	Judge: judgeModelNotWritable,
}

// judgeModelNotWritable is [walkedTree] for what must not pass unseen: it is open
// also where the host that has the models is another one.
func judgeModelNotWritable(k *Case) {
	unwalked, any := unwalkedTrees(k)
	if !any && container.VolumeAt.Complete(k.Spec) {
		k.NA("no directory of the host is mounted")
		return
	}
	for _, t := range unwalked {
		k.Open(elem(container.VolumeAt, t), "who can write the tree at %s is known on its host", t)
	}
	openVolumes(k)
}

func openVolumes(k *Case) {
	if !container.VolumeAt.Complete(k.Spec) {
		k.Open(at(container.VolumeAt), "whether there is more in volume is not known")
	}
}

var ModelReadable = &Control{
	ID: "ZL-932", Name: "model-readable", Title: "Model files have the expected owner", Severity: Medium,
	Why:    "files of a stranger or of a sub-uid were written by somebody else, maybe by a container",
	Fix:    "podman unshare chown -R 0:0 TREE",
	Breaks: "containers that train leave files of sub-uids: run them with keep-id from the start",
	Refs:   []string{"IBM L170-172", "CWE-282"},
	Reads:  []container.Row{container.VolumeAt, container.Walked},
	Judge:  walkedTree,
}

// walkedTree is the judge of what only a walk through the model tree can tell. What
// the walk found is brought to [Judge].
func walkedTree(k *Case) {
	unwalked, any := unwalkedTrees(k)
	if notJudgedHere(k, any) {
		return
	}
	for _, t := range unwalked {
		k.Open(elem(container.VolumeAt, t), "the tree at %s was not walked", t)
	}
}

var ModelNoLinksOut = &Control{
	ID: "ZL-933", Name: "model-no-links-out", Title: "No links out of the tree, no special files", Severity: Medium,
	Why:    "links out of the tree break in the container or leak, and special files have no place in a model",
	Fix:    "copy the tree with its links followed: cp -rL TREE NEW",
	Breaks: "snapshots of Hugging Face link to ../../blobs: mount the models--… directory, or export",
	Refs:   []string{"IBM L170-172", "CWE-59"},
	Reads:  []container.Row{container.VolumeAt, container.Walked},
	Judge:  walkedTree,
}

var ModelRunsNoCode = &Control{
	ID: "ZL-934", Name: "model-runs-no-code", Title: "Model format does not run code at load", Severity: High,
	Why:    "loading a pickle, a model.so or a model.py is running a program",
	Fix:    "safetensors, ONNX or GGUF where the server takes them; code only from where you would take a program",
	Breaks: "models of zDLC and of Triton's Python backend are programs: they weigh on ZL-501 to ZL-505, ZL-705, ZL-931 and ZL-935",
	Refs:   []string{"IBM L170-172", "OWASP ML supply chain", "NIST 3.1.3", "NIST 4.1.3", "CWE-502", "CWE-829"},
	Reads:  []container.Row{container.VolumeAt, container.Walked},
	Judge:  walkedTree,
}

// unwalkedTrees lists the targets of the binds that hold models, or may, and whose tree
// nobody is known to have walked. What a device brings read-only is its driver's. In a plan preflight has walked what the command
// line brought, and its findings come beside these.
func unwalkedTrees(k *Case) (unwalked []string, any bool) {
	walked := peek(k, container.Walked)
	plan := peek(k, container.Subject) == "plan"
	for _, t := range container.VolumeAt.Keys(k.Spec) {
		v, m, ok := container.VolumeAt.Get(k.Spec, t)
		if !ok || hostMade(m) || m.Brought() && v.ReadOnly || !v.Bind() && !v.Open && !v.Backed() {
			continue
		}
		any = true
		if !slices.Contains(walked, t) && !(plan && m.Walked()) {
			unwalked = append(unwalked, t)
		}
	}
	return unwalked, any
}

// notJudgedHere says why a tree cannot be judged here, and whether it did.
func notJudgedHere(k *Case, any bool) bool {
	switch s := peek(k, container.Subject); {
	case !any && container.VolumeAt.Complete(k.Spec):
		k.NA("no directory of the host is mounted")
	case s != "plan" && s != "container":
		k.NA("it is judged on the host that has the models")
	default:
		openVolumes(k)
		return false
	}
	return true
}
