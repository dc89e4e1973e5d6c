package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// gateOptions say what findings count, and which of them stop.
type gateOptions struct {
	standard, catalogue     string
	failOnOpen, noWaivers   bool
	baseline, writeBaseline string
}

func (g *gateOptions) bind(fs *pflag.FlagSet) {
	g.standard = audit.Standards()[0].Name
	fs.Var(choice{&g.standard, standardNames()}, "standard", "judge by the controls of `NAME`: "+strings.Join(standardNames(), ", "))
	fs.BoolVar(&g.failOnOpen, "fail-on-open", false, "end with status 4 where evidence is missing")
	fs.BoolVar(&g.noWaivers, "no-waivers", false, "count waived findings as failures")
	fs.StringVar(&g.catalogue, "catalogue", "", "refuse to judge by another catalogue than `VERSION`")
	fs.StringVar(&g.baseline, "baseline", "", "stop only at findings that the baseline in `FILE` does not know, and at critical ones")
	fs.StringVar(&g.writeBaseline, "write-baseline", "", "put these findings into the baseline in `FILE`; those of other subjects in it stay")
}

func standardNames() []string {
	var out []string
	for _, s := range audit.Standards() {
		out = append(out, s.Name)
	}
	return out
}

// open is the gate with its files read, but for the caller's waivers.
func (g *gateOptions) open(failOn string) (*subject.Gate, error) {
	if g.catalogue != "" && g.catalogue != audit.Version {
		return nil, hint.Errorf("zlaunch explain --all lists the catalogue as it is; accept it, and pin the new version",
			"judging by catalogue %q: this is %q", g.catalogue, audit.Version)
	}
	s, err := audit.StandardNamed(g.standard)
	if err != nil {
		return nil, &usageError{err}
	}
	out := &subject.Gate{Standard: s, FailOn: s.FailOn, FailOnOpen: g.failOnOpen, NoWaivers: g.noWaivers}
	if failOn != "" {
		if out.FailOn, err = threshold(failOn); err != nil {
			return nil, err
		}
	}
	if g.baseline != "" {
		out.Baseline, err = subject.ReadBaseline(g.baseline)
	}
	return out, err
}

// waivers reads those of the command line.
func waivers(args []string) ([]audit.Waiver, error) {
	var out []audit.Waiver
	for _, arg := range args {
		w, err := audit.ParseWaiver(arg)
		if err != nil {
			return nil, &usageError{err}
		}
		if audit.ByID(w.Control) == nil {
			return nil, &usageError{unknownControl(w.Control)}
		}
		out = append(out, w)
	}
	return out, nil
}

// endings are the statuses an audit ends with.
var endings = [...]error{subject.Passed: nil, subject.Incomplete: &statusError{status: exitOpen}, subject.Stopped: &statusError{status: exitFindings}}
