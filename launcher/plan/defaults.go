package plan

import (
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

// Defaults is what surrounds this run: the image, the caller, the host.
func (pl *Planner) Defaults(p *Plan) effective.Defaults {
	d := effective.Defaults{Image: p.Image, UID: pl.Host.UID, GID: pl.Host.GID}
	if pl.Engine != nil {
		d.EngineVersion = pl.Engine.Version()
	}
	if pl.away() {
		d.UID, d.GID = -1, -1 // whose account the engine's is there is not known here
		return d
	}
	d.SELinux, d.Mounts = pl.Host.SELinux.Enabled, map[string]effective.Mount{}
	for _, m := range pl.Host.Mounts {
		if !m.Missing && !m.Optional {
			d.Mounts[m.Target] = effective.Mount{Source: observe.MountsConf, File: m.File}
		}
	}
	d.SeccompFilter, d.Devices = p.Filter, p.devices
	return d
}
