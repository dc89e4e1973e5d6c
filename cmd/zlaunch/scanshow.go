package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/gate"
)

// show prints the records of an image.
func (x *scanning) show(ctx context.Context, args arguments) error {
	if err := args.count(1, 1); err != nil {
		return err
	}
	image, scans, err := x.kept(ctx, args.words[0])
	if err != nil {
		return err
	}
	return x.print(image, scans, report.Scan.Text)
}

// kept are the records of an image, by a digest or a reference; none is an error.
func (x *scanning) kept(ctx context.Context, word string) (image scan.Image, scans []*scan.Scan, err error) {
	dir, err := scanDir(x.std)
	if err != nil {
		return image, nil, err
	}
	if isDigest(word) {
		if scans, err = dir.Named(word); len(scans) > 0 {
			image = scans[0].Image
		}
	} else if image, err = x.named(ctx, word); err == nil {
		scans, err = dir.Of(image)
	}
	all := scans
	switch scans = x.counted(scans); {
	case err != nil || len(scans) > 0:
	case len(all) > 0:
		err = hint.Errorf("zlaunch scan show "+word, "there is no record of a scan of %s by %s: those that there are, are by %s", word, strings.Join(x.tools, " or "), strings.Join(toolsOf(all), ", "))
	default:
		err = hint.Errorf("zlaunch scan "+word+"\nzlaunch scan --import FILE --image "+word, "there is no record of a scan of %s", word)
	}
	if err == nil {
		unrated(x, scans)
	}
	return image, scans, err
}

// toolsOf are the tools by which scans are.
func toolsOf(scans []*scan.Scan) (out []string) {
	for _, s := range scans {
		out = append(out, s.Tool.Name)
	}
	return out
}

// unrated says of sources of --order that rated nothing: they may be misspelled.
func unrated(x *scanning, scans []*scan.Scan) {
	known := []string{"distro", "scanner"}
	for _, s := range scans {
		for _, f := range s.Findings {
			for _, r := range f.Ratings {
				known = append(known, r.Source)
			}
		}
	}
	for _, name := range x.order {
		if !slices.Contains(known, name) {
			near := hint.Nearest(name, known)
			x.std.note("--order %s: nothing is rated by a source of that name%s", name, pickText(near == "", "", "; did you mean "+near+"?"))
		}
	}
}

// document is what is printed of the scans of an image, with what stands against it where that
// was asked for.
func document(x *scanning, image scan.Image, scans []*scan.Scan) report.Scan {
	doc := report.NewScan(image, scans, x.wish)
	doc.Tool = versionOf().Version
	if x.failOn != "" || x.own {
		rules := gate.Rules{Required: true, Severity: scan.Severity(strings.ToLower(x.failOn)), FixableOnly: x.fixable, Order: x.order}
		doc.Against = gate.Judge(image, scans, rules, nil, time.Now()).Reasons
	}
	return doc
}

// print prints scans of an image in the form that was asked for, text being that for a
// person, and decides the status.
func (x *scanning) print(image scan.Image, scans []*scan.Scan, text func(report.Scan, io.Writer, report.Screen) error) error {
	doc := document(x, image, scans)
	var err error
	switch {
	case x.json:
		err = report.JSON(x.std.out, doc)
	case x.sarif:
		err = doc.SARIF(x.std.out)
	case x.cyclonedx:
		err = printBOM(x, doc, scans)
	default:
		err = text(doc, x.std.page, x.std.screen)
	}
	if err == nil && len(doc.Against) > 0 {
		err = &statusError{status: exitFindings, err: fmt.Errorf("%s against %s, the first: %s",
			thingsStand(len(doc.Against)), image, doc.Against[0].Text)}
	}
	return err
}

// thingsStand says how many things stand, against what follows.
func thingsStand(n int) string {
	return report.Plural(n, "thing") + pickText(n == 1, " stands", " stand")
}

// diff says in what two scans differ.
func (x *scanning) diff(ctx context.Context, args arguments) error {
	if err := args.count(1, 2); err != nil {
		return err
	}
	a, err := x.side(ctx, args.words[0])
	if err != nil {
		return err
	}
	var b []*scan.Scan
	switch {
	case len(args.words) == 2:
		b, err = x.side(ctx, args.words[1])
	case len(a) == 1:
		err = &usageError{hint.Errorf("zlaunch scan diff "+args.words[0]+" B", "%s is one scan, by %s, and two are compared", args.words[0], a[0].Tool.Name)}
	case len(a) != 2:
		err = &usageError{hint.Errorf("zlaunch scan diff "+args.words[0]+" --tool A,B", "%s has a record of %d scans, and two are compared", args.words[0], len(a))}
	default:
		a, b = a[:1], a[1:]
	}
	if err != nil {
		return err
	}
	d := report.ScanDiff{Schema: report.ScanDiffSchema, Difference: scan.Compare(a, b, x.order)}
	d.Changes = wished(x, d.Changes)
	if x.json {
		return report.JSON(x.std.out, d)
	}
	return d.Text(x.std.page, x.std.screen)
}

// wished are the changes of findings that were asked for.
func wished(x *scanning, in []scan.Change) []scan.Change {
	out := []scan.Change{}
	for _, c := range in {
		for _, said := range []*scan.Said{c.A, c.B} {
			if said != nil && (!x.fixable || said.State == scan.Fixed) && (x.wish.Severity == "" || said.Severity.AtLeast(x.wish.Severity)) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// side is what a word of diff means: a report in a file, or an image with records.
func (x *scanning) side(ctx context.Context, word string) ([]*scan.Scan, error) {
	if info, err := os.Stat(word); err == nil && info.Mode().IsRegular() {
		about, err := x.about(ctx)
		if err != nil {
			return nil, err
		}
		s, err := x.read(word, about)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", word, err)
		}
		return []*scan.Scan{s}, nil
	} else if err == nil || strings.HasSuffix(word, ".json") {
		what := "is no file"
		if errors.Is(err, fs.ErrNotExist) {
			what = "is not there"
		}
		return nil, hint.Errorf("zlaunch scan diff A.json B.json", "comparing scans: %s %s", word, what)
	}
	_, scans, err := x.kept(ctx, word)
	return scans, err
}
