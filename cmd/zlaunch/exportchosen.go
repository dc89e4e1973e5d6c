package main

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// choose are the runs that are asked for. A unit is meant before what its own commands run.
func (e fileExport) choose(found []*launcher.Audited) ([]*launcher.Audited, error) {
	var out []*launcher.Audited
	for _, a := range found {
		if e.name == "" && (a.Subject == e.file || a.Reading.Unit) || e.name != "" && isCalled(a, e.name) {
			out = append(out, a)
		}
	}
	switch {
	case e.name == "" && len(out) == 0:
		return found, nil
	case e.name != "" && len(out) == 0:
		return nil, hint.Errorf(subjectsOf(e.file, found), "reading %s: no run in it is called %s", e.file, e.name)
	case e.name != "" && len(out) > 1:
		return nil, several(e.file, out)
	}
	return out, nil
}

// isCalled tells whether a run of a file goes by a name: all of what stands behind '#', or
// the last part of that.
func isCalled(a *launcher.Audited, name string) bool {
	_, whole, _ := strings.Cut(a.Subject, "#")
	return name == whole || name == a.Reading.Name || whole != "" && (strings.HasSuffix(whole, "/"+name) || strings.HasPrefix(whole, name+"/"))
}

func several(file string, found []*launcher.Audited) error {
	return &usageError{hint.Errorf(subjectsOf(file, found)+"\nall of them: -o DIR", "%s holds %d runs, and one is written to standard output", file, len(found))}
}

func subjectsOf(file string, found []*launcher.Audited) string {
	var names []string
	for _, a := range found {
		_, name, has := strings.Cut(a.Subject, "#")
		switch {
		case has:
			names = append(names, file+"#"+name)
		case a.Reading.Name != "":
			names = append(names, file+"#"+a.Reading.Name)
		default:
			names = append(names, a.Subject)
		}
	}
	return strings.Join(names, "\n")
}

// completeExport completes profiles, and the runs of a file behind FILE#.
func completeExport(std *stdio, words []string) []string {
	file, _, typed := strings.Cut(words[len(words)-1], "#")
	if !typed {
		return completeProfiles(std, words)
	}
	found, _, err := fileExport{std: std, file: file}.read()
	if err != nil {
		return nil
	}
	return strings.Split(subjectsOf(file, found), "\n")
}
