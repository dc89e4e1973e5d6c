package main

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/signature"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

var cmdAudit = &command{
	usage: "audit [OPTION]... PROFILE|FILE|DIR|-... [-- podman run ARG...]",
	short: "judge a plan, a container, a command line or a unit by the controls",
	long: `Reads a container run, wherever it is written, works out what the engine makes of it, and judges that by every control of a standard. What cannot be known from here is open, never passed.

A word without '/' and '.' is a profile, and the plan of its run is audited: the options of zlaunch-run(1) count. Where no profile has the name, what has it in this directory is meant: zlaunch audit Makefile. Any other word is a file. Of a file of profiles, profiles.toml or another NAME.toml that defines some, the plan of each profile on each of its architectures is audited, as on a host where all is in order; a failure that the file decides names its line, a waiver that permits nothing is one, and what keeps a profile from being planned, an unknown key or a waiver that is over, is a failure of severity high with its line (zlaunch-validate(1) tells the same as a list, and what has no effect). NAME.container and NAME.pod are Quadlet units with their drop-ins and linked units, NAME.service is read for the runs of its command lines, NAME.kube by the YAML that it plays, NAME.quadlets unit by unit, and a record written with --evidence is judged again. Without --sign it is unsigned: whoever can edit it can make its digest anew, which is one open finding. One that is signed says by whom where /etc/zlaunch/allowed_signers or your own allowed_signers, beside your profiles.toml, allows the key for zlaunch-evidence@v1 (the format of ssh-keygen(1)); by anybody else it has that open finding too, and one that was changed since is refused. Of every other file, or standard input as '-', each podman or docker run is audited, wherever it stands: in scripts, in code of Markdown and HTML and lines of other texts, in lists of words of programs, in recipes of a Makefile, in YAML and JSON of CI and others, of a Compose file each service as the engine's run that it becomes, with the files that it extends and the one that overrides it, in a Dockerfile, a crontab, keys and values. What a file is read as is told by its name and by how it begins, and said. What else names an engine, and what runs containers by a form that is not read yet, is open. A directory is walked with all below it, and each file read once by what it is, with what belongs to it; what git ignores is read too, and only .git and its like are passed over, and what --exclude names. What became of every file is counted: --all and --json name those that are no subjects. What follows -- is one command line. --container audits a running container, started by zlaunch or not, by the kernel's own record; one that zlaunch started is held against its plan as well. What its profile decided with a reason, and the launch makes up for, is then waived and shown as decided: low and medium only, and --no-waivers counts it.

Command lines and units are read, never run. In a script, what it sets itself to something literal is followed where that surely holds, and text that it gives to a shell is read too; every other $NAME, $(...) and glob is open. A command that names an engine, or may be one, and is neither a run nor known to start nothing is open: the rest of the file is then one subject, and --fail-on-open makes it count. Docker's lines are judged by Docker's defaults. The engine's own defaults are assumed for what is not said; --host-defaults takes this host's containers.conf and mounts into account.

--fix prints how the text of a line, script, unit, Compose file or manifest changes when every failure is mended that options can mend: a diff that patch -p0 takes from the same directory. The mended text is read and judged again first. What stays, and why, what a run loses by a mend, and the lines that must be changed by hand are said on standard error. Nothing is edited.

Of a directory, and of all containers, one line is printed for each, the gravest first, and what most of them have in common; name a file, or --all, for every finding. --severity and --only choose which findings are listed, --summary lists none. What they hide is counted, and said: status, exposure, --json, --sarif and --fix hold everything.

A finding at or above --fail-on makes the status 1. With --fail-on-open evidence that is missing makes it 4.`,
	example: []string{
		"zlaunch audit triton --models ./m",
		"zlaunch audit -- podman run -p 8501:8501 -v ./m:/models tensorflow/serving",
		"zlaunch audit --container web --evidence web.json --sign ~/.ssh/id_ed25519",
		"zlaunch audit ~/.config/containers/systemd --summary",
		"zlaunch audit . --exclude node_modules --baseline audit-baseline.json",
		"zlaunch audit ~/.config/containers/systemd --sarif > units.sarif",
		"zlaunch audit ~/.config/containers/systemd --html > units.html",
		"zlaunch audit ./profiles.toml --arch s390x",
		"zlaunch audit run.sh --severity high --only ZL-5",
		"zlaunch audit web.container --fix",
	},
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		o := bindAudit(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := o.check(args); err != nil {
				return err
			}
			return o.audit(ctx, std, args)
		}
	},
}

