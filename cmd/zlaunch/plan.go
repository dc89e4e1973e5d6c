package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdPlan = &command{
	usage: "plan [OPTION]... PROFILE|STACKFILE [-- ARG...]",
	short: "show what run would do: every setting, its value, its origin and its reason",
	long: `Works out the same run as zlaunch-run(1) and creates nothing. What stands against the run comes first, and what refuses it before all; then what is waived, and what only the image could tell, when it is not here. Each line below is one setting: the value, the file and key that decided it (over how many others), and the reason, with the ids of the controls it satisfies. A variable that a profile wrote is shown unless it looks like a secret; what --env gives is hidden. The status is 1 where run would refuse.

With --podman it prints the lines to paste into a shell instead, the creation of the network included. They hold the values of --env, which every other output hides, and the seccomp profile that they name is written where they name it. A plan that is refused has no such lines: podman would run it. --docker prints lines for Docker, which cannot say all of it: see --allow-loss, and zlaunch-export(1) for the other forms.

A word with a slash or that ends in .toml is the file of a stack: the plan of each member is shown, in the order in which zlaunch-up(1) starts them.

Without an engine the plan is made without one, and what the image would tell stays open.`,
	example: []string{
		"zlaunch plan triton --models ./m",
		"zlaunch plan triton --models ./m --arch s390x",
		"zlaunch plan demo --podman | sh",
		"zlaunch plan ./fraud.toml",
		"zlaunch plan triton --models ./m --docker --target 20.10 --allow-loss userns,umask",
	},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		o := bindRun(fs)
		o.front.bind(fs)
		fs.Var(choice{&o.Arch, profile.Archs}, "arch", "plan for `ARCH`: amd64, arm64, ppc64le or s390x (default the engine's)")
		podman := fs.Bool("podman", false, "print the podman lines that do the same")
		docker := fs.Bool("docker", false, "print the docker lines that do the same, as far as docker can")
		how := bindWriting(fs)
		json := fs.Bool("json", false, "print JSON")
		return func(ctx context.Context, std *stdio, args arguments) error {
			var outputs []string
			for name, asked := range map[string]bool{"podman": *podman, "docker": *docker, "json": *json} {
				if asked {
					outputs = append(outputs, name)
				}
			}
			switch {
			case len(outputs) > 1:
				slices.Sort(outputs)
				return &usageError{errors.New("--" + strings.Join(outputs, " and --") + " are two outputs")}
			case len(args.words) == 1 && isFile(args.words[0]):
				return planStack(ctx, std, stackPlan{fs, o, args.words[0], *podman, *json})
			case o.front.wanted && *docker:
				return &usageError{hint.Errorf("--podman", "--docker knows no gateway")}
			case o.front.wanted:
				return planGuarded(ctx, std, args, stackPlan{o: o, podman: *podman, json: *json})
			case len(outputs) == 1 && !*json:
				f, _ := export.Find(outputs[0])
				if err := how.Check(f); err != nil {
					return &usageError{err}
				}
				return printLines(ctx, std, o, args, written{f, *how, false})
			}
			options, err := o.options(std, args)
			if err != nil {
				return err
			}
			return planRun(ctx, std, stackPlan{o: o, json: *json}, options)
		}
	},
}

// planRun shows the plan of a run, or those of it and the gateway that its profile wants.
func planRun(ctx context.Context, std *stdio, a stackPlan, options launcher.Options) error {
	l, done, err := planner(ctx, std, a.o, options)
	if err != nil {
		return err
	}
	defer done()
	s, err := a.o.front.demanded(l, options)
	switch {
	case err != nil:
		return err
	case s != nil:
		return printStack(ctx, std, a, s)
	}
	plan, err := workOut(ctx, std, l, options)
	if err != nil {
		return err
	}
	return printPlan(std, plan, a.json)
}

// workOut works a plan out, without the engine where a service of our own turns out
// not to start.
func workOut(ctx context.Context, std *stdio, l *launcher.Launcher, options launcher.Options) (*launcher.Plan, error) {
	plan, err := l.Plan(ctx, options)
	if ctx.Err() != nil || !errors.Is(err, podman.ErrNoService) || !l.Engine.Private() {
		return plan, err
	}
	std.note("planning without an engine: %v", err)
	alone := *l
	alone.Engine = nil
	return alone.Plan(ctx, options)
}

// planner makes the launcher that plans: without an engine where there is none. A
// plan for another architecture is one for another machine: nothing is asked of
// this one.
func planner(ctx context.Context, std *stdio, o *runOptions, options launcher.Options) (l *launcher.Launcher, done func(), err error) {
	load := func() (*profile.Catalog, error) { return std.catalog(o.project, options.Profile) }
	return plannerOf(ctx, std, options.Arch, o.engine, load)
}

// plannerOf is [planner] for a catalog of any profiles.
func plannerOf(ctx context.Context, std *stdio, arch string, engine engineOptions, load loader) (l *launcher.Launcher, done func(), err error) {
	asked := engine.over(std.engine).asked()
	if arch != "" && arch != runtime.GOARCH && !asked {
		catalog, err := load()
		if err != nil {
			return nil, nil, err
		}
		l, err := offline(std, catalog)
		return l, func() {}, err
	}
	engine.lazy = true
	l, absent, err := std.both(ctx, engine, load)
	switch {
	case err != nil:
		return nil, nil, err
	case absent == nil:
		return l, closing(std, l.Engine), nil
	case ctx.Err() != nil || asked:
		return nil, nil, absent
	}
	std.note("planning without an engine: %v", absent)
	return l, func() {}, nil
}

func printPlan(std *stdio, p *launcher.Plan, json bool) error {
	std.warnExpiring(p.Waivers)
	doc, err := planReport(p)
	if err != nil {
		return err
	}
	if json {
		err = report.JSON(std.out, doc)
	} else {
		err = doc.Text(std.page, std.screen)
	}
	if err == nil && doc.Refused() {
		return &statusError{status: exitFindings}
	}
	return err
}

// printLines prints what to paste, of a plan that is not refused: podman itself would
// refuse nothing. What the lines name of zlaunch's own is written.
func printLines(ctx context.Context, std *stdio, o *runOptions, args arguments, w written) error {
	plan, doc, err := exported(ctx, std, o, args, w)
	if err != nil {
		return err
	}
	if err := plan.WriteFiles(); err != nil {
		return err
	}
	noteAll(std, doc.Notes)
	return printed(std, doc)
}
