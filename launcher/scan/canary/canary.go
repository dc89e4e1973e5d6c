// Package canary makes an image that is known to be bad. A scanner that finds nothing in it
// does not work, and what it does not find elsewhere proves nothing: trivy calls an image
// clean where its database is empty.
//
// The image has two packages and no program. A real database of today knows both as
// vulnerable, and that will stay so, for what was published stands. It shows that a scanner
// and its database work, not that they are honest: one that wants to lie can tell the
// canary by its digest.
package canary

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// bad is a package of the canary.
type bad struct {
	class         scan.Class
	name, version string
	id            string // of what it is known for
}

// packages are those of the canary. Both advisories are of the package's own maintainers:
// DSA-5532-1 for Debian 12, and GHSA-r9hx-vwmv-q579.
var packages = []bad{
	{scan.OS, "openssl", "3.0.9-1", "CVE-2023-5363"},
	{scan.Lang, "setuptools", "58.1.0", "CVE-2022-40897"},
}

// Sung tells whether a scan of the canary found what it must: each vulnerability in a package
// of the classes that the scanner says it finds, "os-pkgs" and "lang-pkgs". The error says
// what it missed.
func Sung(s *scan.Scan, finds []string) error {
	var missed []string
	for _, p := range packages {
		if slices.Contains(finds, string(p.class)) && !slices.ContainsFunc(s.Findings, p.is) {
			missed = append(missed, fmt.Sprintf("%s in %s %s", p.id, p.name, p.version))
		}
	}
	if len(missed) == 0 && len(finds) > 0 {
		return nil
	}
	return hint.Errorf("give it a database that is whole: zlaunch scan --db DIRECTORY",
		"the scanner does not work: in an image that is known to be bad it did not find %s", strings.Join(missed, ", nor "))
}

func (p bad) is(f scan.Finding) bool {
	return f.Class == p.class && (f.Package == p.name || f.Source == p.name) && (f.ID == p.id || slices.Contains(f.Aliases, p.id))
}

// Found is what was found, for the record: "CVE-2023-5363, CVE-2022-40897".
func Found(finds []string) string {
	var out []string
	for _, p := range packages {
		if slices.Contains(finds, string(p.class)) {
			out = append(out, p.id)
		}
	}
	return strings.Join(out, ", ")
}

// Of tells whether a distribution is the canary's own, of which a database that found it knows.
func Of(d scan.Distro) bool {
	major, _, _ := strings.Cut(d.Version, ".")
	return d.ID == "debian" && major == "12" && d.Life != scan.Ended
}