// auditOptions are what audit has beside the options of run.
type auditOptions struct {
	run           *runOptions
	containers    []string
	allContainers bool
	podman        string // version
	hostDefaults  bool
	output        auditOutput
	list          listOptions
	gate          gateOptions
	exclude       []string
	evidence      string
	sign          string
}

// auditOutput says how an audit is printed.
type auditOutput struct{ json, sarif, markdown, html, fix, whole, all, show bool }

func bindAudit(fs *pflag.FlagSet) *auditOptions {
	o := &auditOptions{}
	fs.StringArrayVar(&o.containers, "container", nil, "audit the running container `NAME`")
	fs.BoolVar(&o.allContainers, "all-containers", false, "audit every container of the engine")
	fs.BoolVar(&o.hostDefaults, "host-defaults", false, "judge lines and units by this host's containers.conf, not by the engine's own defaults")
	fs.StringVar(&o.podman, "podman-version", "", "read units as Podman `VERSION` does; before 5.0 it reads no drop-ins, and some values otherwise (default the newest known)")
	fs.BoolVar(&o.output.json, "json", false, "print JSON")
	fs.BoolVar(&o.output.sarif, "sarif", false, "print SARIF 2.1.0")
	fs.BoolVar(&o.output.markdown, "markdown", false, "print Markdown")
	fs.BoolVar(&o.output.html, "html", false, "print one self-contained HTML page")
	fs.BoolVar(&o.output.fix, "fix", false, "print a diff that mends every failure that options can mend, and say what stays; nothing is edited")
	fs.BoolVar(&o.output.whole, "whole", false, "with --fix: print each mended command line or unit as a whole")
	fs.BoolVar(&o.output.show, "show-secrets", false, "with --fix: print the values that look like secrets, too")
	fs.BoolVar(&o.output.all, "all", false, "list also what passed and what does not apply, and every subject of a directory in full")
	fs.StringArrayVar(&o.exclude, "exclude", nil, "of a directory: pass over what has the name `PATTERN`, or that path below it; counted, and said")
	o.list.bind(fs)
	fs.StringVar(&o.evidence, "evidence", "", "write the record of the audit to `FILE`, to be judged again elsewhere")
	fs.StringVar(&o.sign, "sign", "", "with --evidence: sign the record with `KEY`: the file of a private key, of OpenSSH or in PEM, or the .pub file or fingerprint of one that the agent has")
	o.gate.bind(fs)
	o.run = bindRun(fs)
	fs.Var(choice{&o.run.Arch, profile.Archs}, "arch", "audit a profile's plan for `ARCH`: amd64, arm64, ppc64le or s390x (default the engine's)")
	return o
}

// check refuses command lines that name no subject, or two outputs.
func (o *auditOptions) check(args arguments) error {
	outputs := 0
	for _, on := range []bool{o.output.json, o.output.sarif, o.output.markdown, o.output.html, o.output.fix} {
		if on {
			outputs++
		}
	}
	live := len(o.containers) > 0 || o.allContainers
	if err := o.list.read(); err != nil {
		return err
	}
	o.list.Brief = o.allContainers || slices.ContainsFunc(args.words, isDirectory)
	switch {
	case outputs > 1:
		return &usageError{errors.New("--json, --sarif, --markdown, --html and --fix are different outputs")}
	case o.allContainers && len(o.containers) > 0:
		return &usageError{errors.New("--container and --all-containers are two wishes")}
	case o.sign != "" && o.evidence == "":
		return &usageError{errors.New("--sign signs the record of --evidence, and none is asked for")}
	case len(args.words)+len(args.workload) == 0 && !live:
		return &usageError{hint.Errorf("zlaunch audit PROFILE, zlaunch audit FILE, zlaunch audit --container NAME\nzlaunch audit -- podman run …", "nothing to audit is named")}
	}
	return nil
}

