package plan

import (
	"context"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// planData binds the model tree and the output directory.
func (pl *Planner) planData(ctx context.Context, p *Plan) error {
	if err := pl.takes(p.Options.Models, "--models", p.Profile.Models != nil, p.Profile.Name); err != nil {
		return err
	}
	if err := pl.takes(p.Options.Output, "--output", p.Profile.Output != nil, p.Profile.Name); err != nil {
		return err
	}
	if p.Options.Models != "" {
		pl.bindModels(ctx, p)
	}
	if p.Options.Output != "" {
		pl.bindOutput(p)
	}
	return nil
}

func (pl *Planner) tree(p *Plan) model.Tree {
	t := model.Tree{Path: p.Options.Models, Arch: p.Profile.Arch, SELinux: pl.Host.SELinux.Enabled,
		Identity: model.Identity{UID: uint32(pl.Host.UID), GID: uint32(pl.Host.GID), Groups: pl.Host.Groups},
		Places:   model.Places{Home: pl.Host.Home, ConfigHome: pl.Host.ConfigHome, RuntimeDir: pl.Host.RuntimeDir.Path}}
	if p.Profile.Models != nil {
		t.Layout = model.Layout(p.Profile.Models.Layout)
	}
	return t
}

func (pl *Planner) bindModels(ctx context.Context, p *Plan) {
	res, problems := model.Check(ctx, pl.tree(p))
	at := p.Profile.Models.At
	if res != nil {
		problems = append(problems, pl.digestProblem(ctx, p, res)...)
		inode, err := res.Inode(res.File)
		if err != nil {
			problems = append(problems, model.Problem{Control: audit.StableSource.ID, Message: fmt.Sprintf("holding the models: %v", err), Fatal: true})
		}
		p.Hold(at, inode, err)
	}
	p.trees = append(p.trees, preflight.Tree{Target: at, Result: res, Problems: problems, Disk: diskOf(res)})
	if res == nil {
		return
	}
	p.Models = res
	source := res.Path
	if res.File != "" {
		source += "/" + res.File
	}
	v := container.Volume{Source: source, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}
	m := typed("--models", container.Mark{})
	m.Why = "the model tree, read-only and labelled for containers"
	if pl.Host.SELinux.Enabled && res.Unlabelled == 0 {
		v.Relabel, v.Labelled = "", true
		m.Why = "the model tree, read-only; everything in it is labelled for containers already"
	}
	container.VolumeAt.Set(p.Stated, at, v, m)
}

// digestProblem holds the tree against the digest the profile names, if any.
func (pl *Planner) digestProblem(ctx context.Context, p *Plan, res *model.Result) []model.Problem {
	want := p.Profile.Models.Digest
	if want == "" {
		return nil
	}
	pl.tell(fmt.Sprintf("checking the digest of %d files", res.Files))
	print, err := model.Take(ctx, res.Path, nil)
	got := ""
	if err == nil {
		p.Print, got = print, print.Digest
		if own, _ := res.Inode(""); print.Root != own {
			err = fmt.Errorf("%q was exchanged for another while it was checked", res.Path)
		}
	}
	switch {
	case err != nil:
		return []model.Problem{{Control: audit.ModelDigest.ID, Message: fmt.Sprintf("reading the models for their digest: %v", err), Fatal: true}}
	case got != want:
		return []model.Problem{{Control: audit.ModelDigest.ID, Message: fmt.Sprintf("the models are %s, the profile wants %s", got, want), Fatal: true,
			Hint: "get the reviewed models, or have the profile's owner review these"}}
	}
	return nil
}

func diskOf(res *model.Result) host.Disk {
	if res == nil {
		return host.Disk{}
	}
	d, _ := host.DiskOf(res.Path) // unknown where it cannot be read
	return d
}

func (pl *Planner) bindOutput(p *Plan) {
	models := ""
	if p.Models != nil {
		models = p.Models.Path
	}
	at := p.Profile.Output.At
	out, problems := model.CheckOutput(p.Options.Output, models, pl.tree(p))
	p.trees = append(p.trees, preflight.Tree{Target: at, Problems: problems})
	if out == nil {
		return
	}
	if out.Create {
		p.MakeDir = out.Path
	}
	m := typed("--output", container.Mark{})
	m.Why = "the job's results"
	v := container.Volume{Source: out.Path, Relabel: "z", NoSuid: true, NoDev: true, NoExec: true}
	container.VolumeAt.Set(p.Stated, at, v, m)
	inode, err := model.InodeOf(out.Path)
	p.Hold(at, inode, err) // one that is yet to be made is held once it is
}

// takes refuses an option the profile has no use for.
func (pl *Planner) takes(path, option string, wanted bool, profile string) error {
	if path == "" || wanted {
		return nil
	}
	return hint.Errorf("zlaunch show "+profile, "using %s: profile %q takes none", option, profile)
}
