package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/stack"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

var cmdExport = &command{
	usage: "export [OPTION]... PROFILE|STACK.toml|FILE[#NAME] [-- ARG...]",
	short: "write the run of a profile, a stack or a file in another form",
	long: `Works out the same run as zlaunch-plan(1) and writes it in the form that --to names, to standard output, or with -o into a directory. Nothing is created or started.

What a form cannot say is an error that names the settings and the controls that would no longer be met, and nothing is written. --allow-loss names the controls, or the settings, that may be lost; the files then say so.

STACK.toml, the file of a stack (zlaunch-up(1)), is written whole: its members, each called as zlaunch up calls it, and its networks. Nothing that reads a form waits until a member serves before it starts the next, which --allow-loss after permits.

A word with a dot, one that begins with '/', and '-' for standard input, is a file that holds runs: a podman or docker line of a script, a Quadlet unit with its drop-ins, a manifest of Kubernetes, a Compose file, and whatever else zlaunch-audit(1) reads; ./NAME is a file that is called as a profile is. Its run is written in the form of --to so that it means the same: where the two engines have other defaults that of the file's own is stated, a path that is relative is below the file's directory, and an image has the registry that its own engine asks. Of several runs FILE#NAME is one, and -o DIR takes them all.

What is not known of a run is an error with its line, FILE:LINE: a variable of a shell, a word that is not read, what only a cluster shows. Write the value into the file, above the line or in .env of a Compose file, or let it go by --allow-loss FILE:LINE: it is left out then, but for what a manifest says and only the cluster can prove. What the file says beside the run is told on standard error.

--harden mends first what an audit finds failing and an option can mend, as zlaunch-audit(1) does with --fix, and says what stays. Without --to, or with the form that the file has itself, it prints how the file changes, as a diff that patch -p0 takes; nothing is edited.`,
	example: []string{
		"zlaunch export triton --models ./m --to podman",
		"zlaunch export triton --models ./m --to quadlet --target 5.4 -o units",
		"zlaunch export triton --models ./m --arch s390x --to kube --allow-loss ZL-311,ZL-805",
		"zlaunch export shop.toml --to quadlet --allow-loss after -o units",
		"zlaunch export compose.yaml#triton --to quadlet -o units",
		"zlaunch export run.sh --to kube --harden",
		"zlaunch export compose.yaml --harden | patch -p0",
	},
	complete: completeExport,
	bind: func(fs *pflag.FlagSet) runFunc {
		o := bindRun(fs)
		fs.Var(choice{&o.Arch, profile.Archs}, "arch", "write for `ARCH`: amd64, arm64, ppc64le or s390x (default the engine's)")
		to := ""
		fs.Var(choice{&to, export.Names()}, "to", "write `FORM`: "+strings.Join(export.Names(), ", "))
		how := bindWriting(fs)
		fs.Var(modelSource{&how.Models}, "models-as", "mount the models as `SOURCE`: pvc, pvc=CLAIM, hostPath, or image=NAME@sha256:DIGEST (default the form's own)")
		var file fileExport
		fs.StringVarP(&file.dir, "output-dir", "o", "", "write the files into `DIR`, which is made where it is not there")
		fs.BoolVar(&file.harden, "harden", false, "of a file: mend what an audit finds failing; without --to print how the file changes")
		fs.BoolVar(&file.show, "show-secrets", false, "with --harden: print the values that look like secrets in a diff, too")
		return func(ctx context.Context, std *stdio, args arguments) error {
			f, ok := export.Find(to)
			file.std = std
			if len(args.words) == 1 && stack.Holds(args.words[0]) {
				return exportStack(ctx, std, stackPlan{fs: fs, o: o, file: args.words[0]}, written{f, *how, file.dir != ""}, file.dir)
			}
			if len(args.words) == 1 && isFileOfRuns(args.words[0]) {
				return exportFile(file, args, written{f, *how, file.dir != ""}, fs)
			}
			if file.harden || file.show {
				return &usageError{errors.New("--harden is for the run of a file: a profile is hardened as it is")}
			}
			if !ok {
				return noForm()
			}
			if err := how.Check(f); err != nil {
				return &usageError{err}
			}
			o.Detach = true // whoever reads a form waits for nothing
			_, doc, err := exported(ctx, std, o, args, written{f, *how, file.dir != ""})
			if len(args.words) == 1 && instead(std, args.words[0], err) {
				return exportFile(file, args, written{f, *how, file.dir != ""}, fs)
			}
			if err != nil {
				return err
			}
			noteAll(std, doc.Notes)
			return put(std, doc, file.dir)
		}
	},
}

// bindWriting declares how a form is to be written.
func bindWriting(fs *pflag.FlagSet) *export.Options {
	var how export.Options
	fs.StringVar(&how.Target, "target", "", "write for `VERSION` of what reads the form (default that of the engine here, or the newest)")
	fs.StringSliceVar(&how.Allow, "allow-loss", nil, "write it without `CONTROL` or setting, which the form cannot say")
	return &how
}

// modelSource is the value of --models-as.
type modelSource struct{ value *form.Source }

func (m modelSource) String() string { return "" }

// Type is what pflag calls it where help names no other word.
func (m modelSource) Type() string { return "string" }

func (m modelSource) Set(word string) (err error) {
	*m.value, err = export.ParseModels(word)
	return err
}

// noteAll tells what whoever uses a document must do or know.
func noteAll(std *stdio, notes []string) {
	for _, n := range notes {
		std.note("%s", n)
	}
}

// written is a form and how it is asked for.
type written struct {
	form export.Form
	how  export.Options
	into bool // a directory, where other files may lie beside
}

// exported plans a run and writes it.
func exported(ctx context.Context, std *stdio, o *runOptions, args arguments, w written) (*launcher.Plan, *form.Document, error) {
	options, err := o.options(std, args)
	if err != nil {
		return nil, nil, err
	}
	l, done, err := planner(ctx, std, o, options)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	p, err := workOut(ctx, std, l, options)
	if err != nil {
		return nil, nil, err
	}
	std.warnExpiring(p.Waivers)
	refusal := p.Refusal()
	if w.form.Away {
		refusal = plan.RefusalElsewhere(p)
	}
	if refusal != nil {
		return nil, nil, &statusError{exitFindings, refusal}
	}
	r := l.Form(p)
	r.Beside = w.into
	doc, err := export.Write(w.form, r, w.how)
	return p, doc, err
}

// put writes the files of a document: to standard output, parted by what the form parts
// files by, or into a directory.
func put(std *stdio, doc *form.Document, dir string) error {
	if dir == "" {
		return printed(std, doc)
	}
	for _, f := range slices.Concat(doc.Files, doc.Beside) {
		path := filepath.Join(dir, f.Name)
		if err := subject.WriteFile(path, f.Data); err != nil {
			return err
		}
		std.note("wrote %s", path)
	}
	return nil
}

// printed prints the files as they are: each form refuses what would act on a terminal.
func printed(std *stdio, doc *form.Document) error {
	for _, f := range doc.Files {
		if filepath.Ext(f.Name) == ".json" {
			std.note("%s belongs to it: -o DIR writes both", f.Name)
			continue
		}
		if _, err := std.exact.Write(f.Data); err != nil {
			return err
		}
	}
	return nil
}
