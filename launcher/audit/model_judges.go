package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// trees lists the targets of the binds that hold models, or may, and whose tree
// nobody is known to have walked. In a plan preflight has walked what the command
// line brought, and its findings come beside these.
func trees(k *Case) (unwalked []string, any bool) {
	walked := peek(k, container.Walked)
	plan := peek(k, container.Subject) == "plan"
	for _, t := range container.VolumeAt.Keys(k.Spec) {
		v, m, ok := container.VolumeAt.Get(k.Spec, t)
		if !ok || hostMade(m) || !v.Bind() && !v.Open && !v.Backed() {
			continue
		}
		any = true
		typed := len(m.Origin) > 0 && (m.Origin[0].Key == "--models" || m.Origin[0].Key == "--output")
		if !slices.Contains(walked, t) && !(plan && typed) {
			unwalked = append(unwalked, t)
		}
	}
	return unwalked, any
}

// walkedTree is the judge of what only a walk through the model tree can tell. What
// the walk found is brought to [Judge].
func walkedTree(k *Case) {
	unwalked, any := trees(k)
	if elsewhere(k, any) {
		return
	}
	for _, t := range unwalked {
		k.Open(elem(container.VolumeAt, t), "the tree at %s was not walked", t)
	}
}

// walkedTreeAnywhere is [walkedTree] for what must not pass unseen: it is open
// also where the host that has the models is another one.
func walkedTreeAnywhere(k *Case) {
	unwalked, any := trees(k)
	if !any && container.VolumeAt.Complete(k.Spec) {
		k.NA("no directory of the host is mounted")
		return
	}
	for _, t := range unwalked {
		k.Open(elem(container.VolumeAt, t), "who can write the tree at %s is known on its host", t)
	}
	openVolumes(k)
}

// elsewhere says why a tree cannot be judged here, and whether it did.
func elsewhere(k *Case, any bool) bool {
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

func openVolumes(k *Case) {
	if !container.VolumeAt.Complete(k.Spec) {
		k.Open(at(container.VolumeAt), "whether there is more in volume is not known")
	}
}

func modelDigest(k *Case) {
	if _, any := trees(k); elsewhere(k, any) {
		return
	}
	if v, ok := read(k, container.ModelDigest); ok && v == "" {
		k.Fail(at(container.ModelDigest), "the profile must name the digest of the models")
	}
}

func immutableModels(k *Case) {
	others, ok := read(k, container.MountOther)
	if !ok {
		return
	}
	for _, m := range others {
		opts := strings.Split(m, ",")
		if slices.Contains(opts, "type=image") && (slices.Contains(opts, "rw=true") || slices.Contains(opts, "readwrite=true")) {
			k.Fail(at(container.MountOther), "mount of an image must have rw=false")
		}
	}
	if _, any := trees(k); any {
		k.NA("advice: a mount of type=image or artifact would be read-only and named by its digest")
	}
}

// workingDirectory are the ways a line names the directory it is typed in.
var workingDirectory = []string{".", "$PWD", "${PWD}", "$(pwd)", "`pwd`"}

func modelsOnly(k *Case) {
	_, any := trees(k)
	found := false
	each(k, container.VolumeAt, func(at container.Path, target string, v container.Volume, _ container.Mark) {
		src := v.Source
		if v.Bind() {
			src = path.Clean(src)
		}
		switch name := path.Base(src); {
		case slices.Contains(workingDirectory, src):
			k.Fail(at, "volume %s must come from the directory of the models, not from the whole working directory", target)
			found = true
		case v.Bind() && strings.HasPrefix(name, ".") && strings.Trim(name, ".") != "":
			k.Fail(at, "volume %s must not come from %q, which is hidden and holds no models", target, v.Source)
			found = true
		}
	})
	switch {
	case found || !any && !container.VolumeAt.Complete(k.Spec): // the mounts that are not known keep it open
	case !any:
		k.NA("no directory of the host is mounted")
	default:
		k.NA("what else lies beside the models is looked for, by its names, where zlaunch mounts them")
	}
}
