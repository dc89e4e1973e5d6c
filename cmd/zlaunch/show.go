package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdShow = &command{
	usage:    "show [OPTION]... PROFILE",
	short:    "show what a profile is, wants and knows",
	long:     `Shows one profile: its image for each architecture, where it expects models and in which layout, its ports, what of them may be called through a gateway and whether every run stands behind one, the variables and flags worth knowing, what the accelerator of IBM Z means for it, and its known problems. The hardening and every other setting stand in zlaunch-plan(1); --json has them too, as the profile states them. With --origins every field that the profile and those it extends say is listed with the file and key that decided it, over how many others, and a bundle among these files with its digest and signer; --json has that always.`,
	example:  []string{"zlaunch show triton", "zlaunch show triton --origins", "zlaunch show triton --arch s390x --json"},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		var project projectOptions
		arch := bindArch(fs)
		origins := fs.Bool("origins", false, "show who decided each field: file, key, bundle and signer")
		json := fs.Bool("json", false, "print JSON")
		project.bind(fs)
		return func(_ context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			c, err := std.catalog(project, args.words[0])
			if err != nil {
				return err
			}
			doc, err := showReport(c, args.words[0], *arch)
			if err != nil {
				return err
			}
			switch {
			case *json:
				return report.JSON(std.out, doc)
			case *origins:
				return doc.Origins(std.page, std.screen)
			}
			return doc.Text(std.page, std.screen)
		}
	},
}

func showReport(c *profile.Catalog, name, arch string) (report.Show, error) {
	p, err := c.ResolveBare(name, arch)
	if err != nil {
		return report.Show{}, err
	}
	doc := report.Show{
		Schema: report.ShowSchema, Arch: arch, Chain: p.Chain, Docs: p.Docs, NNPA: p.NNPA,
		Problems: p.Problems, Settings: report.Lines(p.Stated),
		Profile: report.Profile{
			Name: p.Name, Kind: p.Kind, About: p.About, Owner: p.Owner, Layer: string(p.Layer), File: p.File,
			Archs: p.Archs, Available: slices.Contains(p.Archs, arch),
			Bundle: bundleOf(p.Bundle), Deprecated: p.Deprecated,
		},
	}
	doc.Fields = showFields(p, doc.Settings)
	showData(&doc, p)
	for _, k := range p.Knobs {
		doc.Knobs = append(doc.Knobs, report.Knob{Name: k.Name, Meaning: k.Meaning})
	}
	doc.Waivers = p.Waivers
	return doc, showImages(&doc, c)
}

// showFields lists who decided what a profile says; settings are its stated ones.
func showFields(p *profile.Profile, settings []report.Line) []report.Field {
	out := []report.Field{}
	for _, s := range p.Said() {
		out = append(out, report.Field{Key: s.Key, Value: s.Value, Origins: s.Origins})
	}
	for _, l := range settings {
		out = append(out, report.Field{Key: "container." + l.Setting.String(), Value: l.Value, Origins: l.Origins})
	}
	for i := range out {
		if by := out[i].Origins; len(by) > 0 {
			out[i].Bundle = bundleOf(p.BundleOf(by[0]))
		}
	}
	return out
}

func showData(doc *report.Show, p *profile.Profile) {
	if m := p.Models; m != nil {
		doc.Models = &report.Models{At: m.At, Layout: m.Layout, Digest: m.Digest, Source: m.Source, Required: m.Required}
	}
	doc.GPU = p.GPU
	for _, g := range p.GPUImage {
		doc.GPUImage = append(doc.GPUImage, report.GPUImage{Kind: g.Kind, Ref: g.Image})
	}
	if p.Output != nil {
		doc.Output = p.Output.At
	}
	if s := p.Scanner; s != nil {
		doc.Scanner = &report.Scanner{Tool: s.Tool, Image: s.Image, Database: s.Database, Finds: s.Finds}
	}
	for _, port := range p.Ports {
		doc.Ports = append(doc.Ports, report.Port{
			Name: port.Name, Number: port.Number, Published: slices.Contains(p.Publish, port.Name),
		})
	}
	doc.Gateway, doc.Behind = report.GatewayPorts(p.Gateway), p.BehindGateway
	if r := p.Ready; r != nil {
		doc.Ready = "GET " + r.Path + " on port " + r.Port + ", within " + r.Within.Round(time.Second).String()
	}
	doc.Keep = p.Keep
	if g := p.Golden; g != nil {
		doc.Golden = g.Method + " " + g.Path + " on port " + g.Port
		if g.JSON {
			doc.Golden += ", compared as JSON"
		}
		if len(g.Ignore) > 0 {
			doc.Golden += " without " + strings.Join(g.Ignore, ", ")
		}
	}
}

// showImages lists the image of every architecture that has one.
func showImages(doc *report.Show, c *profile.Catalog) error {
	for _, arch := range doc.Archs {
		p, err := c.ResolveBare(doc.Name, arch)
		if err != nil {
			return err
		}
		ref, _, _ := container.Image.Get(p.Stated)
		doc.Images = append(doc.Images, report.Image{Arch: arch, Ref: ref})
	}
	return nil
}
