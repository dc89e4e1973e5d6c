package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

// stackPlan is a plan of a stack that was asked for.
type stackPlan struct {
	fs           *pflag.FlagSet
	o            *runOptions
	file         string
	podman, json bool
}

// forStacks are the options of zlaunch plan that hold for every member.
var forStacks = strings.Fields("waive fail-on ready-timeout policy no-project connection url arch podman json")

// planStack shows the plan of each member of a stack.
func planStack(ctx context.Context, std *stdio, a stackPlan) error {
	s, err := a.read(forStacks)
	if err != nil {
		return err
	}
	return printStack(ctx, std, a, s)
}

// printStack shows the plans of a stack as a asks for.
func printStack(ctx context.Context, std *stdio, a stackPlan, s *stack.Stack) error {
	return withPlans(ctx, std, a.o, s, func(_ *launcher.Launcher, plans []*launcher.Plan) error {
		if a.podman {
			return stackLines(std, plans)
		}
		return printPlans(std, plans, a.json)
	})
}

// read reads the stack, of which only some options say anything.
func (a stackPlan) read(taken []string) (*stack.Stack, error) {
	var wrong error
	a.fs.Visit(func(f *pflag.Flag) {
		if !slices.Contains(taken, f.Name) && wrong == nil {
			wrong = &usageError{hint.Errorf("say it of a member, in "+a.file, "--%s is of one run, and %s is a stack", f.Name, a.file)}
		}
	})
	if wrong != nil {
		return nil, wrong
	}
	return stack.Read(a.file)
}

// withPlans works the members out, without the engine where there is none, and gives them to do.
func withPlans(ctx context.Context, std *stdio, o *runOptions, s *stack.Stack, do func(*launcher.Launcher, []*launcher.Plan) error) error {
	of := o.forStack()
	if err := of.threshold(o.failOn); err != nil {
		return err
	}
	l, done, err := plannerOf(ctx, std, o.Arch, o.engine, func() (*profile.Catalog, error) { return of.catalog(std, s) })
	if err != nil {
		return err
	}
	defer done()
	plans, err := l.Stacks().Plans(ctx, s, of.every)
	if err != nil {
		return err
	}
	return do(l, plans)
}

func printPlans(std *stdio, plans []*launcher.Plan, json bool) error {
	in := plans[0].Options.InStack
	doc := report.StackPlan{Schema: report.StackPlanSchema, Stack: in.Stack, File: in.File, Networks: [][]string{}}
	made := map[string]bool{}
	for _, p := range plans {
		std.warnExpiring(p.Waivers)
		one, err := planReport(p)
		if err != nil {
			return err
		}
		one.Network = nil // those of the stack are of all
		for _, n := range p.Networks {
			if !made[n.Name] {
				made[n.Name], doc.Networks = true, append(doc.Networks, n.Line(p))
			}
		}
		in := p.Options.InStack
		doc.Members = append(doc.Members, report.MemberPlan{Member: in.Member, After: in.After, Plan: one})
	}
	var err error
	if json {
		err = report.JSON(std.out, doc)
	} else {
		err = doc.Text(std.page, std.screen)
	}
	if err == nil && doc.Refused() {
		err = &statusError{status: exitFindings}
	}
	return err
}

// stackLines prints what to paste: the networks, then the members, of which nobody waits
// until they serve.
func stackLines(std *stdio, plans []*launcher.Plan) error {
	var made []string
	for _, p := range plans {
		if err := p.Refusal(); err != nil {
			return err
		}
		if err := p.WriteFiles(); err != nil {
			return err
		}
		for _, n := range p.Networks {
			if !slices.Contains(made, n.Name) {
				made = append(made, n.Name)
				if err := printLine(std, n.Line(p)); err != nil {
					return err
				}
			}
		}
		line, err := p.RunLine()
		if err != nil {
			return err
		}
		if err := printLine(std, line); err != nil {
			return err
		}
	}
	return nil
}

func printLine(std *stdio, words []string) error {
	line, err := podmanrun.Line(words)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.exact, line)
	return err
}
