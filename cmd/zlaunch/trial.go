package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/author"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// trialTime is how long a trial runs that nothing else ends.
const trialTime = 30 * time.Second

var cmdTrial = &command{
	usage: "trial [OPTION]... PROFILE [-- ARG...]",
	short: "run a profile once, look at what it does, and propose what it lacks",
	long: `Runs PROFILE once, as zlaunch-run(1) would, planned, judged and proved, but with a root file system that can be written to, and in a container that is always removed. Once it serves, has ended, or after half a minute, it is stopped. With --for it runs that long, to be called meanwhile.

Then it tells what was written to the root, how full file systems in memory were, where it listened, and which of its last lines say that it was refused something; and it proposes the least that the profile lacks: tmpfs with sizes, ports, shm_size, the user. Nothing is proposed that would cover files of the image: there it says what to do instead.

For a profile of your own the proposal is a diff of its file, which patch -p0 takes; for any other it is a file to lay over it. Nothing is changed. The status is 1 where there is something to propose.`,
	example:  []string{"zlaunch trial web", "zlaunch trial web --for 2m", "zlaunch trial triton --models ./m --json"},
	complete: completeProfiles,
	reaps:    true,
	bind: func(fs *pflag.FlagSet) runFunc {
		o := &runOptions{removed: new(bool)}
		*o.removed = true
		var long time.Duration
		fs.StringVar(&o.Models, "models", "", "give the workload the model tree or file at `PATH`, read-only; or the model of the store that a reference names, oci://HOST/REPOSITORY")
		fs.StringVar(&o.Output, "output", "", "let a job write its results to directory `PATH`")
		fs.StringArrayVarP(&o.Env, "env", "e", nil, "set a variable: `NAME[=VALUE]`, without VALUE the caller's")
		fs.StringArrayVar(&o.Waive, "waive", nil, "let one control fail, for a reason that is recorded: `ID[@SETTING]=REASON`")
		fs.Var(wait(&long), "for", "let it run for `DURATION`, as 2m, whether or not it serves")
		json := fs.Bool("json", false, "print JSON")
		o.project.bind(fs)
		o.engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			options, err := o.options(std, args)
			if err != nil {
				return err
			}
			doc, err := trial(ctx, std, o, options, long)
			if err != nil {
				return err
			}
			return printTrial(std, doc, *json)
		}
	},
}

// trial runs the profile and reports.
func trial(ctx context.Context, std *stdio, o *runOptions, options launcher.Options, long time.Duration) (*report.Trial, error) {
	l, done, err := std.launcher(ctx, o.engine, func() (*profile.Catalog, error) { return std.catalog(o.project, options.Profile) })
	if err != nil {
		return nil, err
	}
	defer done()
	defer reaping(ctx, std, l)()
	options.Detach = true
	p, err := l.Plan(ctx, options) // as it would be run
	if err == nil {
		err = p.Refusal()
	}
	if err != nil {
		return nil, err
	}
	if p, err = l.Plan(ctx, plan.Trial(options)); err != nil {
		return nil, err
	}
	seen, err := l.Trial(ctx, p, long, trialTime)
	if err != nil {
		return nil, err
	}
	std.progress.clear()
	doc := trialReport(p.Profile, seen)
	doc.Image, _, _ = container.Image.Get(p.Stated)
	return doc, change(std, p.Profile, doc)
}

// trialReport tells what was seen, and what follows.
func trialReport(p *profile.Profile, t *launcher.Tried) *report.Trial {
	doc := &report.Trial{Schema: report.TrialSchema, Profile: p.Name, Ready: t.Ready, Running: t.Running, ExitCode: t.ExitCode,
		Wrote: []report.TrialPlace{}, Listens: []string{}, Filled: []report.TrialFilled{}, Refused: append([]author.Refusal{}, t.Seen.Refused...)}
	for _, w := range t.Seen.Places {
		doc.Wrote = append(doc.Wrote, report.TrialPlace{Dir: w.Dir, Files: w.Files, Bytes: w.Bytes})
	}
	for _, at := range t.Seen.Listens {
		doc.Listens = append(doc.Listens, at.String())
	}
	for _, f := range t.Seen.Filled {
		if f.Used > 0 {
			doc.Filled = append(doc.Filled, report.TrialFilled(f))
		}
	}
	proposals, advice := author.Propose(p, t.Seen)
	doc.Proposals, doc.Advice = append([]author.Proposal{}, proposals...), append([]string{}, advice...)
	return doc
}

