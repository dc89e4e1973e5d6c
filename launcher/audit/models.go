package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of how models are delivered.

var ModelDigest = &Control{
	ID: "ZL-935", Name: "model-digest", Title: "Model digest recorded and verified", Severity: Medium,
	Why:    "a swap between review and start shows only in a digest",
	Fix:    "digest in the profile's models, which zlaunch verifies before the start",
	Breaks: "large trees take their time to read",
	Refs:   []string{"IBM L170-172", "OWASP #13", "NIST 4.1.5", "CWE-345"},
	Reads:  []container.Row{container.ModelDigest, container.VolumeAt},
	Judge:  judgeModelDigest,
}

func judgeModelDigest(k *Case) {
	if _, any := unwalkedTrees(k); notJudgedHere(k, any) {
		return
	}
	if v, ok := read(k, container.ModelDigest); ok && v == "" {
		k.Fail(at(container.ModelDigest), "the profile must name the digest of the models")
	}
}

var modelImmutable = &Control{
	ID: "ZL-936", Name: "model-immutable", Title: "Model delivered as immutable content (advice)", Severity: Info,
	Why:    "a mount of an image or artifact is read-only and named by its content: no relabel, no permissions",
	Fix:    "--mount type=image,source=IMAGE,destination=/models,rw=false",
	Breaks: "it needs a registry or a local build; artifacts need Podman 5.5",
	Refs:   []string{"IBM L165-172", "OWASP #13", "PSS restricted", "NIST 4.1.5"},
	Reads:  []container.Row{container.MountOther, container.VolumeAt},
	Judge:  judgeModelImmutable,
}

func judgeModelImmutable(k *Case) {
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
	if _, any := unwalkedTrees(k); any {
		k.NA("advice: a mount of type=image or artifact would be read-only and named by its digest")
	}
}

var ModelsOnly = &Control{
	ID: "ZL-938", Name: "models-only", Title: "Mount contains models only", Severity: Low,
	Why:   ".git, notebooks, .env, datasets and keys travel along with a directory that holds more than models",
	Fix:   "a directory of its own for the models: --volume /srv/models:/models:ro,z",
	Refs:  []string{"IBM L170-172", "CIS 4.10", "CWE-200", "DKL-LI-0003"},
	Reads: []container.Row{container.VolumeAt},
	Judge: judgeModelsOnly,
}

func judgeModelsOnly(k *Case) {
	_, any := unwalkedTrees(k)
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

// workingDirectory are the ways a line names the directory it is typed in.
var workingDirectory = []string{".", "$PWD", "${PWD}", "$(pwd)", "`pwd`"}
