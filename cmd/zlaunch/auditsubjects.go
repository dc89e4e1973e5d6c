package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	lines "github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/textfile"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// maxSubject bounds a file that is audited, in bytes.
const maxSubject = 16 << 20

// subjects are what one command line audits.
type subjects struct {
	std     *stdio
	run     *runOptions
	version string // of Podman, for the keys a unit may use
	facts   *container.Spec
	record  bool    // a record of the audit is wanted
	unread  []error // of containers that could not be looked at, beside those that were
	done    []func()
}

// close lets go of the engines that were asked.
func (s *subjects) close() {
	for _, f := range s.done {
		f()
	}
}

// word audits what one word names: a file, a directory of units, or a profile.
func (s *subjects) word(ctx context.Context, word string) ([]*launcher.Audited, error) {
	if word == "-" {
		text, err := io.ReadAll(io.LimitReader(s.std.in, maxSubject+1))
		if err != nil {
			return nil, fmt.Errorf("reading standard input: %w", err)
		}
		return s.text("standard input", text)
	}
	info, err := os.Stat(word)
	switch {
	case err == nil && isPath(word) && pipe(word, info):
		return nil, hint.Errorf("zlaunch audit - < "+word, "auditing %s: it is a FIFO, and nobody may be writing to it", word)
	case err == nil && info.IsDir() && isPath(word):
		return s.units(word)
	case err == nil && !info.IsDir() && isPath(word):
		return s.file(word)
	case isPath(word):
		return nil, hint.Errorf("ls -l "+word, "auditing %s: %w", word, cause(err))
	}
	return s.profile(ctx, word)
}

// pipe tells a named pipe from one that a shell made for this very call.
func pipe(name string, info fs.FileInfo) bool {
	return info.Mode()&fs.ModeNamedPipe != 0 && !strings.HasPrefix(name, "/dev/fd/") && !strings.HasPrefix(name, "/proc/")
}

// isPath tells a path from the name of a profile, which holds neither '/' nor '.'.
func isPath(word string) bool { return strings.ContainsAny(word, "/.") }

func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func (s *subjects) file(name string) ([]*launcher.Audited, error) {
	switch filepath.Ext(name) {
	case ".container", ".pod", ".service":
		return s.unit(name)
	}
	if filepath.Base(name) == "profiles.toml" {
		return nil, hint.Errorf("zlaunch audit NAME judges the plan of one; zlaunch list names them", "auditing %s: it holds profiles, and not a run", name)
	}
	if why := quadlet.Unread(name); why != "" {
		return []*launcher.Audited{subject.AuditUnread(name, []form.Open{{Word: -1, Why: why}})}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("auditing %s: %w", name, cause(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSubject+1))
	if err != nil {
		return nil, fmt.Errorf("auditing %s: %w", name, cause(err))
	}
	return s.text(name, text)
}

// text audits the run lines of a script, or a record of an earlier audit.
func (s *subjects) text(name string, text []byte) ([]*launcher.Audited, error) {
	if len(text) > maxSubject {
		return nil, fmt.Errorf("auditing %s: it is larger than %d MiB", name, maxSubject>>20)
	}
	if subject.IsEvidence(text) {
		a, err := subject.AuditEvidence(name, text)
		if err != nil {
			return nil, err
		}
		return []*launcher.Audited{a}, nil
	}
	readings, open, err := textfile.Read(name, text)
	if err != nil {
		return nil, err
	}
	return s.withUnread(name, readings, open), nil
}

// line audits one command line that came word by word.
func (s *subjects) line(args []string) ([]*launcher.Audited, error) {
	r, err := lines.Read(args)
	if err != nil {
		return nil, err
	}
	return s.readings([]*form.Reading{r}), nil
}

// withUnread adds what a file runs and cannot be read, as a subject of its own.
func (s *subjects) withUnread(name string, in []*form.Reading, open []form.Open) []*launcher.Audited {
	out := s.readings(in)
	if len(open) > 0 {
		for _, a := range out {
			a.Beside = a.File == name
		}
		if len(in) > 0 {
			name += " (the rest)"
		}
		out = append(out, subject.AuditUnread(name, open))
	}
	return out
}

func (s *subjects) readings(in []*form.Reading) []*launcher.Audited {
	out := make([]*launcher.Audited, len(in))
	for i, r := range in {
		out[i] = subject.AuditReading(r, s.facts)
	}
	return out
}

// profile audits the plan of a profile.
func (s *subjects) profile(ctx context.Context, name string) ([]*launcher.Audited, error) {
	a, err := s.planOf(ctx, name)
	var unknown *profile.UnknownError
	if errors.As(err, &unknown) {
		return nil, hint.Wrap(err, hint.Of(err)+"\n"+here(name))
	}
	return []*launcher.Audited{a}, err
}

func (s *subjects) planOf(ctx context.Context, name string) (*launcher.Audited, error) {
	options, err := s.run.options(s.std, arguments{words: []string{name}})
	if err != nil {
		return nil, err
	}
	l, done, err := planner(ctx, s.std, s.run, options)
	if err != nil {
		return nil, err
	}
	s.done = append(s.done, done)
	plan, err := s.std.plan(ctx, l, options)
	if err != nil {
		return nil, err
	}
	return l.AuditPlan(plan), nil
}

// here says how a file or directory is named that has the name of a profile.
func here(name string) string {
	if _, err := os.Stat(name); err == nil {
		return "there is one in this directory: zlaunch audit ./" + name
	}
	return "a file is named with its directory: ./" + name
}

// containers audits containers of the engine by name, all of them without one.
func (s *subjects) containers(ctx context.Context, names []string) ([]*launcher.Audited, error) {
	l, done, err := s.std.launcher(ctx, s.run.engine, nil)
	if err != nil {
		return nil, err
	}
	s.done = append(s.done, done)
	all := len(names) == 0
	if all {
		if names, err = l.AllContainers(ctx); err != nil {
			return nil, err
		}
	}
	var out []*launcher.Audited
	for _, name := range names {
		a, err := s.container(ctx, l, name)
		switch {
		case err == nil:
			out = append(out, a)
		case !all || s.record || ctx.Err() != nil:
			return nil, err
		case !errors.Is(err, podman.ErrNoContainer): // one that is gone meanwhile runs nothing
			out = append(out, subject.UnreadContainer(name, err))
			s.unread = append(s.unread, err)
		}
	}
	return out, nil
}

func (s *subjects) container(ctx context.Context, l *launcher.Launcher, name string) (*launcher.Audited, error) {
	s.std.progress.passing("reading " + name)
	a, err := l.AuditContainer(ctx, name)
	if err == nil && s.record {
		s.std.progress.passing("recording " + name)
		err = l.Complete(ctx, a.Observed)
	}
	return a, err
}
