package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// The control of images that an engine obeys; [engine.Ways] is its table.

var ImageSteers = &Control{
	ID: "ZL-917", Name: "image-steers", Title: "The image does not steer the engine", Severity: High,
	Why:    "engines and runtimes obey annotations, labels and variables of an image: a stranger's file then decides about the sandbox, and no option shows it",
	Fix:    "take another image, or build it anew without them; a label is overridden by --label NAME=VALUE",
	Breaks: "images of checkpoints: restore them by podman container restore, knowing that it asks for no option of a run",
	Refs: []string{"CVE-2026-94603", "CVE-2026-57231", "CVE-2026-55686", "CVE-2026-121885", "NIST 3.1.3", "NIST 3.4.5",
		"CWE-693", "CWE-829"},
	Reads: []container.Row{container.ImageSteers, container.Labels},
	Judge: judgeImageSteers, Mend: mendImageSteers,
}

func judgeImageSteers(k *Case) {
	steers, _, known := container.ImageSteers.Get(k.Spec)
	switch {
	case !known && peek(k, container.Rootfs) != "":
		k.NA("a root directory is run, and no image")
	case !known:
		k.Open(at(container.ImageSteers), "what the image carries is not known: podman image inspect shows its annotations, labels and Env%s", unpatched(k))
	}
	for _, word := range steers {
		judgeWay(k, word)
	}
}

// unpatched says what an engine of a known version would obey.
func unpatched(k *Case) string {
	ids := fallsFor(peek(k, container.EngineVersion), engine.ByImage)
	if len(ids) == 0 {
		return ""
	}
	return ", and this engine by its version obeys some: " + strings.Join(ids, ", ")
}

// judgeWay judges one word of the fact: "annotation[NAME]".
func judgeWay(k *Case, word string) {
	in, name, _ := strings.Cut(strings.TrimSuffix(word, "]"), "[")
	path := elem(container.ImageSteers, word)
	if in == "env" {
		k.Fail(path, "the image's Env must give %q a value: without one podman before 5.8.4 puts its own variable there (CVE-2026-57231)", name)
		return
	}
	w, obeyed := engine.WayOf(engine.Place(in), name)
	switch {
	case !obeyed:
		k.Fail(path, "the image's %q must go: what obeys it is not known", word)
	case w.Answer == engine.Override && overridden(k.Spec, w):
	case w.Answer == engine.Override:
		k.FailAs(Medium, elem(container.Labels, name), "label %s of the image must be overridden, as %s=%s: obeyed by %s, it %s%s", name, name, w.Value, w.Who, w.Does, advisory(w))
	case w.Grave:
		k.FailAs(Critical, path, "the image's %q must go: obeyed by %s, it %s%s", word, w.Who, w.Does, advisory(w))
	default:
		k.Fail(path, "the image's %q must go: obeyed by %s, it %s%s", word, w.Who, w.Does, advisory(w))
	}
}

// overridden tells whether a run states a label otherwise than its image.
func overridden(s *container.Spec, w engine.Way) bool {
	v, _, known := container.Labels.Get(s, w.Name)
	images, _, _ := container.ImageLabels.Get(s, w.Name)
	return known && (v == w.Value || v != images)
}

func advisory(w engine.Way) string {
	if w.Advisory == "" {
		return ""
	}
	return " (" + w.Advisory + ")"
}

// mendImageSteers states the label at p as it does nothing.
func mendImageSteers(s *container.Spec, p container.Path) {
	ways := engine.Ways
	i := slices.IndexFunc(ways, func(w engine.Way) bool {
		return w.In == engine.Label && w.Answer == engine.Override && w.Name == p.Elem
	})
	if p.Key == container.Labels.Key() && i >= 0 {
		container.Labels.Set(s, p.Elem, ways[i].Value, mended)
	}
}
