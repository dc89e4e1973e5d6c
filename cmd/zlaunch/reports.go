package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// The functions here turn what package launcher knows into what package report
// prints.

func planReport(p *launcher.Plan) (report.Plan, error) {
	line, err := p.RunLine()
	if err != nil {
		return report.Plan{}, err
	}
	return report.Plan{
		Schema: report.PlanSchema, Profile: p.Profile.Name, Arch: p.Profile.Arch, Hash: p.Hash,
		Layer: string(p.Profile.Layer), File: p.Profile.File, Settings: report.Lines(p.Effective),
		Open: p.Open, Dropped: p.Dropped, Waivers: p.Waivers, Problems: p.Problems, Network: p.NetworkLine(), Podman: podmanrun.Redacted(line),
	}, nil
}

func runReport(l *launcher.Launcher, r *launcher.Run) report.Run {
	ref, _, _ := container.Image.Get(r.Plan.Stated)
	out := report.Run{
		Name: r.Name, Profile: r.Profile, Stack: r.Stack, Image: ref, ImageID: r.ImageID, UID: l.Host.UID,
		Waivers: r.Waivers, Effective: r.Plan.Effective, URLs: r.URLs, Proved: r.Proof, Unproved: r.Unproved,
	}
	for _, p := range r.Plan.Problems {
		if p.Control == "" && !p.Fatal {
			out.Notes = append(out.Notes, strings.TrimSuffix(p.Message+"; "+p.Hint, "; "))
		}
	}
	return out
}

// psReport lists runs, and services with and without a container.
func psReport(in []launcher.Running, services map[string]*running) report.Ps {
	out := report.Ps{Schema: report.PsSchema, Runs: []report.Running{}}
	for _, r := range in {
		line := report.Running{
			Name: r.Name, ID: r.ID, Profile: r.Profile, State: r.State, Image: r.Image, Plan: r.Plan,
			URLs: r.URLs, Created: r.Created, Stack: r.Stack, Member: r.Member,
		}
		if s := services[r.Name]; s != nil {
			line.Service, s.listed = s.state.String(), true
		}
		out.Runs = append(out.Runs, line)
	}
	for _, s := range services {
		if !s.listed {
			out.Runs = append(out.Runs, report.Running{Name: s.Name, Profile: s.Profile, State: s.state.Active, Image: s.image(), Service: s.state.String()})
		}
	}
	slices.SortFunc(out.Runs, func(a, b report.Running) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
