package plan

import (
	"context"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// Scanning is what a scanner looks at: two directories of this host, both of which it gets
// read-only, where its profile says.
type Scanning struct {
	Image    string // with an OCI image layout
	Database string // "" where the scanner brings its own
}

// scanning binds what a scanner looks at.
func (d data) scanning(ctx context.Context) error {
	what, of := d.Options.Scanning, d.Profile.Scanner
	switch {
	case what == nil:
		return nil
	case of == nil:
		return hint.Errorf("zlaunch show "+d.Profile.Name, "scanning an image: profile %q is no scanner", d.Profile.Name)
	case (what.Database == "") != (of.Database == ""):
		return hint.Errorf("zlaunch scan --db DIRECTORY where its profile says scanner.database",
			"scanning an image: whether %s has a database of its own, profile and options disagree", d.Profile.Name)
	}
	d.look(ctx, what.Image, of.Image, "the image that is scanned")
	if what.Database != "" {
		d.look(ctx, what.Database, of.Database, "the scanner's database")
	}
	return nil
}

// look binds a directory that is read and not run.
func (d data) look(ctx context.Context, dir, at, what string) {
	tree := d.tree()
	tree.Path, tree.Layout = dir, "any"
	res, problems := model.Check(ctx, tree)
	d.trees = append(d.trees, preflight.Tree{Target: at, Result: res, Problems: problems, Disk: diskOf(res)})
	if res == nil {
		return
	}
	inode, err := res.Inode("")
	d.Hold(at, inode, err)
	v := container.Volume{Source: res.Path, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true, NoExec: true}
	d.mount(at, what, res, v, typed(container.OptionScan, container.Mark{}))
}

// roomFor gives a scanner, which unpacks the image in a tmpfs, as much of the memory that it may
// take for that as its profile does of its own: more memory is asked for where an image is larger.
func roomFor(s *container.Spec, memory int64) {
	own, _, _ := container.Memory.Get(s)
	for _, at := range container.TmpfsAt.Keys(s) {
		t, was, _ := container.TmpfsAt.Get(s, at)
		if own <= 0 || t.Size <= 0 {
			continue
		}
		t.Size = int64(float64(memory) * (float64(t.Size) / float64(own)))
		container.TmpfsAt.Set(s, at, t, typed("--memory", was))
	}
}
