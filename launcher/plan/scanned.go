package plan

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/gate"
	"github.com/zlaunch/zlaunch/launcher/scan/records"
)

// scannedOf is what scanners found in the image of a plan, as far as it is kept here. An
// image that is not here is not known, and so is nothing of it.
func scannedOf(pl *Planner, p *Plan) policy.Scanned {
	out := Scanned(pl.Dirs, ImageOf(p.Image))
	out.Waivers = slices.Concat(p.Waivers, p.permits)
	return out
}

// Scanned is what scanners found in an image, as far as it is kept in the state directory.
func Scanned(dirs record.Dirs, image scan.Image) (out policy.Scanned) {
	out.Image = image
	if filepath.IsAbs(dirs.State) {
		out.Scans, out.Unread = records.Dir(filepath.Join(dirs.State, "scans")).Of(image)
		out.Scans = slices.DeleteFunc(out.Scans, func(s *scan.Scan) bool { return ofSeveral(s, image) })
	}
	return out
}

// ofSeveral tells whether a scan is known to be of an image by a digest alone that it has beside
// its own, which can be that of a list for several architectures, and does not say of which it is.
func ofSeveral(s *scan.Scan, image scan.Image) bool {
	return s.Image.Config == "" && s.Arch == "" && len(image.Manifests) > 0 && !slices.Contains(s.Image.Manifests, image.Manifests[0])
}

// Published is what scanners found in an image that is known by a digest of a manifest, or of a
// list of them for several architectures: then a scan that does not say its architecture is
// of no use.
func Published(dirs record.Dirs, image scan.Image, arch string) (out policy.Scanned) {
	out.Image = image
	if !image.Known() || !filepath.IsAbs(dirs.State) {
		return out
	}
	out.Scans, out.Unread = records.Dir(filepath.Join(dirs.State, "scans")).Named(image.String())
	several := slices.ContainsFunc(out.Scans, func(s *scan.Scan) bool { return !s.Image.Same(out.Scans[0].Image) })
	out.Scans = slices.DeleteFunc(out.Scans, func(s *scan.Scan) bool { return s.Arch != arch && (several || s.Arch != "") })
	return out
}

// ImageOf is which image it is that an engine has; nil is none.
func ImageOf(img *effective.Image) scan.Image {
	if img == nil {
		return scan.Image{}
	}
	return scan.ImageOf(img.ID, append([]string{img.Digest}, img.RepoDigests...)...)
}

// What the controls hold an image to, whatever a policy says: a week, in which a database of
// scanners changes much, and that nothing bad stays which a newer version mends.
var (
	fresh     = gate.Rules{Required: true, MaxAge: 7 * 24 * time.Hour}
	tolerated = gate.Rules{Severity: scan.High, FixableOnly: true}
)

// ScanFindings are those of the controls of scans, by the records of an image.
func ScanFindings(s policy.Scanned, now time.Time) []audit.Finding {
	if s.Unread != nil || len(s.Scans) == 0 {
		why := "no scan of the image is known"
		if s.Unread != nil {
			why = "its records cannot be read: " + s.Unread.Error()
		}
		return []audit.Finding{openOf(audit.ScanFresh, why), openOf(audit.ScanTolerance, why), openOf(audit.OneScanner, why)}
	}
	return slices.Concat(freshFindings(s, now), toleranceFindings(s, now), toolFindings(s))
}

// recent is how old an image may be for [audit.ImageRecent]: a quarter of a year, by when a
// base that is looked after was built anew (NIST SP 800-190, 3.1.1).
const recent = 90 * 24 * time.Hour

// AgeFindings are those of [audit.ImageRecent], by what an image says of itself; nil is one
// that is not here. A date before 2000 is that of a build that can be repeated, and no age.
func AgeFindings(img *effective.Image, now time.Time) []audit.Finding {
	switch {
	case img == nil:
		return []audit.Finding{openOf(audit.ImageRecent, "the image is not here")}
	case img.Created.Year() < 2000 || img.Created.After(now):
		return []audit.Finding{openOf(audit.ImageRecent, "the image says no day that can be its own: "+img.Created.UTC().Format(time.DateOnly))}
	}
	days := fmt.Sprintf("the image was built %d days ago", int(now.Sub(img.Created).Hours()/24))
	if now.Sub(img.Created) > recent {
		return []audit.Finding{told(audit.ImageRecent, audit.Fail, container.Path{}, days)}
	}
	return []audit.Finding{told(audit.ImageRecent, audit.Pass, container.Path{}, days)}
}

func openOf(c *audit.Control, why string) audit.Finding {
	return audit.Finding{Control: c, Verdict: audit.Open, Severity: c.Severity, Message: why}
}

// told is a finding that the records tell.
func told(c *audit.Control, v audit.Verdict, at container.Path, message string) audit.Finding {
	return audit.Finding{Control: c, Verdict: v, Severity: c.Severity, At: at, Message: message, Evidence: container.Planned}
}

func freshFindings(s policy.Scanned, now time.Time) (out []audit.Finding) {
	verdict := gate.Judge(s.Image, s.Scans, fresh, nil, now)
	for _, r := range verdict.Reasons {
		v := audit.Fail
		if r.Open {
			v = audit.Open
		}
		out = append(out, told(audit.ScanFresh, v, container.Path{}, r.Text))
	}
	if len(out) == 0 {
		out = append(out, told(audit.ScanFresh, audit.Pass, container.Path{}, ""))
	}
	return out
}

// toleranceFindings are a failure for each vulnerability, whatever waivers say: they are
// applied to it, as to every failure. The packages that have it stand in one.
func toleranceFindings(s policy.Scanned, now time.Time) (out []audit.Finding) {
	verdict := gate.Judge(s.Image, s.Scans, tolerated, nil, now)
	at := map[string]int{}
	for _, r := range verdict.Reasons {
		if r.Finding == nil {
			continue // the other control's
		}
		for _, id := range r.Finding.Called() {
			if i, known := at[id]; known {
				out[i].Message += "; " + r.Text
				continue
			}
			at[id] = len(out)
			out = append(out, told(audit.ScanTolerance, audit.Fail, container.Path{Key: id}, r.Text))
		}
	}
	if len(out) == 0 {
		out = append(out, told(audit.ScanTolerance, audit.Pass, container.Path{}, ""))
	}
	return out
}

func toolFindings(s policy.Scanned) []audit.Finding {
	if len(s.Scans) == 1 {
		return []audit.Finding{told(audit.OneScanner, audit.Pass, container.Path{}, "")}
	}
	var parts []string
	same := true
	for _, one := range s.Scans {
		parts = append(parts, fmt.Sprintf("%s found %d", one.Tool.Name, len(one.Findings)))
		same = same && len(one.Findings) == len(s.Scans[0].Findings)
	}
	if same {
		return []audit.Finding{told(audit.OneScanner, audit.Pass, container.Path{}, "")}
	}
	return []audit.Finding{told(audit.OneScanner, audit.Review, container.Path{}, strings.Join(parts, ", ")+": zlaunch scan diff "+s.Image.String()+" says which")}
}
