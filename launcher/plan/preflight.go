package plan

import (
	"context"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// subject gathers the facts preflight judges.
func (pl *Planner) subject(ctx context.Context, p *Plan) (preflight.Subject, error) {
	spec := p.Effective
	if spec == nil {
		spec = p.Stated
	}
	s := preflight.Subject{Plan: spec, Kind: p.Profile.Kind, Detached: p.Options.Detach, Host: pl.Host, Trees: p.trees}
	s.Image.Ref, _, _ = container.Image.Get(p.Stated)
	s.Image.UID = -1
	if p.Image != nil {
		s.Image.Present, s.Image.Arch, s.Image.Size = true, p.Image.Arch, p.Image.Size
		user, _, _ := container.User.Get(p.Stated)
		uid, _, _ := strings.Cut(user, ":")
		if n, err := strconv.ParseInt(uid, 10, 64); err == nil {
			s.Image.UID = n
		}
	}
	engine, err := pl.EngineFacts(ctx)
	s.Engine = engine
	if p.Image != nil && pl.Layers != nil && engine.GraphFree > 0 && engine.GraphFree < mostCopied*p.Image.Size {
		s.Image.Size = pl.Layers(ctx, p.Image) // a request more, where room is short
		s.Image.Copied = p.Image.Size >= 2*s.Image.Size
	}
	return s, err
}

// mostCopied is how often, rounded up, preflight wants room for an image: for the copy under
// other ids, for that of the container on vfs, and for what both take beside.
const mostCopied = 3

// EngineFacts asks the engine only what is not known already: podman info takes
// longer than a launch, and a private service or the user's own socket is this
// user's, on this host.
func (pl *Planner) EngineFacts(ctx context.Context) (preflight.Engine, error) {
	if pl.Engine == nil {
		return preflight.Engine{}, nil
	}
	dir := pl.Host.RuntimeDir.Path
	own := pl.Engine.Private() || pl.Engine.Local() && dir != "" && pl.Engine.URL() == "unix://"+dir+"/podman/podman.sock"
	if !own || pl.Host.EUID == 0 {
		return AskEngine(ctx, pl.Engine)
	}
	e := preflight.Engine{Version: pl.Engine.Version(), Rootless: true, Remote: !pl.Engine.Local(), Arch: pl.Host.Arch}
	if disk, err := host.DiskOf(pl.Dirs.Storage); err == nil {
		e.GraphRoot, e.GraphFree = pl.Dirs.Storage, disk.Free
	}
	return e, nil
}

// AskEngine returns all the facts preflight knows to judge of an engine.
func AskEngine(ctx context.Context, engine Engine) (preflight.Engine, error) {
	info, err := engine.Info(ctx)
	if err != nil {
		return preflight.Engine{}, err
	}
	e := preflight.Engine{
		Version: info.Version, Arch: info.Arch, Rootless: info.Rootless, Remote: !engine.Local(),
		CgroupVersion: info.CgroupVersion, Controllers: info.CgroupControllers, CgroupManager: info.CgroupManager,
		Runtime: info.Runtime.Name, GraphDriver: info.GraphDriver, GraphRoot: info.GraphRoot,
	}
	if disk, err := host.DiskOf(info.GraphRoot); err == nil && engine.Local() {
		e.GraphFree = disk.Free
	}
	return e, nil
}
