package plan

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// idleProblems say which waivers of the command line permit nothing: a word in one may be
// misspelled. Nothing is said of what only an image that is not here could tell, of the members of
// a stack and of scanners, whose waivers are for several runs, and of controls of the host, for
// the same line is for several hosts.
func idleProblems(pl *Planner, p *Plan) (out []audit.Problem) {
	if len(p.Options.Waive) == 0 || p.Image == nil || pl.early || p.Options.InStack != nil || p.Options.Scanning != nil {
		return nil
	}
	found := pl.Findings(p, pl.Judged(p))
	for i := range p.Waivers {
		w := &p.Waivers[i]
		c := audit.ByID(w.Control)
		if w.Origin.Layer != container.LayerCommandLine || c == nil || aboutHost(c) {
			continue
		}
		what := strings.TrimSuffix(w.Control+"@"+w.At, "@")
		switch {
		case c == audit.ScanTolerance && w.At == "" && len(p.policy) > 0:
			out = append(out, audit.Problem{Message: "the waiver " + what + " permits nothing that a policy asks of scans: there it names a vulnerability, " + what + "@CVE-…"})
		case !matches(p, w, found):
			out = append(out, audit.Problem{Message: "the waiver " + what + " matches no finding"})
		}
	}
	return out
}

// matches tells whether a waiver is of anything that fails, or that a scanner found.
func matches(p *Plan, w *audit.Waiver, found []audit.Finding) bool {
	if slices.ContainsFunc(p.Problems, func(pr audit.Problem) bool { return w.Covers(pr.Control, pr.Setting) }) {
		return true
	}
	if slices.ContainsFunc(found, func(f audit.Finding) bool {
		return (f.Verdict == audit.Fail || f.Verdict == audit.Waived) && w.Covers(f.Control.ID, f.At)
	}) {
		return true
	}
	return w.Control == audit.ScanTolerance.ID && scannedAs(p, w.At)
}

// scannedAs tells whether a scanner found what a waiver names: "CVE-2022-40897", alone or with
// the package, "CVE-2022-40897 setuptools".
func scannedAs(p *Plan, at string) bool {
	id, pkg, _ := strings.Cut(strings.TrimSpace(at), " ")
	for _, s := range p.scanned.Scans {
		for i := range s.Findings {
			f := &s.Findings[i]
			named := slices.ContainsFunc(f.Parts(), func(part []string) bool { return slices.Contains(part, id) })
			if (named || f.Canonical() == id) && (pkg == "" || pkg == f.Package) {
				return true
			}
		}
	}
	return false
}
