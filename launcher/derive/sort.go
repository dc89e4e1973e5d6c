package derive

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// sorter puts findings where they are mended, or says why they are not.
type sorter struct {
	plan     *Plan
	wish     Wish
	packages map[string]*Fix
	python   map[[2]string]*Fix // by interpreter and project
}

// sort takes one finding that a newer version mends.
func (s *sorter) sort(f *scan.Finding) {
	why := ""
	switch {
	case !id().MatchString(f.Canonical()):
		why = "its name is none that a label can have"
	case s.keeps(f):
		why = "the profile keeps it as it is"
	case f.Class == scan.OS:
		why = s.ofDistribution(f)
	default:
		why = s.ofLanguage(f)
	}
	if why != "" {
		s.plan.Left = append(s.plan.Left, Left{f.Canonical(), f.Package, why})
	}
}

// keeps tells whether the package of a finding is to be left alone, by its name or its source's. A
// project of Python has many spellings of one name.
func (s *sorter) keeps(f *scan.Finding) bool {
	python := f.Class == scan.Lang
	return slices.ContainsFunc(s.wish.Keep, func(name string) bool {
		return name == f.Package || f.Source != "" && name == f.Source || python && scan.Project(name) == scan.Project(f.Package)
	})
}

func (s *sorter) ofDistribution(f *scan.Finding) (why string) {
	kind := f.Kind()
	switch m := managerOf(s.plan.Manager); {
	case s.plan.Manager == "":
		return "the image has no package manager that is known"
	case kind != "" && kind != m.kind:
		return "it is a package of another kind than " + m.name + "'s"
	case !pkg().MatchString(f.Package):
		return "its name is none of a package"
	}
	into(s.packages, f.Package, f)
	return ""
}

func (s *sorter) ofLanguage(f *scan.Finding) (why string) {
	switch {
	case f.Kind() != "pypi":
		return "only packages of the distribution and of Python are upgraded: its application has to be built anew"
	case !s.wish.Languages:
		return "it is a package of a language: --with-languages"
	case !project().MatchString(f.Package):
		return "its name is none of a project of Python"
	}
	to := target(f)
	if to == "" {
		return "no version that mends it is told that can be compared with " + f.Installed
	}
	homes, why := interpreters(f.Paths)
	for _, home := range homes {
		fix := into(s.python, [2]string{home, f.Package}, f)
		fix.Python = home
		if fix.To == "" || older(fix.To, to) {
			fix.To = to
		}
	}
	return why
}

// into adds a finding to the upgrade of its package.
func into[K comparable](fixes map[K]*Fix, at K, f *scan.Finding) *Fix {
	fix := fixes[at]
	if fix == nil {
		fix = &Fix{Package: f.Package, Installed: f.Installed}
		fixes[at] = fix
	}
	fix.IDs = append(fix.IDs, f.Canonical())
	fix.Fixed = append(fix.Fixed, f.Fixed...)
	for _, list := range []*[]string{&fix.IDs, &fix.Fixed} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return fix
}

func inOrder[K comparable](fixes map[K]*Fix) []Fix {
	out := make([]Fix, 0, len(fixes))
	for _, f := range slices.Collect(maps.Values(fixes)) {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Fix) int {
		return cmp.Or(strings.Compare(a.Python, b.Python), strings.Compare(a.Package, b.Package))
	})
	return out
}

// kept are the packages that the upgrade of the others must leave alone, as far as they can be
// packages of the distribution.
func (s *sorter) kept() (out []string) {
	for _, name := range s.wish.Keep {
		if pkg().MatchString(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