func (o *auditOptions) audit(ctx context.Context, std *stdio, args arguments) error {
	gate, err := o.gate.open(o.run.failOn)
	if err != nil {
		return err
	}
	if gate.Policy, err = std.policy.Read(o.run.policy...); err != nil {
		return err
	}
	signers := signature.Files{System: signature.SystemFile, User: filepath.Join(std.profileDirs().User, signature.UserFile)}
	s := &subjects{std: std, run: o.run, exclude: o.exclude, files: subject.Files{Version: o.podman, Signers: signers.Read}, record: o.evidence != ""}
	defer s.close()
	if o.hostDefaults {
		if s.files.Under, err = hostFacts(); err != nil {
			return err
		}
	}
	found, err := o.find(ctx, s, args)
	if err != nil {
		return err
	}
	if gate.Waivers, err = waivers(o.run.Waive); err != nil {
		return err
	}
	if o.evidence != "" && (len(found) != 1 || len(s.walks) > 0) {
		return &usageError{errors.New("--evidence takes one subject")}
	}
	std.progress.clear()
	status, err := o.judge(ctx, s, gate, found)
	return cmp.Or(err, s.nothing(), status, errors.Join(s.unread...))
}

// judge judges the subjects and prints them, and keeps what was asked for. A baseline
// is written whether somebody reads the print or not.
func (o *auditOptions) judge(ctx context.Context, s *subjects, gate *subject.Gate, found []subject.Pending) (status, err error) {
	std := s.std
	printer := o.printer(s, gate, len(found))
	var outcome subject.Outcome
	var known []audit.Known
	var names []string
	var unprinted error
	err = subject.Each(ctx, s.with(ctx, found), func(a *launcher.Audited) func() error {
		gate.Apply(a, time.Now())
		ended := gate.Outcome(a)
		add := printer.Prepare(result(a))
		return func() error {
			outcome = max(outcome, ended)
			if err := o.record(ctx, std, a); err != nil {
				return err
			}
			if unprinted == nil {
				unprinted = add()
			}
			if o.gate.writeBaseline == "" {
				return unprinted
			}
			known, names = append(known, audit.Snapshot(a.Subject, a.Findings)...), append(names, a.Subject)
			return nil
		}
	})
	if err == nil && o.gate.writeBaseline != "" {
		err = subject.Remember(o.gate.writeBaseline, known, names)
	}
	if err = cmp.Or(err, unprinted); err == nil {
		err = printer.End()
	}
	return endings[outcome], err
}

// find reads every subject the command line names.
func (o *auditOptions) find(ctx context.Context, s *subjects, args arguments) ([]subject.Pending, error) {
	var out []subject.Pending
	add := func(more []subject.Pending, err error) error {
		out = append(out, more...)
		return err
	}
	if len(o.containers) > 0 || o.allContainers {
		if err := add(s.containers(ctx, o.containers)); err != nil {
			return nil, err
		}
	}
	for _, w := range args.words {
		if err := add(s.word(ctx, w)); err != nil {
			return nil, err
		}
	}
	if len(args.workload) > 0 {
		if err := add(s.files.Line(args.workload)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// printer prints as many subjects as are given, and those of the directories.
func (o *auditOptions) printer(s *subjects, gate *subject.Gate, subjects int) report.Printer {
	std := s.std
	s.quiet = std.tty.out && (o.output.sarif || o.output.html)
	doc := report.Audit{Tool: versionOf().Version, Standard: gate.Standard, FailOn: gate.FailOn, FailOnOpen: gate.FailOnOpen, List: o.list.Listing, Walked: func() []report.Walked { return walked(s.walks) }}
	switch {
	case o.output.json:
		return doc.JSON(std.out, o.output.all)
	case o.output.sarif:
		return doc.SARIF(std.exact, o.output.all)
	case o.output.markdown:
		return doc.Markdown(std.out)
	case o.output.html:
		return doc.HTML(std.exact, time.Now())
	case o.output.fix:
		return &fixPrinter{std: std, files: s.files, secrets: o.output.show, whole: o.output.whole, titles: subjects > 1 || len(s.walks) > 0}
	}
	return doc.Text(std.page, report.TextOptions{Screen: std.screen, All: o.output.all, ASCII: !std.utf8(), Now: time.Now()})
}
