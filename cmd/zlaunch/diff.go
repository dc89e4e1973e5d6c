package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

var cmdDiff = &command{
	usage: "diff [OPTION]... NAME | A B",
	short: "hold a run against its launch record, or compare two subjects",
	long: `With one NAME: a run against its own launch record. It prints that the run is as planned, or exactly what is not: each setting with the planned value and that of now, the rung of evidence that shows it, and what a control says of it. NAME is that of a container, as zlaunch-ps(1) lists it or as container:NAME, the beginning of its id, or a profile of which one run is there. The status is 0 where all is as planned, 1 where something is not, 3 where there is nothing to hold it against (it does not run, zlaunch did not start it, its record is gone) and 4 where nothing differs and not all evidence was in reach.

With two: reads both as zlaunch-audit(1) does and lists every setting that differs, with who decided it, and every control that says something else of the one than of the other. Each is the name of a profile, a file (a unit, a script with one run line, a record written with --evidence), or container:NAME. The options of zlaunch-run(1) count for those that are profiles. Of a profile and a container only what is not as planned differs; a run of that profile is planned with the options of its launch, and those given here instead of the same. The status is 1 where something differs, and 4 where nothing does and a container's evidence was out of reach.`,
	example: []string{
		"zlaunch diff zlaunch-triton",
		"zlaunch diff triton container:zlaunch-triton",
		"zlaunch diff approved.json container:web",
		"zlaunch diff old/web.container new/web.container",
	},
	complete: completeHeld,
	bind: func(fs *pflag.FlagSet) runFunc {
		json := fs.Bool("json", false, "print JSON")
		run := bindRun(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 2); err != nil {
				return err
			}
			s := &subjects{std: std, run: run}
			defer s.close()
			if len(args.words) == 1 {
				return s.held(ctx, args.words[0], *json)
			}
			d, err := s.compared(ctx, args.words[0], args.words[1])
			if err != nil {
				return err
			}
			return printDiff(std, d, *json)
		}
	},
}

// completeHeld lists what can be compared by name: runs, containers of runs, profiles.
func completeHeld(std *stdio, words []string) []string {
	runs := completeKnown(std)
	out := slices.Clone(runs)
	for _, name := range runs {
		out = append(out, "container:"+name)
	}
	return append(out, completeProfiles(std, words)...)
}

// held holds a run against its launch record.
func (s *subjects) held(ctx context.Context, word string, json bool) error {
	name, direct := strings.CutPrefix(word, "container:")
	if !direct && (word == "-" || subject.IsPath(word)) {
		return &usageError{hint.Errorf("zlaunch diff "+word+" container:NAME", "one argument is the name of a run, and %s is a file", word)}
	}
	l, done, err := s.std.launcher(ctx, s.run.engine, nil)
	if err != nil {
		return err
	}
	defer done()
	a, err := runOf(ctx, l, name, direct)
	if err != nil {
		return err
	}
	h, err := a.Held()
	if err != nil {
		return err
	}
	return printHeld(s.std, heldReport(a, h), json)
}

// runOf audits the container that a name means: a run of zlaunch's, else what the engine
// calls so, which direct means alone.
func runOf(ctx context.Context, l *launcher.Launcher, name string, direct bool) (*launcher.Audited, error) {
	var none error
	if !direct {
		r, err := l.One(ctx, name)
		if err == nil {
			return l.Audits().Container(ctx, r.ID)
		}
		none = err
	}
	a, err := l.Audits().Container(ctx, name)
	if none != nil && errors.Is(err, podman.ErrNoContainer) {
		err = none
	}
	return a, err
}

func heldReport(a *launcher.Audited, h *launcher.Held) report.Held {
	return report.Held{Container: gated(a), Profile: h.Profile, Launched: h.Launched, Drift: h.Drift, Also: h.Also, Open: h.Open, Proof: h.Proof, Unproved: h.Unproved}
}

