package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/reports"
)

// judging is a call in which an image that was made is tried.
type judging struct{ *deriving }

// recordsOf are the scans that are kept of an image of the engine.
func recordsOf(std *stdio, img *effective.Image) ([]*scan.Scan, error) {
	dir, err := scanDir(std)
	if err != nil {
		return nil, err
	}
	return dir.Of(asScanned(img))
}

// asScanned is which image an engine's is.
func asScanned(img *effective.Image) scan.Image {
	return scan.ImageOf(img.ID, append([]string{img.Digest}, img.RepoDigests...)...)
}

// rescan has the image scanned, or takes the records that somebody imported, and says what came of
// it. Only tools that looked at both images can tell.
func (x judging) rescan(ctx context.Context, m *made) error {
	if err := x.look(ctx, m); err != nil {
		return err
	}
	all, err := recordsOf(x.std, m.img)
	if err != nil {
		return err
	}
	before, after := bySameTools(x.scans, all)
	if len(after) == 0 {
		return x.unscanned(m, all)
	}
	m.scans = after
	for _, what := range changed(before, after) {
		x.std.note("%s: what is gone, or new, may be so for that alone; to know, scan %s again", what, x.base.Ref)
	}
	change := scan.Compare(before, after, nil)
	count := map[string]int{}
	for _, c := range change.Changes {
		count[c.State]++
	}
	for _, side := range []struct {
		what  string
		image scan.Image
		scans []*scan.Scan
	}{{"before: " + x.base.Ref, asScanned(x.base.Image), before}, {"after: " + m.name, asScanned(m.img), after}} {
		fmt.Fprintf(x.std.page, "%s\n", report.Escape(side.what))
		if err := report.NewScan(side.image, side.scans, report.ScanWish{}).Summary(x.std.page, x.std.screen); err != nil {
			return err
		}
		fmt.Fprintln(x.std.page)
	}
	fmt.Fprintf(x.std.page, "%d fixed, %d remaining, %d new, by %s\n\n", count[scan.Gone], count[scan.Remaining]+count[scan.Differs], count[scan.New], change.B.ToolsOr("nobody"))
	if count[scan.Gone] == 0 {
		return &refusedError{"nothing is gone of what was found in its base"}
	}
	return nil
}

// look has scanners look at the image: the program that was named, or prisoners. Where nobody
// named one, none looked at the base and none is here, the records are all there is.
func (x judging) look(ctx context.Context, m *made) error {
	if x.scanner != "" {
		return x.scanBy(ctx, m)
	}
	ss := launcher.Scans{Of: x.l}
	by, err := x.prisoners(ctx, ss)
	if err != nil || len(by) == 0 {
		return err // without one it is for [judging.unscanned] to say
	}
	defer x.std.progress.clear()
	scans, err := ss.Image(ctx, m.img, m.name, by...)
	if len(scans) > 0 {
		err = errors.Join((&scanning{std: x.std}).keep(ctx, scans...), err)
	}
	return err
}

// prisoners are those that are to look, each with what it is given: those that were named, else
// those that looked at the base, else those that are here; none is no error.
func (x judging) prisoners(ctx context.Context, ss launcher.Scans) ([]launcher.Scanner, error) {
	if len(x.prison.scanners) == 0 {
		x.prison.scanners = prisonersOf(x.scans)
	}
	if len(x.prison.scanners) == 0 {
		if _, err := ss.Here(ctx); err != nil {
			return nil, nil
		}
	}
	if x.l.Catalog.Known(x.prison.scanners...) != nil { // of a bundle that the profile does not come from
		want := slices.Clone(x.prison.scanners)
		if x.profile != nil {
			want = append(want, x.profile.Name)
		}
		var err error
		if x.l.Catalog, err = x.std.catalog(x.project, want...); err != nil {
			return nil, err
		}
	}
	x.prison.waive, x.prison.project = x.options.Waive, x.project
	return jail{&scanning{std: x.std, prison: x.prison}}.guards(ctx, ss)
}

// prisonersOf are the profiles of the prisoners that made some scans, each once, in order.
func prisonersOf(scans []*scan.Scan) (out []string) {
	for _, s := range scans {
		if s.Prison != nil {
			out = append(out, s.Prison.Profile)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// changed says of which tool the scans of the two images have not the same scanner or not the
// same database: what is gone, or new, may be so for that reason alone.
func changed(before, after []*scan.Scan) (out []string) {
	for i, now := range after { // each has its own in before
		was := before[i]
		switch {
		case was.Prison == nil || now.Prison == nil:
			continue
		case was.Prison.Scanner != now.Prison.Scanner:
			out = append(out, now.Tool.Name+" is another program now than when it looked at the base")
		case was.Prison.Database != now.Prison.Database:
			out = append(out, now.Tool.Name+" has another database now than when it looked at the base")
		}
	}
	return out
}

// goOn is the command that goes on with an image that was built.
func (x judging) goOn(m *made) string {
	name := x.base.Ref
	if x.profile != nil {
		name = x.profile.Name
	}
	return "zlaunch derive " + name + " --continue " + m.name
}

// waits says of an image that was not judged how to go on with it.
func (x judging) waits(m *made, err error) error {
	next := hint.Of(err)
	if strings.Contains(next, x.goOn(m)) {
		return err
	}
	return hint.Wrap(err, strings.TrimSpace(next+"\n"+m.name+" is built, and stays; once that is mended: "+x.goOn(m)))
}

// bySameTools are the scans of two images by tools that looked at both, and can be used.
func bySameTools(a, b []*scan.Scan) (before, after []*scan.Scan) {
	usable := func(s *scan.Scan) bool { return s.Failed == "" && s.Partial == "" && s.Packages != 0 }
	for _, now := range b {
		i := slices.IndexFunc(a, func(s *scan.Scan) bool { return s.Tool.Name == now.Tool.Name })
		if i >= 0 && usable(now) && usable(a[i]) {
			before, after = append(before, a[i]), append(after, now)
		}
	}
	return before, after
}

// unscanned says how to go on with an image that no scan tells of.
func (x judging) unscanned(m *made, others []*scan.Scan) error {
	why := "no scan tells what is left in it"
	if len(others) > 0 {
		why = "no tool has looked at it that looked at its base, in a scan that can be used"
	}
	return &statusError{status: exitOpen, err: hint.Errorf("zlaunch scan --import FILE --image "+m.name+"\n"+x.goOn(m),
		"%s is built, and %s", m.name, why)}
}

// scanBy has a program of the user's scan the image, and keeps its report.
func (x judging) scanBy(ctx context.Context, m *made) error {
	x.std.progress.passing("scanning " + m.name)
	defer x.std.progress.clear()
	cmd := exec.CommandContext(ctx, x.scanner, m.name)
	cmd.Stderr = x.std.err
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return hint.Wrap(fmt.Errorf("scanning %s: %w", m.name, err), scanByPath)
	}
	s, err := reports.Read(out, reports.About{Image: asScanned(m.img)})
	_, rest := io.Copy(io.Discard, out)
	if werr := errors.Join(rest, cmd.Wait()); err == nil {
		err = werr // a scanner that failed proves nothing, whatever it wrote
	}
	if err != nil {
		return hint.Wrap(fmt.Errorf("scanning %s by %s: %w", m.name, x.scanner, err), x.scanner+" "+m.name)
	}
	return (&scanning{std: x.std}).keep(ctx, s)
}
