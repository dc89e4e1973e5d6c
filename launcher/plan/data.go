package plan

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// data binds the trees of the host that a run is given.
type data struct {
	*Plan
	host *host.Facts
	tell func(line string)
	now  func() time.Time
}

// bind binds the model tree and the output directory.
func (d data) bind(ctx context.Context) error {
	if err := takes(d.Options.Models, container.OptionModels, d.Profile.Models != nil, d.Profile.Name); err != nil {
		return err
	}
	if err := takes(d.Options.Output, container.OptionOutput, d.Profile.Output != nil, d.Profile.Name); err != nil {
		return err
	}
	if err := d.scanning(ctx); err != nil {
		return err
	}
	if err := d.Options.modelWishes(modelsPath(d.Plan)); err != nil {
		return err
	}
	if modelsPath(d.Plan) != "" {
		d.models(ctx)
	}
	if d.Options.Output != "" {
		d.output()
	}
	return nil
}

func (d data) tree() model.Tree {
	t := model.Tree{Path: modelsPath(d.Plan), Arch: d.Profile.Arch, SELinux: d.host.SELinux.Enabled,
		Identity: model.Identity{UID: uint32(d.host.UID), GID: uint32(d.host.GID), Groups: d.host.Groups}, Places: placesOf(d.host)}
	if id, known := preflight.Workload(d.Stated, d.host); known && d.host.EUID != 0 {
		t.Reader = &id
	}
	if d.Profile.Arch == d.host.Arch {
		t.NNPA = string(d.host.NNPA.State)
	}
	if d.Profile.Models != nil {
		t.Layout = model.Layout(d.Profile.Models.Layout)
	}
	return t
}

// placesOf are the places of h that no container is given.
func placesOf(h *host.Facts) model.Places {
	return model.Places{Home: h.Home, ConfigHome: h.ConfigHome, RuntimeDir: h.RuntimeDir.Path}
}

func (d data) models(ctx context.Context) {
	p := d.Plan
	res, problems := model.Check(ctx, d.tree())
	at := p.Profile.Models.At
	if res != nil {
		problems = append(problems, d.digest(ctx, res)...)
		inode, err := res.Inode(res.File)
		if err != nil {
			problems = append(problems, audit.Problem{Control: audit.StableSource.ID, Message: fmt.Sprintf("holding the models: %v", err), Fatal: true})
		}
		p.Hold(at, inode, err)
	}
	p.trees = append(p.trees, preflight.Tree{Target: at, Result: res, Problems: problems, Disk: diskOf(res)})
	if res == nil {
		return
	}
	p.Models = res
	d.shape(res)
	source := res.Path
	if res.File != "" {
		source += "/" + res.File
	}
	v := container.Volume{Source: source, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}
	d.mount(at, "the model tree", res, v, modelsMark(d.Plan))
}

// mount states the mount of a tree that was looked at.
func (d data) mount(at, what string, res *model.Result, v container.Volume, m container.Mark) {
	m.Why = what + ", read-only and labelled for containers"
	if d.host.SELinux.Enabled && res.Unlabelled == 0 {
		v.Relabel, v.Labelled = "", true
		m.Why = what + ", read-only; everything in it is labelled for containers already"
	}
	container.VolumeAt.Set(d.Stated, at, v, m)
}

// shape refuses a file where the profile mounts a directory, and the other way: the
// OCI runtime makes no mount of either. A file's target has its extension.
func (d data) shape(res *model.Result) {
	p := d.Plan
	at := p.Profile.Models.At
	ext := strings.TrimPrefix(path.Ext(at), ".")
	wanted, file := ext != "" && strings.Trim(ext, "0123456789") != "", !res.Dir || res.File != ""
	pr := audit.Problem{Setting: container.Path{Key: container.VolumeAt.Key(), Elem: at}, Fatal: true}
	switch {
	case file && !wanted:
		pr.Message = fmt.Sprintf("the models %q are a file, and %s mounts a directory at %s", res.Path, p.Profile.Name, at)
		pr.Hint = "--models " + model.Quote(path.Dir(res.Path)) + ", or a directory with that file alone"
	case !file && wanted:
		pr.Message = fmt.Sprintf("the models %q are a directory, and %s mounts one file at %s", res.Path, p.Profile.Name, at)
		pr.Hint = "--models " + model.Quote(res.Path+"/FILE"+path.Ext(at))
	default:
		return
	}
	p.add(pr)
}

func diskOf(res *model.Result) host.Disk {
	if res == nil {
		return host.Disk{}
	}
	d, _ := host.DiskOf(res.Path) // unknown where it cannot be read
	return d
}

func (d data) output() {
	p, models := d.Plan, ""
	if p.Models != nil {
		models = p.Models.Path
	}
	at := p.Profile.Output.At
	out, problems := model.CheckOutput(p.Options.Output, models, d.tree())
	p.trees = append(p.trees, preflight.Tree{Target: at, Problems: problems})
	if out == nil {
		return
	}
	if out.Create {
		p.MakeDir = out.Path
	}
	m := typed(container.OptionOutput, container.Mark{})
	m.Why = "the job's results"
	v := container.Volume{Source: out.Path, Relabel: "z", NoSuid: true, NoDev: true, NoExec: true}
	container.VolumeAt.Set(p.Stated, at, v, m)
	inode, err := model.InodeOf(out.Path)
	p.Hold(at, inode, err) // one that is yet to be made is held once it is
}

// takes refuses an option the profile has no use for.
func takes(path, option string, wanted bool, profile string) error {
	if path == "" || wanted {
		return nil
	}
	return hint.Errorf("zlaunch show "+profile, "using %s: profile %q takes none", option, profile)
}