func printHeld(std *stdio, h report.Held, json bool) error {
	var err error
	if json {
		err = report.JSON(std.out, h.Document())
	} else {
		err = h.Text(std.page, report.TextOptions{Screen: std.screen, ASCII: !std.utf8()})
	}
	switch {
	case err != nil:
		return fmt.Errorf("writing the comparison: %w", err)
	case !h.Same():
		return &statusError{status: exitFindings}
	case !h.AsPlanned():
		return &statusError{status: exitOpen}
	}
	return nil
}

// compared compares two subjects; of a profile and a container the one is held against
// the plan of the other.
func (s *subjects) compared(ctx context.Context, a, b string) (report.Diff, error) {
	isContainer := func(word string) bool { return strings.HasPrefix(word, "container:") }
	isProfile := func(word string) bool { return word != "-" && !isContainer(word) && !subject.IsPath(word) }
	switch {
	case isProfile(a) && isContainer(b):
		return s.heldTo(ctx, a, b, report.NewHeldDiff)
	case isContainer(a) && isProfile(b):
		return s.heldTo(ctx, b, a, func(plan, run report.Result, h report.Held) report.Diff { return report.NewHeldDiff(run, plan, h) })
	}
	x, err := s.one(ctx, a)
	if err != nil {
		return report.Diff{}, err
	}
	y, err := s.one(ctx, b)
	if err != nil {
		return report.Diff{}, err
	}
	inY, err := x.InWordsOf(y.Spec)
	if err != nil {
		return report.Diff{}, err
	}
	inX, err := y.InWordsOf(inY.Spec)
	if err != nil {
		return report.Diff{}, err
	}
	return report.NewDiff(gated(inY), gated(inX)), nil
}

// heldTo holds a container against the plan of a profile. A run of that profile is
// planned with the options of its launch where the command line gives no others.
func (s *subjects) heldTo(ctx context.Context, name, in string, tell func(plan, run report.Result, h report.Held) report.Diff) (report.Diff, error) {
	options, err := s.run.options(s.std, arguments{words: []string{name}})
	if err != nil {
		return report.Diff{}, err
	}
	l, err := s.planner(ctx, options)
	if err != nil {
		return report.Diff{}, err
	}
	run, err := l.Audits().Container(ctx, strings.TrimPrefix(in, "container:"))
	if err != nil {
		return report.Diff{}, err
	}
	options = options.Over(run.Observed.Options(name))
	plan, err := workOut(ctx, s.std, l, options)
	if err != nil {
		return report.Diff{}, err
	}
	h, err := l.Audits().HoldTo(run, plan)
	if err != nil {
		return report.Diff{}, err
	}
	return tell(result(l.Audits().Plan(plan)), result(run), heldReport(run, h)), nil
}

// one audits a word that is one subject.
func (s *subjects) one(ctx context.Context, word string) (*launcher.Audited, error) {
	if name, ok := strings.CutPrefix(word, "container:"); ok {
		found, err := s.containers(ctx, []string{name})
		if err != nil {
			return nil, err
		}
		return found[0](), nil
	}
	found, err := s.word(ctx, word)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, hint.Errorf("zlaunch audit "+word+" lists them", "comparing %s: it holds %d runs", word, len(found))
	}
	return found[0](), nil
}

// gated is an audited subject as zlaunch audit reports it by its defaults, so that both
// tell the same exposure: with its waivers, by the first standard. It is called once for each.
func gated(a *launcher.Audited) report.Result {
	(&subject.Gate{Standard: audit.Standards()[0]}).Apply(a, time.Now())
	return result(a)
}

// result is an audited subject as reports take it.
func result(a *launcher.Audited) report.Result {
	return report.Result{Subject: a.Subject, Kind: a.Kind, File: a.File, Engine: a.Engine, Identity: a.Identity, Unread: a.Unread, Beside: a.Beside,
		Spec: a.Spec, Findings: a.Findings, Drift: a.Drift, Absent: a.Absent, Reading: a.Reading, Notes: a.Notes}
}

func printDiff(std *stdio, d report.Diff, json bool) error {
	var err error
	if json {
		err = report.JSON(std.out, d)
	} else {
		err = d.Text(std.page, std.screen)
	}
	if err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	switch {
	case !d.Same():
		return &statusError{status: exitFindings}
	case d.Open():
		return &statusError{status: exitOpen}
	}
	return nil
}
