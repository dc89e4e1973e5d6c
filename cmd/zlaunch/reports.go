package main

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// The functions here turn what package launcher knows into what package report
// prints.

func planReport(p *launcher.Plan) (report.Plan, error) {
	line, err := p.RunLine()
	if err != nil {
		return report.Plan{}, err
	}
	out := report.Plan{
		Schema: report.PlanSchema, Profile: p.Profile.Name, Arch: p.Profile.Arch, Hash: p.Hash,
		Layer: string(p.Profile.Layer), File: p.Profile.File, Settings: report.Lines(p.Effective),
		Open: p.Open, Dropped: p.Dropped, Waivers: p.Waivers, Network: p.NetworkLine(), Podman: podmanrun.Redacted(line),
	}
	for _, pr := range p.Problems {
		out.Problems = append(out.Problems, report.Problem{
			Control: pr.Control, Setting: pr.Setting.String(), Message: pr.Message, Hint: pr.Hint, Fatal: pr.Fatal, Waiver: pr.Waiver,
		})
	}
	return out, nil
}

func runReport(l *launcher.Launcher, r *launcher.Run) report.Run {
	ref, _, _ := container.Image.Get(r.Plan.Stated)
	out := report.Run{
		Name: r.Name, Profile: r.Profile, Image: ref, ImageID: r.ImageID, UID: l.Host.UID,
		Waivers: r.Waivers, Effective: r.Plan.Effective, URLs: served(r.URLs),
	}
	for _, p := range r.Plan.Problems {
		if p.Control == "" && !p.Fatal {
			out.Notes = append(out.Notes, strings.TrimSuffix(p.Message+"; "+p.Hint, "; "))
		}
	}
	for _, p := range r.Proof {
		out.Proved = append(out.Proved, report.Proved{Setting: p.Setting, Evidence: p.Evidence})
	}
	for _, u := range r.Unproved {
		out.Unproved = append(out.Unproved, report.Unproved{Setting: u.Setting, Why: u.Why})
	}
	return out
}

func served(in []record.URL) []report.Served {
	var out []report.Served
	for _, u := range in {
		out = append(out, report.Served{Name: u.Name, URL: u.URL})
	}
	return out
}

func psReport(in []launcher.Running) report.Ps {
	out := report.Ps{Schema: report.PsSchema, Runs: []report.Running{}}
	for _, r := range in {
		out.Runs = append(out.Runs, report.Running{
			Name: r.Name, ID: r.ID, Profile: r.Profile, State: r.State, Image: r.Image, Plan: r.Plan,
			URLs: served(r.URLs), Created: r.Created,
		})
	}
	return out
}
