package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdPolicy = &command{
	usage: "policy [OPTION]... show",
	short: "show what has to hold of every run on this host",
	long: `A policy is what an organisation requires of every run: checks on the finished plan, after profiles, command line, --podman-arg and image. It refuses by name, with the file and line that forbids, and changes nothing. Every check of every file has to be met, so that one more file never lets more through; what is not known meets no check.

This host's policy is every *.toml in /usr/share/zlaunch/policy.d and /etc/zlaunch/policy.d. Both belong to root all the way, without links, and nobody else may write there; a file that cannot be trusted, read or understood refuses every run. No variable, profile, project file or option names another place or takes a file away: --policy adds to it, for run, plan and audit, which judges lines, units and containers by it, too.

The tables of a file are [require], a setting has this value; [at_most] and [at_least], a bound; [only], nothing but these, where * stands for anything; [include], these are among it. Their keys are the settings as plans show them, and registry, publish_address, mount_root, profile and layer. [controls] require and standard, [proof] rung, [signer] profile and bundle, and [waivers] longest, never, owner and by are about the run as a whole; a signer is a fingerprint, or a principal of /etc/zlaunch/allowed_signers. A [[waiver]] with control, reason, owner, approved_by and expires permits a control, also a critical one, in files of this host alone. about says what the file is for, contact whom to ask.

A user may call podman directly: a policy of zlaunch judges what zlaunch starts, and what it is asked to audit.`,
	example: []string{
		"zlaunch policy show",
		"zlaunch policy show --policy site.toml",
		"zlaunch plan triton --policy site.toml",
		"zlaunch audit --policy site.toml web.container",
	},
	complete: func(_ *stdio, args []string) []string { return []string{"show"} },
	bind: func(fs *pflag.FlagSet) runFunc {
		more := fs.StringArray("policy", nil, "show also what the policy in `FILE` requires")
		return func(_ context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			if args.words[0] != "show" {
				return &usageError{hint.Errorf("zlaunch policy show", "unknown word %q", args.words[0])}
			}
			set, err := std.policy.Read(*more...)
			if err != nil {
				return err
			}
			return showPolicy(std, set)
		}
	},
}

// showPolicy lists what holds, with the file and line that says so.
func showPolicy(std *stdio, set policy.Set) error {
	if len(set) == 0 {
		std.note("this host has no policy: there is no *.toml in %q", std.policy.Dirs())
	}
	if len(set) > 0 {
		std.note("the digest of all of it, as signed records name it: %s", set.Digest())
	}
	for _, f := range set {
		head := f.Name
		for _, more := range []string{f.About, f.Contact} {
			if more != "" {
				head += " - " + more
			}
		}
		fmt.Fprintln(std.out, head)
		for _, c := range f.Checks {
			fmt.Fprintf(std.out, "  %4d  %s\n", c.Line, c.Says)
		}
		for _, w := range f.Waivers {
			fmt.Fprintf(std.out, "  %s may fail until %s: %s (%s, approved by %s)\n", report.Escape(w.Control+at(w.At)), w.Expires.Format("2006-01-02"), w.Reason, w.Owner, w.ApprovedBy)
		}
	}
	return nil
}

// at is a place behind a control; "" is all of it.
func at(place string) string {
	if place == "" {
		return ""
	}
	return " at " + place
}
