package plan

import (
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// planSteers states otherwise what an image may say and the engine would obey; see
// [engine.Ways]. What a profile states is its decision.
func planSteers(p *Plan) {
	for _, w := range engine.Overrides() {
		if _, _, stated := container.Labels.Get(p.Stated, w.Name); stated {
			continue
		}
		m := container.From(container.Origin{Layer: container.LayerDerived, Key: "against a label of the image"})
		m.Why = "an image's own is obeyed by " + w.Who + ": it " + w.Does
		container.Labels.Set(p.Stated, w.Name, w.Value, m)
	}
}

// stateWorkdir states the image's own working directory to an engine of a version that
// would make it, on the host where the image leads it there by a link (CVE-2026-55686). What is
// stated must be there, and Podman makes nothing.
func stateWorkdir(p *Plan, version string) {
	_, _, stated := container.Workdir.Get(p.Stated)
	if stated || p.Image == nil || p.Image.Workdir == "" || !engine.Older(version, 5, 7, 1) {
		return
	}
	m := container.From(container.Origin{Layer: container.LayerImage, Key: "WORKDIR"})
	m.Why = "stated, it must be there: podman before 5.7.1 makes what only the image names, through its links"
	container.Workdir.Set(p.Stated, p.Image.Workdir, m)
}
