package plan

import (
	"context"
	"errors"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Anywhere lists what refuses every run of a profile, and sizes that do not go together,
// whatever host it is run on. An error means that there is no such run.
func Anywhere(c *profile.Catalog, name, arch string) ([]audit.Problem, error) {
	_, p, err := OnAnyHost(c, name, arch)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(p.Problems, func(pr audit.Problem) bool {
		models := p.Profile.Models != nil && pr.Setting == container.Path{Key: container.VolumeAt.Key(), Elem: p.Profile.Models.At}
		host := pr.Control != "" && !pr.Judged
		note := !pr.Fatal && (pr.Judged || pr.Setting == container.Path{})
		return pr.Waiver != nil || models || host || note
	})
	for i := range out {
		if id := out[i].Control; id != "" {
			out[i].Hint = "zlaunch explain " + id
		}
	}
	return out, nil
}

// OnAnyHost plans a detached run of a profile on a host where all is in order and of
// which nothing else is known: this one is not asked, nor is an engine. pl judges it. All
// is the same on every host, but for a seccomp profile that the profile names by its path,
// which is read. One without an image has some image.
func OnAnyHost(c *profile.Catalog, name, arch string) (pl *Planner, p *Plan, err error) {
	pl = &Planner{Catalog: c}
	p, err = onAnyHost(pl, Options{Profile: name, Arch: arch, Detach: true})
	return pl, p, err
}

// nowhere is a directory that nobody can make, root neither, for the kernel alone makes what is in
// /proc: nothing of these plans is kept.
const nowhere = "/proc/zlaunch"

func onAnyHost(pl *Planner, o Options) (*Plan, error) {
	pl.Host, pl.Dirs = inOrder(), record.Dirs{Data: nowhere}
	p, err := pl.Plan(context.Background(), o)
	var none *profile.NoImageError
	if errors.As(err, &none) { // it is for others to extend, or for --image
		o.Image = "localhost/image:1"
		p, err = pl.Plan(context.Background(), o)
	}
	return p, err
}

// Forbidden lists what a policy forbids of every run of a profile, whatever host and image
// it is run with. That nothing is forbidden permits no run: each is judged when it begins.
func Forbidden(c *profile.Catalog, set policy.Set, name, arch string) ([]audit.Problem, error) {
	p, err := onAnyHost(&Planner{Catalog: c, Policy: func() (policy.Set, error) { return set, nil }, early: true}, Options{Profile: name, Arch: arch, Detach: true})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(p.Problems, func(pr audit.Problem) bool {
		return pr.Control != audit.PolicyMet.ID || p.Options.Image != "" && pr.Setting.Key == container.Image.Key()
	}), nil
}

// Unscanned lists what the [scan] tables of a policy forbid of the image that a profile has
// for an architecture, by the records of scans on this host: whoever publishes a profile had
// its image scanned, and who takes it may have no scanner. pl has catalog, policy and dirs.
func Unscanned(pl *Planner, name, arch string) ([]audit.Problem, error) {
	set, err := pl.Policy()
	if err != nil {
		return nil, err
	}
	p, err := onAnyHost(&Planner{Catalog: pl.Catalog, early: true}, Options{Profile: name, Arch: arch, Detach: true})
	if err != nil || p.Options.Image != "" { // it has no image, and is for others to extend
		return nil, err
	}
	ref, _, _ := container.Image.Get(p.Stated)
	known := Published(pl.Dirs, scan.ImageOf("", ref), arch)
	var out []audit.Problem
	for _, f := range set.Unscanned(known, pl.now()) {
		pr := audit.Problem{Control: f.Control.ID, Setting: f.At, Message: f.Message, Hint: f.Fix, Fatal: true, Judged: true, Grave: true}
		if !known.Image.Known() {
			pr.Hint = "an image that is named by its digest can be told from others: zlaunch pin"
		}
		out = append(out, pr)
	}
	return out, nil
}

// Tried is what a policy is told of a run with these options, on any host: image, host and
// proof are not known. The policy is there for its waivers.
func Tried(c *profile.Catalog, set policy.Set, o Options) (policy.Subject, error) {
	pl := &Planner{Catalog: c, Policy: func() (policy.Set, error) { return set, nil }, early: true}
	p, err := onAnyHost(pl, o)
	if err != nil {
		return policy.Subject{}, err
	}
	return subjectOf(pl, p), nil
}

// inOrder is a host of which nothing is known but that it is one that can: it is of no
// architecture, so that nobody asks what is installed on it.
func inOrder() *host.Facts {
	f := host.Blank()
	f.OS, f.UID, f.EUID, f.GID, f.Conf = "linux", 1000, 1000, 1000, &host.Conf{}
	f.Cgroup = host.Cgroup{Version: host.CgroupV2, Controllers: []string{"cpu", "memory", "pids"}}
	return f
}
