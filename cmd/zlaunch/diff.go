package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdDiff = &command{
	usage: "diff [OPTION]... A B",
	short: "compare two runs setting by setting and verdict by verdict",
	long: `Reads two subjects as zlaunch-audit(1) does and lists every setting that differs, with who decided it, and every control that says something else of the one than of the other. A subject is the name of a profile, a file (a unit, a script with one run line, a record written with --evidence), or container:NAME.

The options of zlaunch-run(1) count for both where they are profiles. The status is 1 where something differs.`,
	example: []string{
		"zlaunch diff triton container:zlaunch-triton",
		"zlaunch diff approved.json container:web",
		"zlaunch diff old/web.container new/web.container",
	},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		json := fs.Bool("json", false, "print JSON")
		run := bindRun(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(2, 2); err != nil {
				return err
			}
			s := &subjects{std: std, run: run}
			defer s.close()
			a, err := s.one(ctx, args.words[0])
			if err != nil {
				return err
			}
			b, err := s.one(ctx, args.words[1])
			if err != nil {
				return err
			}
			return printDiff(std, report.NewDiff(result(a), result(b)), *json)
		}
	},
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
		err = d.Text(std.out, std.width)
	}
	if err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	if !d.Same() {
		return &statusError{status: exitFindings}
	}
	return nil
}
