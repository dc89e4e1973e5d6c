package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/preflight"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdDoctor = &command{
	usage: "doctor [OPTION]...",
	short: "tell what this host can do, and what is in the way",
	long: `Reads the facts of this host and of the engine, and judges them as every run does before anything is created: the caller's identity and sub-ids, the cgroup controllers that limits need, SELinux and AppArmor, and what containers.conf, mounts.conf and hook directories would add to a run; then the files of profiles and the locked bundles, and waivers that end within 14 days. The controls that are of the host and not of a run are judged here once. Each finding says what to type. The status is 1 where a run would be refused, and 4 where the engine runs on another host, whose facts cannot be read from here.

With --fix it prints one script that mends what only root can mend, and runs nothing.`,
	example: []string{"zlaunch doctor", "zlaunch doctor --fix > fix.sh; less fix.sh; sudo sh fix.sh"},
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		fix := fs.Bool("fix", false, "print a script for root instead")
		json := fs.Bool("json", false, "print JSON")
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.none(); err != nil {
				return err
			}
			if *fix && *json {
				return &usageError{errors.New("--fix and --json are two outputs")}
			}
			e, err := std.examine(ctx, engine)
			if err != nil {
				return err
			}
			if *fix {
				return e.script(std)
			}
			return e.print(std, *json)
		}
	},
}

// examination is what doctor found.
type examination struct {
	host     *host.Facts
	engine   preflight.Engine
	problems []audit.Problem
	controls []audit.Finding // of the host, once for all its runs
	profiles []report.Check  // files that cannot be used, waivers that end
}

// examine judges host and engine by the settings that every profile has: those
// of base. Without an engine, that is a problem like the others.
func (s *stdio) examine(ctx context.Context, e engineOptions) (*examination, error) {
	sources, _, err := profile.Sources(profile.Dirs{}) // the built-in ones
	if err != nil {
		return nil, err
	}
	catalog, err := profile.Load(sources)
	if err != nil {
		return nil, err
	}
	base, err := catalog.ResolveBare("base", hostArch)
	if err != nil {
		return nil, err
	}
	l, err := offline(s, catalog)
	if err != nil {
		return nil, err
	}
	out := &examination{host: l.Host, profiles: s.profileChecks()}
	var missing []audit.Problem
	out.engine, err = askEngine(ctx, s, e, l)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		missing = append(missing, audit.Problem{Message: err.Error(), Hint: elsewhere(hint.Of(err)), Fatal: true})
	}
	out.controls = l.Audits().Host(base.Stated)
	out.problems = append(missing, preflight.Check(preflight.Subject{
		Plan: base.Stated, Kind: "server", Detached: true, Host: l.Host, Engine: out.engine,
	})...)
	return out, nil
}

// elsewhere is a hint as doctor can give it: of doctor itself nobody learns more.
func elsewhere(next string) string {
	if strings.HasPrefix(next, "zlaunch doctor") {
		return "mend what is said below; podman --log-level=debug info tells what it does before it fails"
	}
	return next
}

func askEngine(ctx context.Context, std *stdio, e engineOptions, l *launcher.Launcher) (preflight.Engine, error) {
	engine, err := std.connect(ctx, e, l.Host)
	if err != nil {
		return preflight.Engine{}, err
	}
	defer closing(std, engine)()
	l.Engine = engine
	return plan.AskEngine(ctx, engine)
}

// script prints what root is to run, and says on standard error where nothing is.
func (e *examination) script(std *stdio) error {
	text := preflight.FixScript(e.problems, e.host)
	if text == "" {
		std.note("there is nothing here that root could mend")
		return nil
	}
	_, err := io.WriteString(std.out, text)
	return err
}

func (e *examination) print(std *stdio, json bool) error {
	doc := report.Doctor{Schema: report.DoctorSchema, Facts: e.facts(std), Checks: []report.Check{}}
	fixable := false
	for _, p := range e.problems {
		state := "warn"
		if p.Fatal {
			state = "fail"
		}
		fixable = fixable || p.Fix != ""
		doc.Checks = append(doc.Checks, report.Check{State: state, Control: p.Control, Message: p.Message, Fix: p.Hint})
	}
	doc.Checks = append(doc.Checks, e.profiles...)
	doc.Checks = append(doc.Checks, e.judged()...)
	doc.Checks = append(doc.Checks, advised(e.engine.Version)...)
	if e.engine.Remote {
		doc.Checks = append(doc.Checks, report.Check{State: "open", Message: "the engine runs on another host: its kernel, cgroups and configuration cannot be read from here",
			Fix: "zlaunch doctor, on that host"})
	}
	if err := e.write(std, doc, json); err != nil {
		return err
	}
	if fixable && !json {
		std.note("one script for root: zlaunch doctor --fix")
	}
	switch {
	case preflight.Fatal(e.problems):
		return &statusError{status: exitFindings}
	case e.engine.Remote:
		return &statusError{status: exitOpen}
	}
	return nil
}

// judged are the controls of the host that say more than the checks of a run: one
// that fails or cannot be told. A failure here is a warning, for it stops no run by
// itself.
func (e *examination) judged() []report.Check {
	said := map[string]bool{}
	for _, p := range e.problems {
		said[p.Control] = true
	}
	var out []report.Check
	for _, f := range e.controls {
		if said[f.Control.ID] || f.Verdict == audit.Pass || f.Verdict == audit.NotApplicable {
			continue
		}
		state := "warn"
		if f.Verdict != audit.Fail {
			state = f.Verdict.String()
		}
		message := strings.Replace(f.Message, "its advisories and zlaunch doctor tell", "its advisories tell; they stand below one by one", 1)
		out = append(out, report.Check{State: state, Control: f.Control.ID, Message: message, Fix: "zlaunch explain " + f.Control.ID})
	}
	return out
}

// advised tells, one by one, what an engine of that version lets an image do, and what
// holds it. Whether the distribution has mended it the number does not say.
func advised(version string) []report.Check {
	var out []report.Check
	for _, a := range engine.Of(version) {
		held := a.Held
		if held == "" {
			held = "nothing that zlaunch does holds it"
		}
		out = append(out, report.Check{State: audit.Review.String(), Control: audit.Advised(a).ID,
			Message: fmt.Sprintf("by its version podman %s falls for %s, unless the distribution mended it: %s; %s", version, a.Name(), a.Does, held),
			Fix:     "update podman; the distribution's advisories tell"})
	}
	return out
}

// passed lists the host's controls that hold, and those that cannot apply.
func (e *examination) passed() string {
	var held, none []string
	for _, f := range e.controls {
		switch f.Verdict {
		case audit.Pass:
			held = append(held, f.Control.ID)
		case audit.NotApplicable:
			none = append(none, f.Control.ID)
		}
	}
	out := "none"
	if len(held) > 0 {
		out = strings.Join(held, " ")
	}
	if len(none) > 0 {
		out += "; not applicable: " + strings.Join(none, " ")
	}
	return out
}

func (e *examination) write(std *stdio, doc report.Doctor, json bool) error {
	if json {
		return report.JSON(std.out, doc)
	}
	return doc.Text(std.page, std.screen)
}
