package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

var cmdValidate = &command{
	usage: "validate [OPTION]... [FILE]...",
	short: "check files of profiles, bundles, locks and stacks before they are rolled out",
	long: `Reads each FILE as it would be read in its place, beside the profiles that are there, and tells everything that is wrong with it, with the line: the TOML, keys and values, what profiles extend, waivers that such a file may not carry, what only shows once a profile is put together, on every architecture, and what would refuse every run of it, on a host where all is in order. The status is 1 where something is wrong. A waiver that ends within 14 days is told on standard error.

Notes tell, with the line, what is not wrong and has no effect or not for long: a profile that adds nothing to the one it extends, one that extends a deprecated one, a waiver that permits nothing that fails, an image named by a tag (zlaunch-pin(1) gives the digest). They change no status; zlaunch-audit(1) of the same file judges them, and all else, by the controls.

A file in /etc/zlaunch/profiles.d or ~/.config/zlaunch is read as what it is there; elsewhere one called profiles.toml is a project's, and any other is meant for /etc/zlaunch/profiles.d; --layer says otherwise. A FILE stands for the one of the same name that is there already.

What a wrong file does once it is in place: each profile that it defines, or, where it cannot be parsed, may define, is an error that says why, and no profile of the same name behind it is used instead. All others work, with a warning.

A FILE called bundle.toml is what a bundle says of itself (zlaunch-push(1)), and one called zlaunch.lock a lock; one called stack.toml, or that defines a member, is a stack (zlaunch-up(1)): all that their readers refuse is told, with the line. With --layer they are files of profiles.

With --schema it prints the JSON schema of files of profiles instead, or that of bundle.toml, zlaunch.lock or stack.toml where one is named, for editors that complete and check while one writes; zlaunch-profile(5) tells how they find it.`,
	example: []string{"zlaunch validate team.toml", "zlaunch validate --layer user ./profiles.toml --json", "zlaunch validate fraud/bundle.toml", "zlaunch validate --schema > ~/.config/zlaunch/profile.schema.json", "zlaunch validate --schema bundle.toml > bundle.schema.json"},
	bind: func(fs *pflag.FlagSet) runFunc {
		layer := fs.String("layer", "", "read the files as those of `LAYER`: system, user or project")
		json := fs.Bool("json", false, "print JSON")
		schema := fs.Bool("schema", false, "print the JSON schema of files of profiles, or of FILE, bundle.toml, zlaunch.lock or stack.toml, for editors")
		return func(_ context.Context, std *stdio, args arguments) error {
			if *schema {
				return printSchema(std, args)
			}
			if err := args.count(1, -1); err != nil {
				return err
			}
			if *layer != "" && !slices.Contains(profile.Layers, container.Layer(*layer)) {
				return &usageError{hint.Errorf("--layer is one of system, user, project", "option --layer does not take %q", *layer)}
			}
			doc := report.Validate{Schema: report.ValidateSchema, Files: []report.ValidatedFile{}}
			for _, path := range args.words {
				file, err := validate(std, path, container.Layer(*layer), args.words)
				if err != nil {
					return err
				}
				doc.Files = append(doc.Files, file)
			}
			return printValidated(std, doc, *json)
		}
	},
}

func printSchema(std *stdio, args arguments) error {
	if err := args.count(0, 1); err != nil {
		return err
	}
	text, err := schemaFor(strings.Join(args.words, ""))
	if err == nil {
		_, err = std.out.Write(text)
	}
	return err
}

// validate checks the file at path, together with those of all that are for its layer.
func validate(std *stdio, path string, layer container.Layer, all []string) (report.ValidatedFile, error) {
	f, shared := sharedFiles[filepath.Base(path)]
	if !shared && stack.Holds(inDir(std, path)) {
		f, shared = sharedFiles[stack.Name], true
	}
	if shared && layer == "" {
		return f.validate(std, path)
	}
	of, err := openProfiles(std, path, layer, all, plan.Anywhere)
	if err != nil {
		return report.ValidatedFile{}, err
	}
	std.warnExpiring(of.checked.Waivers)
	out := report.ValidatedFile{File: path, Layer: string(of.layer), Profiles: append([]string{}, of.checked.Profiles...), Problems: []report.FileProblem{}}
	out.Problems = append(out.Problems, fileProblems(of.checked.Faults)...)
	out.Notes = fileProblems(of.notes())
	return out, nil
}

func fileProblems(in []*profile.Fault) (out []report.FileProblem) {
	for _, f := range in {
		out = append(out, report.FileProblem{Line: f.Line, Profile: f.Profile, Key: f.Key, Message: f.Err.Error(), Hint: hint.Of(f.Err)})
	}
	return out
}

func printValidated(std *stdio, doc report.Validate, json bool) error {
	var err error
	if json {
		err = report.JSON(std.out, doc)
	} else {
		err = doc.Text(std.page, std.screen)
	}
	if wrong := func(f report.ValidatedFile) bool { return len(f.Problems) > 0 }; err == nil && slices.ContainsFunc(doc.Files, wrong) {
		return &statusError{status: exitFindings}
	}
	return err
}
