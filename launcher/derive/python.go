package derive

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// target is the least of the versions that mend a finding and are newer than what is
// installed: the smallest step. "" is none.
func target(f *scan.Finding) string {
	out := ""
	if !release().MatchString(f.Installed) {
		return ""
	}
	for _, v := range f.Fixed {
		if release().MatchString(v) && older(f.Installed, v) && (out == "" || older(v, out)) {
			out = v
		}
	}
	return out
}

// older compares two versions as PEP 440 orders those that [release] takes.
func older(a, b string) bool {
	x, y := numbers(a), numbers(b)
	for i := range max(len(x), len(y)) {
		if d := cmp.Compare(at(x, i), at(y, i)); d != 0 {
			return d < 0
		}
	}
	return false
}

// post stands for .post in the numbers of a version, behind every place that a release has.
const post = 9

func numbers(version string) []int {
	main, after, patched := strings.Cut(version, ".post")
	out := make([]int, 0, post)
	for _, part := range strings.Split(main, ".") {
		n, _ := strconv.Atoi(part) // at most nine digits
		out = append(out, n)
	}
	if patched {
		n, _ := strconv.Atoi(after)
		for len(out) < post {
			out = append(out, 0)
		}
		out = append(out, n+1)
	}
	return out
}

func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// interpreters are those in whose environments a package lies, by the paths that scanners
// tell. Without any it is the first of PATH. why tells of those that are a distribution's.
func interpreters(paths []string) (out []string, why string) {
	if len(paths) == 0 {
		return []string{"python3"}, ""
	}
	for _, path := range paths {
		m := environment().FindStringSubmatch(path)
		switch {
		case m == nil || strings.Contains(path, ".."):
			why = "it lies in no environment of Python that is known"
		case m[1] == "usr/local/" && m[2] == "dist": // Debian's pip installs there
			out = append(out, "/usr/bin/python3")
		case m[1] == "usr/" || m[2] == "dist":
			why = "its files are the distribution's, and its package mends them"
		default:
			out = append(out, "/"+m[1]+"bin/python3")
		}
	}
	if len(out) > 0 {
		why = ""
	}
	slices.Sort(out)
	return slices.Compact(out), why
}

// install is the shell that brings packages of Python to their versions, and nothing else.
func install(fixes []Fix) []string {
	out := []string{"export PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_BREAK_SYSTEM_PACKAGES=1"}
	for i := 0; i < len(fixes); {
		home, words := fixes[i].Python, []string{}
		for ; i < len(fixes) && fixes[i].Python == home; i++ {
			words = append(words, fixes[i].Package+"=="+fixes[i].To)
		}
		out = append(out, home+" -m pip install --no-deps"+quoted(words))
	}
	return out
}