// change writes the proposals as a change of the profile's file, where it is one of the
// user's own and still says what it did with them, else as a file of their own.
func change(std *stdio, p *profile.Profile, doc *report.Trial) error {
	if len(doc.Proposals) == 0 {
		return nil
	}
	if file, text, ok := ownFile(std, p); ok {
		after := author.Apply(text, p.Name, doc.Proposals)
		if holds(std, p, after, doc.Proposals) {
			patch, exact := report.Patch((&fixPrinter{std: std}).name(file), text, after, false)
			if exact {
				doc.File, doc.Patch = file, patch
				return nil
			}
		}
	}
	doc.TOML = author.Overlay(p.Name, doc.Proposals)
	return nil
}

// ownFile is the file that defines p nearest, where it is the user's or the project's.
func ownFile(std *stdio, p *profile.Profile) (file, text string, ok bool) {
	if p.Bundle != nil || p.Layer != container.LayerUser && p.Layer != container.LayerProject {
		return "", "", false
	}
	file = p.File
	if rest, home := strings.CutPrefix(file, "~/"); home {
		file = filepath.Join(std.home, rest)
	} else if !filepath.IsAbs(file) {
		file = filepath.Join(std.dir, file)
	}
	data, err := os.ReadFile(file)
	return file, string(data), err == nil
}

// holds tells whether a file with that text would be as sound as it is, and say of p what
// an overlay with the proposals says.
func holds(std *stdio, p *profile.Profile, text string, proposals []author.Proposal) bool {
	sources, _, err := profile.Sources(std.profileDirs())
	if err != nil {
		return false
	}
	i := slices.IndexFunc(sources, func(s profile.Source) bool { return s.Layer == p.Layer && s.File == p.File })
	if i < 0 {
		return false
	}
	over := profile.Source{Layer: container.LayerProject, File: "overlay", Data: []byte(author.Overlay(p.Name, proposals))}
	want, err := profile.Assemble(append(slices.Clone(sources), over)).ResolveBare(p.Name, p.Arch)
	if p.Layer == container.LayerProject { // what lies over it cannot be said in its layer
		want, err = nil, nil
	}
	sources[i].Data = []byte(text)
	if err != nil || len(profile.Validate(sources, p.File, time.Now(), nil).Faults) > 0 {
		return false
	}
	got, err := profile.Assemble(sources).ResolveBare(p.Name, p.Arch)
	if err != nil || want == nil {
		return err == nil
	}
	return slices.Equal(got.Ports, want.Ports) && slices.Equal(valuesIn(want.Stated), valuesIn(got.Stated))
}

// valuesIn are the settings of a spec, whoever decided them.
func valuesIn(s *container.Spec) (out []string) {
	for _, set := range container.Settings(s) {
		out = append(out, fmt.Sprintf("%s %v", set.Path, set.Value))
	}
	return out
}

func printTrial(std *stdio, doc *report.Trial, json bool) error {
	var err error
	switch {
	case json:
		err = report.JSON(std.out, doc)
	default:
		_ = doc.Text(std.errPage, std.errScreen)
		if doc.TOML != "" {
			std.note("this file lies over it, as ~/.config/zlaunch/profiles.d/%s.toml:", doc.Profile)
		}
		_, err = io.WriteString(std.out, doc.Patch+doc.TOML)
	}
	if err == nil && len(doc.Proposals) > 0 {
		return &statusError{status: exitFindings}
	}
	return err
}
