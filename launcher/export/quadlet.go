package export

import (
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
)

// quadletUnit is the unit of which systemd's generator of Podman makes a service.
var quadletUnit = Form{
	Name: "quadlet", About: "units for systemd: NAME.container, with those of its network and volumes (for Podman 6 from its documentation, not run)", Targets: quadlet.Targets, Default: quadlet.Ran,
	Here: quadlet.TargetOf, Says: quadlet.Says, Write: writeQuadlet, Stack: quadlet.WriteStack, Engine: of("podman"), Foreign: "podman",
}

func writeQuadlet(r form.Run, target string) (*form.Document, error) {
	return quadlet.Write(r, target, quadlet.Service{})
}
