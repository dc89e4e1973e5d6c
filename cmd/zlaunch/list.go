package main

import (
	"context"
	"runtime"
	"slices"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// hostArch is the architecture that commands without an engine speak of.
const hostArch = runtime.GOARCH

var cmdList = &command{
	usage: "list [OPTION]...",
	short: "list the profiles that are visible here",
	long: `Lists every profile: the built-in ones, those of /etc/zlaunch/profiles.d/*.toml, of ~/.config/zlaunch/profiles.toml and profiles.d/*.toml beside it, and of an approved ./profiles.toml; between those of the system and the user stand those of locked bundles. The nearer layer wins on values.

What it shows of a locked bundle's profiles stands in zlaunch.lock, and no bundle is opened for it: zlaunch-verify(1) does that. A bundle that is not here, or whose signer is no longer allowed, is told.`,
	example: []string{"zlaunch list", "zlaunch list --arch s390x --json"},
	bind: func(fs *pflag.FlagSet) runFunc {
		var project projectOptions
		arch := bindArch(fs)
		json := fs.Bool("json", false, "print JSON")
		project.bind(fs)
		return func(_ context.Context, std *stdio, args arguments) error {
			if err := args.none(); err != nil {
				return err
			}
			c, err := listing(std, project)
			if err != nil {
				return err
			}
			all := c.All(*arch)
			here := all
			if *arch != hostArch {
				here = c.All(hostArch)
			}
			std.warnExpiring(waiversOf(here))
			doc := listReport(all, *arch)
			print := func() error { return doc.Text(std.page, std.screen) }
			if *json {
				print = func() error { return report.JSON(std.out, doc) }
			}
			usable := func(p report.Profile) bool { return p.Error == "" }
			if err := print(); err != nil || slices.ContainsFunc(doc.Profiles, usable) {
				return err
			}
			return &statusError{status: exitFindings} // a file spoils them all, and was named
		}
	},
}

func bindArch(fs *pflag.FlagSet) *string {
	arch := hostArch
	fs.Var(choice{&arch, profile.Archs}, "arch", "look at the profile on `ARCH`: amd64, arm64, ppc64le or s390x")
	return &arch
}

// bundleOf is a profile's bundle as reports have it; nil: none.
func bundleOf(b *profile.Bundle) *report.Bundle {
	if b == nil {
		return nil
	}
	return &report.Bundle{Name: b.Name, Version: b.Version, Digest: b.Digest, Signer: b.Signer.String()}
}

func listReport(all []profile.Summary, arch string) report.List {
	doc := report.List{Schema: report.ListSchema, Arch: arch, Profiles: []report.Profile{}}
	for _, p := range all {
		line := report.Profile{
			Name: p.Name, Kind: p.Kind, About: p.About, Owner: p.Owner,
			Layer: string(p.Layer), File: p.File, Archs: p.Archs, Available: p.Available,
			Bundle: bundleOf(p.Bundle), Deprecated: p.Deprecated,
		}
		if p.Err != nil {
			line.Error = p.Err.Error()
		}
		doc.Profiles = append(doc.Profiles, line)
	}
	return doc
}
