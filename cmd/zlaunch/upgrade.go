package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/service"
)

var cmdUpgrade = &command{
	usage: "upgrade [OPTION]... NAME",
	short: "run a service as its profile is today, with a newer image",
	long: `Plans the service NAME anew, with the options it was installed with and its profile of today, fetches the image where a registry has a newer one, or takes that of --image, and shows which settings and verdicts differ. What would be refused is refused, and the service goes on.

Then it names the new image by digest in the drop-in NAME.container.d/10-image.conf (where more than the image differs, it writes the unit itself), starts the service anew, has the start held against the new plan, and waits until it serves. Where it does not, what ran before is put back and started, and the status is 1. zlaunch-rollback(1) does that later. An upgrade that is killed midway leaves the old or the new image; the next install, upgrade, rollback or uninstall puts back what ran before.

With --check it shows the change alone, and the status is 1 where there is one.`,
	example:  []string{"zlaunch upgrade triton", "zlaunch upgrade triton --image nvcr.io/nvidia/tritonserver:26.10-py3", "zlaunch upgrade triton --check"},
	complete: completeServices,
	bind: func(fs *pflag.FlagSet) runFunc {
		image := fs.String("image", "", "run `IMAGE` instead of what it was installed with")
		check := fs.Bool("check", false, "show the change and make none")
		allow := fs.StringSlice("allow-loss", nil, "write it without `CONTROL` or setting, which a unit cannot say")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			u := &upgrade{image: *image, check: *check, allow: *allow}
			return u.of(ctx, std, args.words[0])
		}
	},
}

// upgrade is one upgrade of a service.
type upgrade struct {
	*serving
	image   string
	check   bool
	allow   []string
	changes bool // something differs
}

func (u *upgrade) of(ctx context.Context, std *stdio, name string) (err error) {
	options, err := installedWith(std, name)
	if err != nil {
		return err
	}
	if u.image != "" {
		options.Image = u.image
	} else {
		options.Pull = "newer"
	}
	sv, done, err := serviceCommand(ctx, std, func() (*profile.Catalog, error) { return std.catalog(projectOptions{}, options.Profile) })
	if err != nil {
		return err
	}
	defer done()
	u.serving = sv
	err = sv.changed(ctx, name, func(s *service.Service) (*service.Version, error) { return u.next(ctx, s, options) })
	switch {
	case err != nil:
		return err
	case !u.changes:
		sv.note("%s runs what its profile names already", name)
	case u.check:
		return &statusError{status: exitFindings}
	default:
		sv.note("%s runs the new image, and serves; the way back: zlaunch rollback %[1]s", name)
	}
	return nil
}

// installedWith are the options of a service, by its record.
func installedWith(s *stdio, name string) (o launcher.Options, err error) {
	l, err := offline(s, nil)
	if err != nil {
		return o, err
	}
	sv, err := serviceStore(s, l).Load(name)
	if err != nil {
		return o, err
	}
	if sv.Now == nil {
		return o, hint.Errorf("zlaunch uninstall "+name, "changing %s: its installation was killed", name)
	}
	return o, json.Unmarshal(sv.Now.Options, &o)
}

// next is the version that the service is to run; nil: it stays as it is.
func (u *upgrade) next(ctx context.Context, s *service.Service, o launcher.Options) (*service.Version, error) {
	p, v, err := u.version(ctx, o)
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if v.Files, err = u.units(p, v, u.allow, program); err != nil {
		return nil, err
	}
	same, err := u.units(under(p, s.Now.Main), v, u.allow, program)
	if err != nil {
		return nil, err
	}
	planned := v.ImageID == s.Now.ImageID && v.Plan == s.Now.Plan
	if planned && s.Has(same) {
		return nil, nil
	}
	u.changes = true
	if planned {
		u.note("nothing differs but the text of its units: this zlaunch, or another place of it, writes another")
	}
	if err := u.show(s, v); err != nil || u.check {
		return nil, err
	}
	u.progress.passing("starting " + s.Unit() + " with " + v.Image)
	return v, s.Laid(v, same)
}

// under is a plan under the names of another version: its image and its launch.
func under(p *launcher.Plan, as service.Named) *launcher.Plan {
	p = p.Clone()
	_, m, _ := container.Image.Get(p.Stated)
	container.Image.Set(p.Stated, as.Image, m)
	container.Labels.Set(p.Stated, plan.LabelLaunch, as.Launch, m)
	container.Labels.Set(p.Stated, plan.LabelPlan, as.Plan, m)
	return p
}

// show prints how the next version differs, in settings and in what the controls say.
func (u *upgrade) show(s *service.Service, v *service.Version) error {
	old, err := judged(s.Name+" as it runs", s.Now)
	if err != nil {
		return err
	}
	now, err := judged(s.Name+" as it would run", v)
	if err != nil {
		return err
	}
	u.progress.clear()
	return report.NewDiff(old, now).Text(u.page, u.screen)
}

// judged is a version as the controls see it, but for what is another's in each: the names
// of its launch.
func judged(name string, v *service.Version) (report.Result, error) {
	spec, err := container.Decode(v.Judged)
	if err != nil {
		return report.Result{}, fmt.Errorf("reading what %s was judged by: %w", name, err)
	}
	for _, label := range []string{plan.LabelLaunch, plan.LabelPlan} {
		container.Labels.Delete(spec, label)
	}
	return report.Result{Subject: name, Kind: "plan", Spec: spec, Findings: audit.Judge(spec)}, nil
}

// changed changes a service, and says how it went.
func (sv *serving) changed(ctx context.Context, name string, next func(*service.Service) (*service.Version, error)) error {
	if err := sv.able(ctx, name); err != nil {
		return err
	}
	err := sv.store.Change(ctx, name, next)
	sv.progress.clear()
	var back *service.BackError
	if !errors.As(err, &back) {
		return err
	}
	status := exitFindings
	if back.Back != nil {
		status = exitFailed
	}
	return &statusError{status, err}
}

var cmdRollback = &command{
	usage:    "rollback NAME",
	short:    "run a service as before its last upgrade",
	long:     `Puts back the unit files and the image that the service NAME had before its last upgrade, starts it, and has it held against the plan of then. Where that does not come up, it goes on as it ran. A second rollback undoes the first.`,
	example:  []string{"zlaunch rollback triton"},
	complete: completeServices,
	bind: func(fs *pflag.FlagSet) runFunc {
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			sv, done, err := serviceCommand(ctx, std, nil)
			if err != nil {
				return err
			}
			defer done()
			name := args.words[0]
			err = sv.changed(ctx, name, func(s *service.Service) (*service.Version, error) { return sv.before(ctx, s) })
			if err == nil {
				sv.note("%s runs as before its last upgrade, and serves", name)
			}
			return err
		}
	},
}

// before is the version that a rollback returns to, if its image is still here.
func (sv *serving) before(ctx context.Context, s *service.Service) (*service.Version, error) {
	if s.Before == nil {
		return nil, hint.Errorf("zlaunch upgrade "+s.Name+" --image REF", "rolling %s back: it was not upgraded yet", s.Name)
	}
	img, err := sv.l.Engine.Image(ctx, s.Before.ImageID)
	if err != nil || img.ID != s.Before.ImageID {
		return nil, hint.Errorf("podman pull "+s.Before.Image, "rolling %s back: its image of then, %s, is not here any more", s.Name, s.Before.Image)
	}
	v := *s.Before
	return &v, nil
}
