package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

// A sharedFile is a kind of file that is none of profiles, and known by its name.
type sharedFile struct {
	kind   string // as [report.ValidatedFile] has it
	schema func() ([]byte, error)
	check  func(path string) (profiles []string, wrong []report.FileProblem, err error)
}

// sharedFiles are those that sharing profiles brings, and the file of a stack, by their names.
var sharedFiles = map[string]sharedFile{
	stack.Name:             {"stack", stack.JSONSchema, checkStack},
	bundle.DescriptionName: {"bundle", bundle.JSONSchema, checkDescription},
	lockfile.Name:          {"lock", lockfile.JSONSchema, checkLock},
}

// schemaFor is the JSON schema of the file at a path; "" is a file of profiles.
func schemaFor(path string) ([]byte, error) {
	if path == "" {
		return profile.Schema()
	}
	f, known := sharedFiles[filepath.Base(path)]
	if !known {
		return nil, &usageError{hint.Errorf("--schema of files of profiles, --schema "+bundle.DescriptionName+", --schema "+lockfile.Name+", --schema "+stack.Name,
			"option --schema: there is none of %q", path)}
	}
	return f.schema()
}

func (f sharedFile) validate(std *stdio, path string) (report.ValidatedFile, error) {
	profiles, wrong, err := f.check(inDir(std, path))
	out := report.ValidatedFile{File: path, Kind: f.kind, Profiles: append([]string{}, profiles...), Problems: append([]report.FileProblem{}, wrong...)}
	return out, err
}

// inDir is a path as the caller means it.
func inDir(std *stdio, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(std.dir, path)
}

func checkDescription(path string) (_ []string, out []report.FileProblem, err error) {
	for _, f := range bundle.Description(os.DirFS(filepath.Dir(path))) {
		if errors.Is(f.Err, fs.ErrNotExist) || errors.Is(f.Err, fs.ErrPermission) {
			return nil, nil, fmt.Errorf("reading %s: %w", path, f.Err)
		}
		out = append(out, problem(f.Line, f.Key, f.Err))
	}
	return nil, byLine(out), nil
}

func checkLock(path string) (profiles []string, out []report.FileProblem, err error) {
	data, err := lockfile.Bytes(path)
	if err == nil && data == nil {
		err = hint.Errorf("zlaunch add --project REF makes one", "reading %s: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, f := range lockfile.Validate(data) {
		out = append(out, problem(f.Line, f.Key, f.Err))
	}
	if file, err := lockfile.Parse(data); err == nil {
		profiles = namedIn(file)
	}
	return profiles, byLine(out), nil
}

// checkStack reads a stack as zlaunch up does. That its profiles are there, and take what it
// says, zlaunch plan tells.
func checkStack(path string) (profiles []string, out []report.FileProblem, err error) {
	s, err := stack.Read(path)
	if err == nil {
		for _, m := range s.Members {
			if !slices.Contains(profiles, m.Profile) {
				profiles = append(profiles, m.Profile)
			}
		}
		return profiles, nil, nil
	}
	all := []error{err}
	if joined, several := err.(interface{ Unwrap() []error }); several {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var f *stack.Fault
		if !errors.As(err, &f) {
			return nil, nil, err
		}
		out = append(out, problem(f.Line, f.Key, f.Err))
	}
	return nil, byLine(out), nil
}

func problem(line int, key string, err error) report.FileProblem {
	return report.FileProblem{Line: line, Key: key, Message: err.Error(), Hint: hint.Of(err)}
}

// byLine sorts problems; those of the file as a whole come first.
func byLine(in []report.FileProblem) []report.FileProblem {
	slices.SortStableFunc(in, func(a, b report.FileProblem) int { return cmp.Compare(a.Line, b.Line) })
	return in
}

// namedIn are the profiles of a lock, BUNDLE/PROFILE.
func namedIn(file *lockfile.File) (out []string) {
	for _, b := range file.Bundles {
		for _, name := range b.Profiles {
			out = append(out, b.Name+"/"+name)
		}
	}
	return out
}
