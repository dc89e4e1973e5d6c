package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/policy/disk"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// testPolicy tries the cases of a directory on its own policy and what more files add.
// That of this host is left out, so that the outcome is the same everywhere.
func testPolicy(std *stdio, dir string, more []string, json bool) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return hint.Errorf("zlaunch policy test DIR, with DIR/policy/*.toml and DIR/cases/*.toml", "testing %s: %w", dir, cmp.Or(bare(err), errors.New("it is no directory")))
	}
	set, err := disk.Trial(filepath.Join(dir, "policy"))
	if err != nil {
		return err
	}
	added, err := disk.Host{}.Read(more...)
	if err != nil {
		return err
	}
	t := &policyTrial{std, append(set, added...)}
	if len(t.set) == 0 {
		return hint.Errorf(dir+"/policy/site.toml, or --policy FILE", "testing %s: there is no policy to be tested", dir)
	}
	doc := report.PolicyTest{Schema: report.PolicyTestSchema, Digest: t.set.Digest(), Cases: []report.PolicyCase{}}
	if doc.Cases, err = t.all(filepath.Join(dir, "cases")); err != nil {
		return err
	}
	if json {
		err = report.JSON(std.out, doc)
	} else {
		err = doc.Text(std.page, std.screen)
	}
	if err == nil && doc.Failed() > 0 {
		return &statusError{status: exitFindings}
	}
	return err
}

// bare is an error without the path that the message has already.
func bare(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// policyTrial tries runs on a policy that need not hold here.
type policyTrial struct {
	std *stdio
	set policy.Set
}

// all tries the cases of every *.toml of a directory.
func (t *policyTrial) all(dir string) ([]report.PolicyCase, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.toml"))
	out := []report.PolicyCase{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the cases: %w", err)
		}
		cases, err := policy.ParseCases(name, text)
		if err != nil {
			return nil, err
		}
		for _, c := range cases {
			one := report.PolicyCase{File: name, Name: c.Name}
			broken, err := t.broken(c, dir)
			if err != nil {
				one.Error = err.Error()
			} else {
				one.Refused, one.Passed = c.Unexpected(broken)
			}
			out = append(out, one)
		}
	}
	if err == nil && len(out) == 0 {
		err = hint.Errorf("zlaunch help policy", "reading the cases in %s: %w", dir, fs.ErrNotExist)
	}
	return out, err
}

// broken are the checks that refuse the run of a case. A plan is made for a host where all
// is in order: what only image, host and proof tell is not asked.
func (t *policyTrial) broken(c policy.Case, dir string) ([]policy.Check, error) {
	if len(c.Plan) > 0 {
		run, err := t.plan(c.Plan)
		if err != nil {
			return nil, err
		}
		return t.set.Broken(run, true, time.Now()), nil
	}
	found, err := subject.Files{}.Text("the line", []byte(c.Line))
	if c.File != "" {
		found, err = subject.Files{}.Path(filepath.Join(dir, c.File))
	}
	if err == nil && len(found) == 0 {
		err = errors.New("it runs no container")
	}
	if err != nil {
		return nil, err
	}
	gate := &subject.Gate{Standard: audit.Standards()[0], Policy: t.set}
	var out []policy.Check
	for _, one := range found {
		out = append(out, gate.Broken(one(), time.Now())...)
	}
	return out, nil
}

// plan is what a policy is told of the run that words behind zlaunch plan ask for.
func (t *policyTrial) plan(words []string) (policy.Subject, error) {
	fs := pflag.NewFlagSet("plan", pflag.ContinueOnError)
	o := bindRun(fs)
	fs.StringVar(&o.Arch, "arch", hostArch, "")
	if err := parse(fs, words, false); err != nil {
		return policy.Subject{}, err
	}
	if len(o.policy) > 0 {
		return policy.Subject{}, errors.New("a case names no policy of its own: " + strings.Join(words, " "))
	}
	options, err := o.options(t.std, split(fs))
	if err != nil {
		return policy.Subject{}, err
	}
	catalog, err := t.std.catalog(o.project, options.Profile)
	if err != nil {
		return policy.Subject{}, err
	}
	return plan.Tried(catalog, t.set, options)
}
