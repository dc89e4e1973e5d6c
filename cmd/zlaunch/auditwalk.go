package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"

	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// walk adds a directory to those that are gone through once all words were understood.
func (s *subjects) walk(dir string) error {
	for _, pattern := range s.exclude {
		if _, err := path.Match(pattern, ""); err != nil {
			return &usageError{fmt.Errorf("option --exclude does not take %q: it is no pattern", pattern)}
		}
	}
	w, err := s.files.Walk(dir, s.exclude...)
	if err != nil {
		return err
	}
	w.Passing = s.passing
	s.walks = append(s.walks, w)
	return nil
}

// with yields the subjects that were found, and behind them those of the directories, while
// these are read.
func (s *subjects) with(ctx context.Context, found []subject.Pending) iter.Seq[subject.Pending] {
	return func(yield func(subject.Pending) bool) {
		for p := range subject.Drained(found) {
			if !yield(p) {
				return
			}
		}
		for _, w := range s.walks {
			for p := range w.Subjects(ctx) {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// everyFile is how often a terminal is told how far a walk is.
const everyFile = 50

// passing tells a terminal how far a walk is, unless something is printed there meanwhile.
func (s *subjects) passing(files int, name string) {
	if files%everyFile == 0 && !s.quiet {
		s.std.progress.passing(fmt.Sprintf("reading file %d, %s", files, name))
	}
}

// walked is what became of the files of directories.
func walked(walks []*subject.Walk) (out []report.Walked) {
	for _, w := range walks {
		one := report.Walked{Dir: w.Dir()}
		for _, c := range w.Seen() {
			one.Files = append(one.Files, report.WalkedFiles{Outcome: string(c.As), Number: c.N, Names: c.Names})
		}
		out = append(out, one)
	}
	return out
}

// nothing is the error of directories in which nothing was found.
func (s *subjects) nothing() error {
	var all []error
	for _, w := range s.walks {
		all = append(all, w.Nothing())
	}
	return errors.Join(all...)
}
