package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model/store"
	runplan "github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/service"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

var cmdInstall = &command{
	usage: "install [OPTION]... PROFILE [-- ARG...]",
	short: "run a profile as a service of your systemd",
	long: `Plans the same run as zlaunch-run(1) and refuses what that refuses. Then it writes the run as a unit of Podman's generator (Quadlet) in ~/.config/containers/systemd, the image by digest, has systemd read it and starts it. It returns once the service serves, and prints its URL; where it does not come up, nothing is left.

At every start, whoever asks for it, the unit has zlaunch hold the kernel's record of the container against the plan (zlaunch-prove(1)) and wait until it serves: where something differs, be it a unit changed by hand or a drop-in beside it, the service is stopped, and after three starts that fail it is failed for systemctl and zlaunch-ps(1) to show. The moments before the gate looks at it the workload does run: podman run, which the unit starts it by, knows no waiting container as zlaunch run does. An image that could have podman run drop its sandbox is refused.

The service is called as the profile, or by --name, and so is its container. Its output is in the journal: zlaunch logs NAME. It needs Podman 5.0. A service of yours ends with your last session and does not start with the host unless you linger: loginctl enable-linger.`,
	example:  []string{"zlaunch install triton --models ./m", "zlaunch install triton --models ./m --name fraud -p 9000:http"},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		o := bindRun(fs)
		allow := fs.StringSlice("allow-loss", nil, "install it without `CONTROL` or setting, which a unit cannot say")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if o.Interactive || o.Tty {
				return &usageError{errors.New("a service has neither standard input nor a terminal")}
			}
			if o.engine.over(std.engine).asked() {
				return &usageError{errors.New("a service is of this host, and so is its engine: --connection and --url name another")}
			}
			options, err := o.options(std, args)
			if err != nil {
				return err
			}
			if options, err = forService(options); err != nil {
				return err
			}
			sv, done, err := serviceCommand(ctx, std, func() (*profile.Catalog, error) { return std.catalog(o.project, options.Profile) })
			if err != nil {
				return err
			}
			defer done()
			return sv.install(ctx, options, *allow)
		}
	},
}

// forService are the options of a run as a service keeps them: they mean the same in any
// directory and with any environment.
func forService(o launcher.Options) (launcher.Options, error) {
	o.Detach, o.Service = true, cmp.Or(o.Name, path.Base(o.Profile))
	if err := service.CheckName(o.Service); err != nil {
		return o, &usageError{err}
	}
	for _, dir := range []*string{&o.Models, &o.Output} {
		if *dir == "" || store.IsRef(*dir) {
			continue
		}
		abs, err := filepath.Abs(*dir)
		if err != nil {
			return o, err
		}
		*dir = abs
	}
	for i, kv := range o.Env {
		if value, set := o.LookupEnv(kv); set && !strings.Contains(kv, "=") {
			o.Env[i] = kv + "=" + value
		}
	}
	return o, nil
}

// install installs the service that options ask for.
func (sv *serving) install(ctx context.Context, options launcher.Options, allow []string) error {
	if err := sv.able(ctx, options.Service); err != nil {
		return err
	}
	if err := sv.store.Absent(ctx, options.Service); err != nil {
		return err
	}
	plan, v, err := sv.version(ctx, options)
	if err != nil {
		return err
	}
	if err := sv.l.Services().Free(ctx, plan); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if v.Files, err = sv.units(plan, v, allow, program); err != nil {
		return err
	}
	s := &service.Service{Name: options.Service, Profile: plan.Profile.Name, Next: v}
	if len(plan.Networks) > 0 {
		s.Network = plan.Networks[0].Name
	}
	sv.progress.passing("starting " + s.Unit())
	if err := sv.store.Install(ctx, s); err != nil {
		return err
	}
	sv.progress.clear()
	sv.installed(ctx, s)
	_, err = fmt.Fprintln(sv.out, v.URL)
	return err
}

// version plans a service, fetching its image where that is not here.
func (sv *serving) version(ctx context.Context, options launcher.Options) (*launcher.Plan, *service.Version, error) {
	plan, err := sv.l.Plan(ctx, options)
	if err != nil {
		return nil, nil, err
	}
	if runplan.Fetches(options.Pull) || plan.Image == nil {
		if err := sv.fetch(ctx, plan); err != nil {
			return nil, nil, err
		}
		options.Pull = ""
		if plan, err = sv.l.Plan(ctx, options); err != nil {
			return nil, nil, err
		}
	}
	sv.warnExpiring(plan.Waivers)
	if err := plan.Refusal(); err != nil {
		return nil, nil, &statusError{exitFindings, err}
	}
	if err := servable(plan); err != nil {
		return nil, nil, err
	}
	if err := plan.WriteFiles(); err != nil {
		return nil, nil, err
	}
	v, err := sv.l.Services().Version(plan)
	return plan, v, err
}

// fetch fetches the image of a plan, unless it is here and no registry could have another.
func (sv *serving) fetch(ctx context.Context, p *launcher.Plan) error {
	ref, _, _ := container.Image.Get(p.Stated)
	policy, _, _ := container.Pull.Get(p.Stated)
	if p.Image != nil && (strings.HasPrefix(ref, "localhost/") || strings.Contains(ref, "@")) {
		return nil
	}
	if policy != "newer" || p.Image == nil {
		return sv.l.Pull(ctx, ref, policy)
	}
	// Podman's own "newer" says nothing where no registry could be asked, and takes what is here.
	err := sv.l.Pull(ctx, ref, "always")
	if err != nil && ctx.Err() == nil {
		sv.progress.clear()
		sv.note("whether there is a newer image is not known, and the one that is here counts: %v", err)
		return nil
	}
	return err
}

// servable refuses what nobody could tell whether it serves, and what another program would
// replace behind its digest.
func servable(p *launcher.Plan) error {
	if p.ReadyURL() == "" {
		return hint.Errorf("zlaunch run "+p.Profile.Name, "installing %s: a service is what serves: the profile has no endpoint that tells, or does not publish it", p.Profile.Name)
	}
	const label = "io.containers.autoupdate"
	if v, _, ok := container.Labels.Get(p.Stated, label); ok && v != "" && v != "disabled" {
		return hint.Errorf("take the label away; zlaunch upgrade takes a newer image over, after it was looked at", "installing %s: label %s=%s has podman replace the image, and the unit names one by digest", p.Profile.Name, label, v)
	}
	return nil
}

// installed tells of a service that serves, and what it needs to go on doing so.
func (sv *serving) installed(ctx context.Context, s *service.Service) {
	sv.note("%s is installed and serves: systemctl --user status %s; its files are in %s", s.Name, s.Unit(), sv.tilde(string(sv.store.Units)))
	sv.note("image %s; every start is held against its plan", s.Now.Image)
	for _, path := range sv.store.Units.Beside(s) {
		sv.note("%s counts too: zlaunch did not write it", sv.tilde(path))
	}
	if !(systemd.User{}).Online(ctx) {
		sv.note("network-online.target is not reached here: systemd waits 90 s for it before each start; sudo systemctl start network-online.target, and enable what starts it at boot")
	}
	if !sv.l.Host.Linger {
		sv.note("it ends with your last session, and does not start with the host, until: loginctl enable-linger")
	}
}
