package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
)

var cmdStop = &command{
	usage:    "stop [OPTION]... NAME...",
	short:    "stop runs and remove what belongs to them",
	long:     `Ends each run, removes its container, and its network where nothing else uses it. NAME is a container's name, the beginning of its id, or a profile of which one run is there. A service is stopped by systemd, and only by its name; --all leaves services alone. A container that no launch record and no claim here knows is not stopped, whatever its labels say. What killed launches left waiting is removed too. The names of what was stopped go to standard output.`,
	example:  []string{"zlaunch stop triton", "zlaunch stop --all"},
	complete: completeRuns,
	reaps:    true,
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		all := fs.BoolP("all", "a", false, "stop every run")
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			least := 1
			if *all {
				least = 0
				if len(args.words) > 0 {
					return &usageError{errors.New("--all and a name are two wishes")}
				}
			}
			if err := args.count(least, -1); err != nil {
				return err
			}
			l, done, err := std.launcher(ctx, engine, nil)
			if err != nil {
				return err
			}
			defer done()
			reap(ctx, std, l)
			return stopRuns(ctx, std, l, args.words)
		}
	},
}

// stopRuns stops the runs that names mean, all without names. One that cannot be
// stopped does not keep the others.
func stopRuns(ctx context.Context, std *stdio, l *launcher.Launcher, names []string) error {
	runs, failed := wanted(ctx, std, l, names)
	services := serviceStore(std, l).Names()
	for _, r := range runs {
		if slices.Contains(services, r.Name) {
			std.note("%s is a service, and goes on: zlaunch stop %[1]s", r.Name) // of --all, for by name it is stopped
			continue
		}
		if err := l.Stop(ctx, r); err != nil {
			std.fail(err)
			failed = true
			continue
		}
		fmt.Fprintln(std.out, r.Name)
	}
	if failed {
		return &statusError{status: exitFailed}
	}
	return ctx.Err()
}

// wanted finds the runs, each once, and tells whether a name meant none.
func wanted(ctx context.Context, std *stdio, l *launcher.Launcher, names []string) (runs []launcher.Running, failed bool) {
	seen := map[string]bool{}
	add := func(found []launcher.Running, err error) {
		if err != nil {
			std.fail(err)
			failed = true
		}
		for _, r := range found {
			if !seen[r.ID] {
				seen[r.ID] = true
				runs = append(runs, r)
			}
		}
	}
	if len(names) == 0 {
		list, err := l.Runs(ctx)
		add(list.Runs, err)
	}
	for _, name := range names {
		if is, err := stopService(ctx, std, l, name); is {
			add(nil, err)
			continue
		}
		r, err := l.One(ctx, name)
		if err != nil {
			add(nil, err)
			continue
		}
		add([]launcher.Running{r}, nil)
	}
	return runs, failed
}
