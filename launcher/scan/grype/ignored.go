package grype

import (
	"regexp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// rule is one by which grype leaves matches out. What is beside these keys, but for prose, stands in more.
type rule struct {
	vulnerability, namespace, fix, vex, why, match          string
	name, version, language, kind, location, upstream, more string
}

// header is a rule for headers of the kernel, with the names of packages that it is for.
type header struct {
	rule
	names func() *regexp.Regexp
}

// headers are the rules that grype brings itself, ignoreLinuxKernelHeaders of cmd/grype/cli/commands/root.go:
// what is in the kernel is in no package of its headers. Treat it as a constant.
var headers = []header{
	indirect("rpm", "kernel-headers", "kernel"), indirect("deb", "linux(-.*)?-headers-.*", "linux.*"),
	indirect("deb", "linux-libc-dev", "linux"), indirect("deb", "linux-kbuild-.*", "linux.*"),
}

func indirect(kind, name, upstream string) header {
	of := rule{kind: kind, name: name, upstream: upstream, match: "exact-indirect-match"}
	return header{of, lazyregexp.New("^(?:" + name + ")$")}
}

// ignored reads a match that grype left out, which is a finding all the same: whoever told grype to
// leave it out is not who judges here. Headers of the kernel that grype leaves out by itself are none.
func (d *reader) ignored() error {
	m, err := d.match()
	if err != nil || m.header() {
		return err
	}
	return d.found.Add(m.Finding)
}

// header tells whether a match was left out by a rule for headers, and is of them.
func (m match) header() bool {
	for i, h := range headers {
		if m.by[i] && m.kind == h.kind && h.names().MatchString(m.Package) {
			return true
		}
	}
	return false
}

// rule reads one.
func (d *reader) rule() (r rule, err error) {
	own := map[string]*string{"vulnerability": &r.vulnerability, "namespace": &r.namespace, "fix-state": &r.fix,
		"vex-status": &r.vex, "vex-justification": &r.why, "match-type": &r.match}
	of := map[string]*string{"name": &r.name, "version": &r.version, "language": &r.language, "type": &r.kind,
		"location": &r.location, "upstream-name": &r.upstream}
	field := func(known map[string]*string) func(string) error {
		return func(key string) error {
			if to := known[key]; to != nil {
				return d.Text(to)
			}
			r.more = key
			return d.Skip()
		}
	}
	return r, d.Object(func(key string) error {
		switch key {
		case "package":
			return d.Object(field(of))
		case "reason", "include-aliases":
			return d.Skip()
		}
		return field(own)(key)
	})
}

// byItself is which of [headers] a rule is; below 0 it is none.
func (r rule) byItself() int {
	return slices.IndexFunc(headers, func(h header) bool { return h.rule == r })
}

// configuration reads what grype was told to leave out, which makes a report one in part. The keys are those
// of cmd/grype/cli/options/grype.go; "ignore-wontfix" is --ignore-states.
func (d *reader) configuration(key string) error {
	told, states := false, ""
	var err error
	switch key {
	case "only-fixed", "only-notfixed":
		err = d.Bool(&told)
	case "ignore-wontfix":
		err = d.Text(&states)
		told = states != ""
	case "exclude", "vex-documents":
		err = d.Array(func() error {
			told = true
			return d.Skip()
		})
	case "ignore":
		err = d.Array(func() error {
			r, err := d.rule()
			told = told || r.byItself() < 0
			return err
		})
	default:
		return d.Skip()
	}
	if told {
		d.told = append(d.told, key)
	}
	return err
}

// filtered says that grype left something out by some keys of its configuration; "" by none.
func filtered(by []string) string {
	if len(by) == 0 {
		return ""
	}
	slices.Sort(by)
	return "grype was told to leave findings out, by " + strings.Join(by, ", ") + " of its configuration"
}
