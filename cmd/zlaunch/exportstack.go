package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// exportedOfStacks are the options of zlaunch export that hold for every member.
var exportedOfStacks = strings.Fields("waive fail-on policy no-project connection url arch to target allow-loss models-as output-dir")

// exportStack writes the members of a stack in a form, as one.
func exportStack(ctx context.Context, std *stdio, a stackPlan, w written, dir string) error {
	s, err := a.read(exportedOfStacks)
	if err != nil {
		return err
	}
	if s.Gateway != nil {
		return hint.Errorf("zlaunch up "+a.file, "exporting %s: its gateway is configured when its backend runs, which no form says", a.file)
	}
	if w.form.Name == "" {
		return noForm()
	}
	if err := w.how.Check(w.form); err != nil {
		return &usageError{err}
	}
	return withPlans(ctx, std, a.o, s, func(l *launcher.Launcher, plans []*launcher.Plan) error {
		doc, err := stackDocument(std, l, plans, w)
		if err != nil {
			return err
		}
		noteAll(std, doc.Notes)
		return put(std, doc, dir)
	})
}

// stackDocument refuses what no member may be, and writes all.
func stackDocument(std *stdio, l *launcher.Launcher, plans []*launcher.Plan, w written) (*form.Document, error) {
	out := form.Stack{Name: plans[0].Options.InStack.Stack}
	for _, p := range plans {
		std.warnExpiring(p.Waivers)
		refusal := p.Refusal()
		if w.form.Away {
			refusal = plan.RefusalElsewhere(p)
		}
		if refusal != nil {
			return nil, &statusError{exitFindings, fmt.Errorf("writing member %s of %s: %w", p.Options.InStack.Member, out.Name, refusal)}
		}
		r := l.Form(p)
		r.Beside = w.into
		out.Runs = append(out.Runs, r)
	}
	return export.WriteStack(w.form, out, w.how)
}
