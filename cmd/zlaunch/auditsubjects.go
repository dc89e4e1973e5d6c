package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// subjects are what one command line audits.
type subjects struct {
	std     *stdio
	run     *runOptions
	files   subject.Files
	exclude []string // patterns of what is passed over in directories
	walks   []*subject.Walk
	quiet   bool    // what is printed goes to the terminal by itself, and no progress beside it
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

// word reads what one word names: a file, a directory of units, or a profile.
func (s *subjects) word(ctx context.Context, word string) ([]subject.Pending, error) {
	switch {
	case word == "-":
		text, err := io.ReadAll(io.LimitReader(s.std.in, subject.MaxFile+1))
		if err != nil {
			return nil, fmt.Errorf("reading standard input: %w", err)
		}
		return s.files.Text("standard input", text)
	case subject.IsPath(word) && isDirectory(word):
		return nil, s.walk(word)
	case subject.IsPath(word) && holdsProfiles(word):
		return s.profiles(word)
	case subject.IsPath(word):
		return s.files.Path(word)
	}
	return s.profile(ctx, word)
}

// profile audits the plan of a profile. A profile of the name comes first, also one that
// cannot be used; where there is none, the file or directory that has the name is meant.
func (s *subjects) profile(ctx context.Context, name string) ([]subject.Pending, error) {
	a, err := s.planOf(ctx, name)
	var unknown *profile.UnknownError
	if errors.As(err, &unknown) && unknown.Name == name {
		if members := membersOf(s.std, name); members != nil {
			return s.containers(ctx, members)
		}
		if info, absent := os.Lstat(name); absent == nil && (info.Mode().IsRegular() || info.IsDir()) {
			s.std.note("no profile is called %s: what has that name in this directory is audited", name)
			if info.IsDir() {
				return nil, s.walk(name)
			}
			return s.files.Path(name)
		}
		return nil, hint.Wrap(err, hint.Of(err)+"\na file is named with its directory: ./"+name)
	}
	return []subject.Pending{subject.Done(a)}, err
}

func (s *subjects) planOf(ctx context.Context, name string) (*launcher.Audited, error) {
	options, err := s.run.options(s.std, arguments{words: []string{name}})
	if err != nil {
		return nil, err
	}
	l, err := s.planner(ctx, options)
	if err != nil {
		return nil, err
	}
	plan, err := workOut(ctx, s.std, l, options)
	if err != nil {
		return nil, err
	}
	s.std.warnExpiring(plan.Waivers)
	return l.Audits().Plan(plan), nil
}

// planner makes the launcher that plans, and lets go of its engine in the end.
func (s *subjects) planner(ctx context.Context, options launcher.Options) (*launcher.Launcher, error) {
	l, done, err := planner(ctx, s.std, s.run, options)
	if err == nil {
		s.done = append(s.done, done)
	}
	return l, err
}

// containers audits containers of the engine by name, all of them without one.
func (s *subjects) containers(ctx context.Context, names []string) ([]subject.Pending, error) {
	l, done, err := s.std.launcher(ctx, s.run.engine, nil)
	if err != nil {
		return nil, err
	}
	s.done = append(s.done, done)
	all := len(names) == 0
	if all {
		if names, err = l.Audits().Names(ctx); err != nil {
			return nil, err
		}
	}
	s.std.progress.passing("reading " + strings.Join(names, ", "))
	var out []subject.Pending
	err = l.Audits().Containers(ctx, names, func(name string, a *launcher.Audited, err error) error {
		if err == nil && s.record {
			s.std.progress.passing("recording " + name)
			err = l.Audits().Complete(ctx, a.Observed)
		}
		switch {
		case err == nil:
			out = append(out, subject.Done(a))
		case !all && errors.Is(err, podman.ErrNoContainer):
			list, _ := l.Runs(ctx) // the error that there is is the one to tell
			return runsInstead(name, list.Runs, completeProfiles(s.std, nil), err)
		case !all || s.record || ctx.Err() != nil:
			return err
		case !errors.Is(err, podman.ErrNoContainer): // one that is gone meanwhile runs nothing
			out = append(out, subject.Done(subject.UnreadContainer(name, err)))
			s.unread = append(s.unread, err)
		}
		return nil
	})
	return out, err
}

// runsInstead says, where no container is called name and a profile is, what runs of it
// there are and what to type; none is the error without that.
func runsInstead(name string, there []launcher.Running, profiles []string, none error) error {
	var runs []string
	for _, r := range there {
		if r.Profile == name {
			runs = append(runs, r.Name)
		}
	}
	switch {
	case len(runs) > 0:
		return hint.Wrap(fmt.Errorf("%w; %s is a profile, and its runs are %s", none, name, strings.Join(runs, ", ")),
			"zlaunch audit --container "+strings.Join(runs, " --container "))
	case slices.Contains(profiles, name):
		return hint.Wrap(fmt.Errorf("%w; %s is a profile, and nothing runs of it", none, name),
			"its plan: zlaunch audit "+name+"\na run of it: zlaunch run -d "+name)
	}
	return none
}
