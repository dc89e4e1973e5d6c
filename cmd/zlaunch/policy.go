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
	usage: "policy [OPTION]... show|test DIR|export [FILE]...",
	short: "show what has to hold of every run, test a policy, or write it for Kubernetes",
	long: `A policy is what an organisation requires of every run: checks on the finished plan, after profiles, command line, --podman-arg and image. It refuses by name, with the file and line that forbids, and changes nothing. Every check of every file has to be met, so that one more file never lets more through; what is not known meets no check.

This host's policy is every *.toml in /usr/share/zlaunch/policy.d and /etc/zlaunch/policy.d. Both belong to root all the way, without links, and nobody else may write there; a file that cannot be trusted, read or understood refuses every run. No variable, profile, project file or option names another place or takes a file away: --policy adds to it, for run, plan and audit, which judges lines, units and containers by it, too.

The tables of a file are [require], a setting has this value; [at_most] and [at_least], a bound; [only], nothing but these, where * stands for anything; [include], these are among it. Their keys are the settings as plans show them, and registry, publish_address, mount_root, profile and layer. [controls] require and standard, [proof] rung, [models] digest and signed_by, [signer] profile and bundle, [gateway] required, and [waivers] longest, never, owner and by are about the run as a whole; a signer is a fingerprint, or a principal of /etc/zlaunch/allowed_signers. [scan] asks for scans of the image: required, max_age, db_max_age, severity, fixable_only, kev, severity_order and tools. A [[waiver]] with control, reason, owner, approved_by and expires permits a control, also a critical one, in files of this host alone. about says what the file is for, contact whom to ask.

zlaunch policy test DIR tries the cases in DIR/cases/*.toml on the policy in DIR/policy/*.toml and --policy, and on no other. A case is a table, [case.NAME], with one of plan, the words behind zlaunch plan; line, a command line; and file, a unit or script beside the cases; and with refused, the checks that are to refuse it, by FILE:LINE or by key; without any the policy is to let it through. A refusal that is not listed is a failure, as is one that does not come, and the status is 1 then. A plan is made as for a host where all is in order: what only image, host and proof tell is not asked.

zlaunch policy export --to vap writes the policy in the named files, or that of this host, for a cluster: for each file a ValidatingAdmissionPolicy and its binding (admissionregistration.k8s.io/v1), by which an API server refuses each pod, and each template of one, that zlaunch audit refuses by the same policy. It judges pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs, CronJobs, PodTemplates and ReplicationControllers, with their init and ephemeral containers. What no pod says, as what an image adds or a node decides, is an error that names the checks, and nothing is written; --allow-loss names those that may be lost, and the file then says so. --json tells what becomes of each check, and writes nothing else. It holds in every namespace but those of Kubernetes itself, or in those that --namespace names.

A user may call podman directly: a policy of zlaunch judges what zlaunch starts, and what it is asked to audit.`,
	example: []string{
		"zlaunch policy show",
		"zlaunch policy show --policy site.toml",
		"zlaunch policy test ./site",
		"zlaunch policy export site.toml --to vap --allow-loss only.layer,proof.rung | kubectl apply -f -",
		"zlaunch policy export site.toml --to vap --json",
		"zlaunch plan triton --policy site.toml",
		"zlaunch audit --policy site.toml web.container",
	},
	complete: func(_ *stdio, args []string) []string { return []string{"show", "test", "export"} },
	bind: func(fs *pflag.FlagSet) runFunc {
		more := fs.StringArray("policy", nil, "show, test or write also what the policy in `FILE` requires")
		json := fs.Bool("json", false, "with test and export: print JSON")
		out := bindPolicyExport(fs)
		return func(_ context.Context, std *stdio, args arguments) error {
			if len(args.words) > 0 && args.words[0] == "export" {
				return out.export(std, args.words[1:], *more, *json)
			}
			if out.given() {
				return &usageError{hint.Errorf("zlaunch policy export --to vap", "--to, --allow-loss and --namespace are of export")}
			}
			if err := args.count(1, 2); err != nil {
				return err
			}
			switch word := args.words[0]; {
			case word == "test" && len(args.words) == 2:
				return testPolicy(std, args.words[1], *more, *json)
			case word == "test":
				return &usageError{hint.Errorf("zlaunch policy test DIR", "no directory is named")}
			case word != "show" || len(args.words) > 1 || *json:
				return &usageError{hint.Errorf("zlaunch policy show\nzlaunch policy test DIR\nzlaunch policy export --to vap", "unknown word %q", args.words[len(args.words)-1])}
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
