package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/service"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

var cmdUninstall = &command{
	usage:    "uninstall [OPTION]... NAME...",
	short:    "stop services and take away what install wrote",
	long:     `Stops each service NAME and removes the units and drop-ins that zlaunch wrote for it, its network, and its records; its images stay. A file that somebody changed since is named, and nothing is removed without --force. Drop-ins that somebody else put beside the unit stay, and are named. The names of what was uninstalled go to standard output.`,
	example:  []string{"zlaunch uninstall triton"},
	complete: completeServices,
	bind: func(fs *pflag.FlagSet) runFunc {
		force := fs.BoolP("force", "f", false, "remove also files that somebody changed")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, -1); err != nil {
				return err
			}
			sv, done, err := serviceCommand(ctx, std, nil)
			if err != nil {
				return err
			}
			defer done()
			failed := false
			for _, name := range args.words {
				if err := sv.uninstall(ctx, name, *force); err != nil {
					std.fail(err)
					failed = true
				}
			}
			if failed {
				return &statusError{status: exitFailed}
			}
			return ctx.Err()
		}
	},
}

func (sv *serving) uninstall(ctx context.Context, name string, force bool) error {
	s, beside, err := sv.store.Uninstall(ctx, name, force)
	if err != nil {
		return err
	}
	for _, path := range beside {
		sv.note("%s stays: zlaunch did not write it", sv.tilde(path))
	}
	_, err = fmt.Fprintln(sv.out, s.Name)
	return err
}

// stopService has systemd stop a service; false: name is none.
func stopService(ctx context.Context, std *stdio, l *launcher.Launcher, name string) (bool, error) {
	s, err := serviceStore(std, l).Load(name)
	switch {
	case errors.Is(err, service.ErrNone):
		return false, nil
	case err != nil:
		return true, err
	}
	if err := (systemd.User{}).Stop(ctx, s.Unit()); err != nil {
		return true, err
	}
	std.note("%s is a service, and starts again with your session or the host; to end that: zlaunch uninstall %[1]s", name)
	_, err = fmt.Fprintln(std.out, name)
	return true, err
}
