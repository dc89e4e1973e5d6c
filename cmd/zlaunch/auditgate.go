package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/subject"
	"github.com/zlaunch/zlaunch/launcher/trust"
)

// auditGate says what findings count, and which of them stop.
type auditGate struct {
	standard, catalogue     string
	failOnOpen, noWaivers   bool
	baseline, writeBaseline string
}

func (g *auditGate) bind(fs *pflag.FlagSet) {
	fs.StringVar(&g.standard, "standard", audit.Standards()[0].Name, "judge by the controls of `NAME`: "+strings.Join(standardNames(), ", "))
	fs.BoolVar(&g.failOnOpen, "fail-on-open", false, "end with status 4 where evidence is missing")
	fs.BoolVar(&g.noWaivers, "no-waivers", false, "count waived findings as failures")
	fs.StringVar(&g.catalogue, "catalogue", "", "refuse to judge by another catalogue than `VERSION`")
	fs.StringVar(&g.baseline, "baseline", "", "stop only at findings that the baseline in `FILE` does not know")
	fs.StringVar(&g.writeBaseline, "write-baseline", "", "put these findings into the baseline in `FILE`; those of other subjects in it stay")
}

func standardNames() []string {
	var out []string
	for _, s := range audit.Standards() {
		out = append(out, s.Name)
	}
	return out
}

// opened is a gate whose files were read.
type opened struct {
	standard   audit.Standard
	failOn     audit.Severity
	failOnOpen bool
	noWaivers  bool
	baseline   []audit.Known
	compared   bool // beside a baseline
}

func (g *auditGate) open(failOn string) (*opened, error) {
	if g.catalogue != "" && g.catalogue != audit.Version {
		return nil, hint.Errorf("zlaunch explain --all lists the catalogue as it is; accept it, and pin the new version",
			"judging by catalogue %q: this is %q", g.catalogue, audit.Version)
	}
	s, err := audit.StandardNamed(g.standard)
	if err != nil {
		return nil, &usageError{err}
	}
	o := &opened{standard: s, failOn: s.FailOn, failOnOpen: g.failOnOpen, noWaivers: g.noWaivers}
	if failOn != "" {
		if o.failOn, err = threshold(failOn); err != nil {
			return nil, err
		}
	}
	if g.baseline != "" {
		o.compared = true
		o.baseline, err = readBaseline(g.baseline)
	}
	return o, err
}

// judge applies waivers, standard and baseline to a subject.
func (o *opened) judge(a *launcher.Audited, waive []string) (report.Result, error) {
	r := result(a)
	waivers := a.Waivers
	if a.Kind != "plan" { // a plan has read them already
		for _, arg := range waive {
			w, err := audit.ParseWaiver(arg)
			if err != nil {
				return r, &usageError{err}
			}
			if audit.ByID(w.Control) == nil {
				return r, &usageError{unknownControl(w.Control)}
			}
			waivers = append(waivers, w)
		}
	}
	if !o.noWaivers {
		r.Findings = audit.Waive(r.Findings, waivers, time.Now())
	}
	r.Findings = o.standard.Select(r.Findings)
	if o.compared {
		r.Absent = audit.Compare(r.Subject, r.Findings, o.baseline)
	}
	audit.Sort(r.Findings)
	return r, nil
}

// status is how the audit ends.
func (o *opened) status(doc report.Audit) error {
	open := false
	for _, r := range doc.Results {
		for _, f := range r.Findings {
			if f.Verdict == audit.Fail && f.Severity >= o.failOn && f.State != audit.Unchanged {
				return &statusError{status: exitFindings}
			}
			open = open || f.Verdict == audit.Open
		}
	}
	if open && o.failOnOpen {
		return &statusError{status: exitOpen}
	}
	return nil
}

// baselineFile is what --write-baseline writes.
type baselineFile struct {
	Schema    string        `json:"schema"` // "zlaunch.dev/baseline/v1"
	Catalogue string        `json:"catalogue"`
	Known     []audit.Known `json:"known"`
}

const baselineSchema = "zlaunch.dev/baseline/v1"

func readBaseline(path string) ([]audit.Known, error) {
	if err := trust.Caller().Path(path); err != nil {
		return nil, err
	}
	data, err := readFile(path)
	if err != nil {
		return nil, hint.Wrap(err, "write one: --write-baseline "+path)
	}
	var b baselineFile
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("reading baseline %s: %w", path, err)
	}
	if b.Schema != baselineSchema {
		return nil, fmt.Errorf("reading baseline %s: schema %q is not %q", path, b.Schema, baselineSchema)
	}
	return b.Known, nil
}

// remember merges what was found into the baseline file.
func (g *auditGate) remember(doc report.Audit) error {
	if g.writeBaseline == "" {
		return nil
	}
	old, err := readBaseline(g.writeBaseline)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var now []audit.Known
	var about []string
	for _, r := range doc.Results {
		now = append(now, audit.Snapshot(r.Subject, r.Findings)...)
		about = append(about, r.Subject)
	}
	merged := audit.Merge(old, now, about)
	data, err := json.MarshalIndent(baselineFile{baselineSchema, audit.Version, slices.Clip(merged)}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing baseline: %w", err)
	}
	if err := subject.WriteFile(g.writeBaseline, append(data, '\n')); err != nil {
		return fmt.Errorf("writing baseline %s: %w", g.writeBaseline, cause(err))
	}
	return nil
}
