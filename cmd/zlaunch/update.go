package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
)

var cmdUpdate = &command{
	usage: "update [OPTION]... [BUNDLE]...",
	short: "take over what the teams of locked bundles published since",
	long: `Asks the place of each locked BUNDLE, all of them unless some are named, for what its reference names now; verifies that the same signer signed it; shows the change of every setting its profiles decide, and of what the controls make of it, on each architecture; and locks it. A line that begins with ! weakens what the profile extends. What the policy of this host or of --policy forbids of every run of a profile is refused by name, and not locked.

With --check nothing is written, and the status is 1 where something would be.`,
	example:  []string{"zlaunch update", "zlaunch update fraud --check"},
	shares:   true,
	complete: completeBundles,
	bind: func(fs *pflag.FlagSet) runFunc {
		var at lockOptions
		var o wishOptions
		check := fs.Bool("check", false, "show the changes and write none")
		at.bind(fs)
		o.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			shelf := std.shelf()
			std.policies = o.policy
			place, err := at.place(shelf)
			if err != nil {
				return err
			}
			locked, err := lockedIn(place, args.words)
			if err != nil {
				return err
			}
			return updateAll(ctx, std, shelf, place, locked, o, *check)
		}
	},
}

// lockedIn lists the bundles of a lock by name, all of them without names.
func lockedIn(at share.Place, names []string) ([]lockfile.Bundle, error) {
	all, err := at.Bundles()
	if err != nil || len(names) == 0 {
		return all, err
	}
	var out []lockfile.Bundle
	for _, name := range names {
		i := slices.IndexFunc(all, func(b lockfile.Bundle) bool { return b.Name == name })
		if i < 0 {
			return nil, hint.Errorf("zlaunch bundles", "finding bundle %q: %s does not have it", name, at.Path)
		}
		out = append(out, all[i])
	}
	return out, nil
}

// updateAll takes over one bundle after the other; one that cannot be had keeps none of the
// others.
func updateAll(ctx context.Context, std *stdio, shelf *share.Shelf, at share.Place, locked []lockfile.Bundle, o wishOptions, check bool) error {
	worst, changes := error(nil), 0
	for _, b := range locked {
		ref, err := bundle.ParseRef(b.Ref)
		var c share.Change
		if err == nil {
			w := o.wish(std, ref)
			if w.Unsigned == "" {
				w.Unsigned = b.Unsigned
			}
			c, err = addBundle(ctx, std, shelf, at, w, check)
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			std.fail(err)
			if worst == nil || refusedBundle(err) {
				worst = err
			}
		case c.None():
			std.note("bundle %s %s is current", b.Name, b.Version)
		case check:
			changes++
		default:
			std.note("bundle %s: %s is locked now, and was %s", b.Name, c.New.Version, b.Version)
		}
	}
	switch {
	case worst != nil:
		return &statusError{status: exitStatus(nil, worst, 0)}
	case changes > 0:
		return &statusError{status: exitFindings}
	}
	return nil
}

func refusedBundle(err error) bool {
	var no *share.RefusedError
	return errors.As(err, &no)
}

var cmdRemove = &command{
	usage:    "remove [OPTION]... BUNDLE...",
	short:    "take bundles out of the lock",
	long:     `Takes each BUNDLE out of zlaunch.lock; its profiles are gone with it. What no lock seen from here names any more is removed from this host too.`,
	example:  []string{"zlaunch remove fraud", "zlaunch remove fraud --project"},
	shares:   true,
	complete: completeBundles,
	bind: func(fs *pflag.FlagSet) runFunc {
		var at lockOptions
		at.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, -1); err != nil {
				return err
			}
			shelf := std.shelf()
			place, err := at.place(shelf)
			for _, name := range args.words {
				if err == nil {
					if _, err = shelf.Remove(ctx, place, name); err == nil {
						std.note("bundle %s is no longer in %s", report.Escape(name), std.tilde(place.Path))
					}
				}
			}
			return err
		}
	},
}
