package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
)

var cmdApprove = &command{
	usage: "approve [OPTION]... [FILE]",
	short: "let a directory's own profiles.toml or zlaunch.lock count",
	long: `Shows which profiles FILE defines and which settings it decides, and records that you approved these bytes at this place. FILE is ./profiles.toml unless given. Of a file that was approved before, the change since then is shown. A line that begins with ! weakens what it extends, by the control that it names. A file with a profile that cannot be used is not approved.

Of a zlaunch.lock it shows the bundles, who signed them, and what they decide. It counts without an approval where a list of allowed signers names the signer of each; approved, its signers are accepted for its bundles alone. One with a bundle that the policy of this host, or of --policy, forbids every run of is not approved, and the status is 5.

A changed file, and a copy elsewhere, need an approval of their own.

Before that, the file has no effect at all: a command that names a profile it defines asks on a terminal and refuses elsewhere, and any other command leaves it out and says so. Approved or not, a project file carries no waivers, and redefines a known name only by extending it.`,
	example: []string{"zlaunch approve --show", "zlaunch approve", "zlaunch approve --revoke", "zlaunch approve zlaunch.lock"},
	shares:  true,
	bind: func(fs *pflag.FlagSet) runFunc {
		revoke := fs.Bool("revoke", false, "take every approval of FILE back")
		show := fs.Bool("show", false, "show what would be approved, and approve nothing")
		policies := fs.StringArray("policy", nil, "of a zlaunch.lock: refuse also what the policy in `FILE` forbids, beside that of this host")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(0, 1); err != nil {
				return err
			}
			path, err := projectPath(std, args.words)
			if err != nil {
				return err
			}
			ofLock := filepath.Base(path) == lockfile.Name
			std.policies = *policies
			switch {
			case *revoke && *show:
				return &usageError{errors.New("--revoke and --show are two wishes")}
			case len(*policies) > 0 && (*revoke || !ofLock):
				return &usageError{errors.New("--policy judges the bundles of a zlaunch.lock that is to be approved")}
			case !*revoke && ofLock:
				return approveLock(ctx, std, path, *show)
			case !*revoke:
				return approve(std, path, *show)
			}
			was, err := std.profileDirs().Approved.Revoke(path)
			switch {
			case err == nil && was:
				std.note("every approval of %s is taken back", path)
			case err == nil:
				std.note("%s was not approved", path)
			}
			return err
		}
	},
}

// projectPath is where the file of a command line lies.
func projectPath(std *stdio, words []string) (string, error) {
	path := "profiles.toml"
	if len(words) > 0 {
		path = words[0]
	}
	if base := filepath.Base(path); base != "profiles.toml" && base != lockfile.Name {
		return "", &usageError{hint.Errorf("profiles of your own go into ~/.config/zlaunch/profiles.toml and need no approval",
			"approving %q: only files called profiles.toml and zlaunch.lock are read from a project", path)}
	}
	if !filepath.IsAbs(path) {
		if std.dir == "" {
			return "", errors.New("finding the working directory: there is none")
		}
		path = filepath.Join(std.dir, path)
	}
	return path, nil
}
