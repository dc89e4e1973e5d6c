package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

var cmdUp = &command{
	usage: "up [OPTION]... [FILE]",
	short: "start the profiles of a stack as one",
	long: `Starts each member of the stack in FILE, ./stack.toml unless one is named, in a container of its own, on networks that only the stack is in. A member starts when those that it comes after serve, and is proved as every run is. It is one transaction: where one member cannot be started, is not what was planned, or does not serve, all are taken away again, and the status is not 0. What a killed zlaunch up leaves, the next zlaunch run, stop, up or down removes, running or not.

A file has schema = 1, name (else it is called by the file), about, a table [network.NAME] for each network, of which one with internal = true has no route to the outside, and a table [member.NAME] for each member: profile, after, networks, models, output, publish, env, secrets, gpu, memory, cpus and args, which mean what they do for zlaunch-run(1). Paths are relative to the file. A member publishes what it names and nothing of its profile's own. In env and args {NAME.host} is what others of a network call the member NAME. What a person has to answer for stands in no stack: waivers are given here, images and options of Podman's in a profile.

Standard output has a line for each address, as MEMBER and URL; zlaunch ps lists the members, zlaunch audit STACK judges them, and zlaunch down ends all.`,
	example: []string{"zlaunch up", "zlaunch up fraud.toml --name fraud-test"},
	reaps:   true,
	bind: func(fs *pflag.FlagSet) runFunc {
		var o stackOptions
		o.bind(fs)
		json := fs.Bool("json", false, "print the launch records of its members as JSON")
		return func(ctx context.Context, std *stdio, args arguments) error {
			s, err := o.read(args)
			if err != nil {
				return err
			}
			return up(ctx, std, &o, s, *json)
		}
	},
}

// stackOptions are those that hold for all members of a stack.
type stackOptions struct {
	every   launcher.Options
	name    string
	failOn  string
	policy  []string // files
	engine  engineOptions
	project projectOptions
}

func (o *stackOptions) bind(fs *pflag.FlagSet) {
	fs.StringVar(&o.name, "name", "", "call the stack `NAME`")
	fs.Var(wait(&o.every.ReadyTimeout), "ready-timeout", "wait at most `DURATION` for each member to serve, as 5m (default the profile's)")
	fs.StringArrayVar(&o.every.Waive, "waive", nil, "let one control of each member fail, for a reason that is recorded: `ID[@SETTING]=REASON`")
	fs.StringVar(&o.failOn, "fail-on", "", "stop at findings of `SEVERITY` and above: low, medium, high (the default) or critical")
	fs.StringArrayVar(&o.policy, "policy", nil, "refuse also what the policy in `FILE` forbids, beside that of this host")
	o.project.bind(fs)
	o.engine.bind(fs)
}

// read reads the stack that is named.
func (o *stackOptions) read(args arguments) (*stack.Stack, error) {
	if err := args.count(0, 1); err != nil {
		return nil, err
	}
	path := stack.Name
	if len(args.words) == 1 {
		path = args.words[0]
	}
	if err := o.threshold(o.failOn); err != nil {
		return nil, err
	}
	s, err := stack.Read(path)
	if err == nil && o.name != "" {
		err = s.Rename(o.name)
	}
	return s, err
}

// threshold takes --fail-on for every member.
func (o *stackOptions) threshold(failOn string) (err error) {
	if failOn != "" {
		o.every.FailOn, err = threshold(failOn)
	}
	return err
}

// catalog has what the members name.
func (o *stackOptions) catalog(std *stdio, s *stack.Stack) (*profile.Catalog, error) {
	var names []string
	for _, m := range s.Members {
		names = append(names, m.Profile)
	}
	std.policies = o.policy
	return std.catalog(o.project, names...)
}

func up(ctx context.Context, std *stdio, o *stackOptions, s *stack.Stack, json bool) error {
	l, done, err := std.launcher(ctx, o.engine, func() (*profile.Catalog, error) { return o.catalog(std, s) })
	if err != nil {
		return err
	}
	defer done()
	runs, err := bringUp(ctx, std, l, o, s)
	if err != nil {
		return err
	}
	if json {
		return report.JSON(std.out, upDocument(s, runs))
	}
	for _, r := range runs {
		for _, u := range r.URLs {
			if _, err := fmt.Fprintf(std.out, "%s %s\n", r.Member, u.URL); err != nil {
				return err
			}
		}
	}
	return nil
}

// bringUp starts a stack, and tells of each member what was proved.
func bringUp(ctx context.Context, std *stdio, l *launcher.Launcher, o *stackOptions, s *stack.Stack) ([]*launcher.Run, error) {
	reap(ctx, std, l) // before: what is left of this stack would be in the way
	if s.Gateway != nil {
		if err := l.Stacks().Gateways().Ready(ctx, s); err != nil {
			return nil, err
		}
	}
	plans, err := l.Stacks().Plans(ctx, s, o.every)
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		std.warnExpiring(p.Waivers)
	}
	runs, err := l.Stacks().Up(ctx, plans...)
	if err != nil {
		return nil, err
	}
	std.progress.clear()
	for _, r := range runs {
		_ = runReport(l, r).Text(std.errPage, std.errScreen) // it serves, whether or not anybody reads this
	}
	noteGateway(std, l, s)
	return runs, nil
}

func upDocument(s *stack.Stack, runs []*launcher.Run) report.Up {
	doc := report.Up{Schema: report.UpSchema, Stack: s.Name, File: s.File}
	for _, r := range runs {
		doc.Members = append(doc.Members, r.Record)
	}
	return doc
}
