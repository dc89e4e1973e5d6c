package main

import (
	"cmp"
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
	long: `Asks the place of each locked BUNDLE, all of them unless some are named, for what its reference names now; verifies that the same signer signed it; shows the change of every setting its profiles decide, and of what the controls make of it, on each architecture; and locks it. A line that begins with ! weakens what the profile extends. What the policy of this host or of --policy forbids of every run of a profile is refused by name, and not locked; of a bundle that did not change too, for the policy may have.

With --check nothing is written, and the status is 1 where something would be: for CI, which asks whether a committed lock is what its teams publish. With --json the state of a bundle is updated, current, newer (with --check), refused or failed.`,
	example:  []string{"zlaunch update", "zlaunch update fraud --check"},
	shares:   true,
	complete: completeBundles,
	bind: func(fs *pflag.FlagSet) runFunc {
		var at lockOptions
		var o wishOptions
		check := fs.Bool("check", false, "show the changes and write none")
		at.bind(fs)
		o.bind(fs)
		json := fs.Bool("json", false, "print JSON")
		return func(ctx context.Context, std *stdio, args arguments) error {
			std.policies = o.policy
			ch, err := beginChange(ctx, std, at, *json)
			if err != nil {
				return err
			}
			locked, err := lockedIn(ch.at, args.words)
			if err != nil {
				return err
			}
			return ch.update(locked, o, *check)
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

// update takes over one bundle after the other; one that cannot be had keeps none of the
// others.
func (c *changing) update(locked []lockfile.Bundle, o wishOptions, check bool) error {
	changes := 0
	for _, b := range locked {
		change, err := c.newest(b, o, check)
		switch {
		case c.ctx.Err() != nil:
			return c.ctx.Err()
		case err != nil:
			c.failed("updating", b, err)
		case change.None():
			c.note("bundle %s %s is current", b.Name, b.Version)
		case check:
			changes++
		default:
			c.note("bundle %s: %s is locked now, and was %s", b.Name, change.New.Version, b.Version)
		}
	}
	if c.worst == nil && changes > 0 {
		c.note("%d of %d bundles would change; to take it over: zlaunch update", changes, len(locked))
		return c.end(&statusError{status: exitFindings})
	}
	return c.end(nil)
}

// newest takes over what the reference of a bundle names now.
func (c *changing) newest(b lockfile.Bundle, o wishOptions, check bool) (share.Change, error) {
	ref, err := bundle.ParseRef(b.Ref)
	if err != nil {
		return share.Change{}, err
	}
	w := o.wish(c.stdio, ref)
	w.Unsigned = cmp.Or(w.Unsigned, b.Unsigned)
	return c.add(w, check)
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
		json := fs.Bool("json", false, "print JSON")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, -1); err != nil {
				return err
			}
			ch, err := beginChange(ctx, std, at, *json)
			for _, name := range args.words {
				if err != nil {
					break
				}
				var was lockfile.Bundle
				if was, err = ch.shelf.Remove(ctx, ch.at, name); err == nil {
					ch.did("removed", was)
					std.note("bundle %s is no longer in %s", report.Escape(name), std.tilde(ch.at.Path))
				}
			}
			return ch.end(err)
		}
	},
}
