package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/feeds"
	"github.com/zlaunch/zlaunch/launcher/scan/records"
	"github.com/zlaunch/zlaunch/launcher/scan/reports"
)

// scanDir is where the records of scans are. Nobody else may write there.
func scanDir(s *stdio) (records.Dir, error) {
	dirs := s.recordDirs(&host.Facts{UID: os.Getuid()}) // no engine is asked
	return records.Dir(filepath.Join(dirs.State, "scans")), dirs.Trusted()
}

// take imports a report.
func (x *scanning) take(ctx context.Context, args arguments) error {
	if err := args.none(); err != nil {
		return err
	}
	marks, err := x.marks()
	if err != nil {
		return err
	}
	about, err := x.about(ctx)
	if err != nil {
		return err
	}
	s, err := x.read(x.file, about)
	if err != nil {
		return err
	}
	for _, m := range marks {
		m.Mark(s)
	}
	if err := x.keep(ctx, s); err != nil {
		return err
	}
	return x.print(s.Image, []*scan.Scan{s}, report.Scan.Summary)
}

// keep writes scans of one image into its record.
func (x *scanning) keep(ctx context.Context, scans ...*scan.Scan) error {
	dir, err := scanDir(x.std)
	if err != nil {
		return err
	}
	dirs := x.std.recordDirs(&host.Facts{UID: os.Getuid()})
	lock, err := dirs.Locks().Wait(ctx, "scans", x.std.progress.tell)
	if err != nil {
		return err
	}
	defer lock.Release()
	var path string
	for _, s := range scans {
		if path, err = dir.Keep(s); err != nil {
			return err
		}
	}
	x.std.note("kept as the record of %s in %s", scans[0].Image, path)
	return nil
}

// about is what the command line says of a report.
func (x *scanning) about(ctx context.Context) (reports.About, error) {
	var out reports.About
	var err error
	if out.Scanned, err = when("--scanned", x.scanned); err != nil {
		return out, err
	}
	if out.Built, err = when("--db-built", x.built); err != nil {
		return out, err
	}
	switch {
	case x.image == "":
	case isDigest(x.image):
		out.Digest = x.image
	default:
		out.Image, err = x.named(ctx, x.image)
	}
	return out, err
}

// isDigest tells whether a word is a bare digest; what is none after all, who reads it says.
func isDigest(word string) bool { return strings.HasPrefix(word, "sha256:") }

// named asks the engine which image a reference names, or a profile.
func (x *scanning) named(ctx context.Context, ref string) (scan.Image, error) {
	if err := astray("looking for the scans of", ref); err != nil {
		return scan.Image{}, err
	}
	l, done, err := x.std.launcher(ctx, x.engine, nil)
	if err != nil {
		return scan.Image{}, hint.Wrap(err, hint.Of(err)+"\nname the image by its digest: sha256:…")
	}
	defer done()
	if ref, _, err = imageNamed(x.std, l, x.prison.project, ref); err != nil {
		return scan.Image{}, err
	}
	img, err := l.Engine.Image(ctx, ref)
	if err != nil {
		return scan.Image{}, unheld(err, "looking for the scans of", ref, "zlaunch scan list\npodman pull "+ref)
	}
	return asScanned(img), nil
}

// read reads a report from a file, or from standard input.
func (x *scanning) read(file string, about reports.About) (*scan.Scan, error) {
	var from io.Reader = x.std.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, hint.Errorf("trivy image --format json --output "+file+" IMAGE", "reading the report of a scanner: %w", err)
		}
		defer f.Close()
		from = f
	}
	return reports.Read(from, about)
}

// marker is what a file knows of vulnerabilities.
type marker interface{ Mark(*scan.Scan) }

// marks are what the files that were named know.
func (x *scanning) marks() (out []marker, err error) {
	readers := []struct {
		files []string
		read  func(io.Reader) (marker, error)
	}{
		{[]string{x.kev}, func(r io.Reader) (marker, error) { return feeds.ReadKEV(r) }},
		{[]string{x.epss}, func(r io.Reader) (marker, error) { return feeds.ReadEPSS(r) }},
	}
	for _, kind := range readers {
		for _, file := range kind.files {
			if file == "" {
				continue
			}
			m, err := fromFile(file, kind.read)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
	}
	var said statements
	for _, file := range x.vex {
		v, err := fromFile(file, feeds.ReadVEX)
		if err != nil {
			return nil, err
		}
		said = append(said, v)
	}
	return append(out, said), nil
}

// statements are what the supplier says, by all files together.
type statements []*feeds.VEX

func (v statements) Mark(s *scan.Scan) { feeds.MarkVEX(s, v...) }

func fromFile[T any](file string, read func(io.Reader) (T, error)) (out T, err error) {
	f, err := os.Open(file)
	if err != nil {
		return out, err
	}
	defer f.Close()
	if out, err = read(f); err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return out, err
}
