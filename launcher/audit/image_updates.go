package audit

import (
	"cmp"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of how an image is replaced by a newer one.

var pullPolicy = &Control{
	ID: "ZL-907", Name: "pull-policy", Title: "Pull policy fits the reference", Severity: Low,
	Why:    "missing with a tag runs a stale image, always with a tag an unreviewed one",
	Fix:    "a digest with --pull missing; a tag with --pull never",
	Breaks: "with never the image must be pulled by hand first",
	Refs:   []string{"IBM L184-190", "CIS 5.28", "NIST 3.2.2", "NSA image scanning", "CKV_K8S_15", "kube-score container-image-pull-policy"},
	Reads:  []container.Row{container.Pull, container.Image},
	Judge:  judgePullPolicy, // no Mend: never would stop a run whose image is not here yet
}

func judgePullPolicy(k *Case) {
	n, _, ok := imageOf(k)
	if !ok {
		return
	}
	policy, m, known := container.Pull.Get(k.Spec)
	switch path := at(container.Pull); {
	case !known && peek(k, container.Subject) == "container":
		k.NA("it was pulled before it was seen: ZL-916")
	case !known:
		k.Open(path, "pull is not known")
	case n.local || n.host == "localhost" || policy == "never":
	case n.pinned() && (policy == "always" || policy == "newer"):
		k.Fail(path, "pull must be missing or never: a digest is always the same")
	case !n.pinned() && m.Why == "":
		k.Fail(path, "pull of a tag must be never, or newer with its why: %q runs what an earlier or a later pull brought", policy)
	}
}

var imageCurrent = &Control{
	ID: "ZL-916", Name: "image-current", Title: "Running container matches the current image", Severity: Medium,
	Why:   "an update that was pulled and not started leaves the old code serving",
	Fix:   "start the container anew",
	Refs:  []string{"IBM L184-190", "CIS 5.28", "NIST 3.2.2"},
	Reads: []container.Row{container.ImageCurrent},
	Judge: judgeImageCurrent,
}

func judgeImageCurrent(k *Case) {
	if s := cmp.Or(textOf(k), peek(k, container.Subject)); s == "plan" || beforeHost(k) {
		k.NA("a %s does not run yet", s)
		return
	}
	if v, ok := read(k, container.ImageCurrent); ok && !v {
		k.Fail(at(container.ImageCurrent), "the container must be started anew: its image's name means another image now")
	}
}

var updatesDecided = &Control{
	ID: "ZL-817", Name: "updates-decided", Title: "Automatic image update is a decision", Severity: Low,
	Why:    "an image that is swapped by itself runs code nobody reviewed",
	Fix:    "leave --label io.containers.autoupdate and AutoUpdate= away, or demand signatures (ZL-905)",
	Breaks: "updates then need a hand: good, or signed images",
	Refs:   []string{"IBM L184-190", "OWASP #13", "NIST 3.1.1"},
	Reads:  []container.Row{container.Labels, container.SignedBy},
	Judge:  judgeUpdatesDecided, Mend: dropElement(container.Labels),
}

func judgeUpdatesDecided(k *Case) {
	each(k, container.Labels, func(path container.Path, name, value string, _ container.Mark) {
		if off, ok := updateLabels[name]; !ok || slices.Contains(off, value) {
			return
		}
		if peek(k, container.SignedBy) == "signed" {
			k.FailAs(Info, path, "label %s must go, or stay as a decision: a new image runs without review, if signed", name)
			return
		}
		k.Fail(path, "label %s must go: a new image would run without review", name)
	})
}

// updateLabels are the labels that let something swap the image, each with the values
// that do not.
var updateLabels = map[string][]string{
	"io.containers.autoupdate":              {"", "disabled"},
	"com.centurylinklabs.watchtower.enable": {"", "false"},
}
