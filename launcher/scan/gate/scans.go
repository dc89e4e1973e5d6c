package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// skew is how far ahead of this host's clock the one of a scanner may be.
const skew = 10 * time.Minute

// again is what brings a newer scan.
const again = "scan the image again: zlaunch scan --import FILE takes the report"

// none says why no scan counts.
func (j *judgement) none(scans []*scan.Scan) {
	of := slices.DeleteFunc(slices.Clone(scans), func(s *scan.Scan) bool { return !s.Image.Same(j.image) })
	switch {
	case len(of) > 0:
		j.lacking(Tools, "import a report of one of them: zlaunch scan --import FILE",
			fmt.Sprintf("no scan of it is by %s, only by %s", strings.Join(j.rules.Tools, " or "), toolsOf(of)))
	case !j.image.Known():
		j.lacking(Required, "podman pull IMAGE", "its digest is not known, so that no scan can be told to be of it")
	case len(scans) > 0:
		j.lacking(Required, again, fmt.Sprintf("the scan is of another image, %s, and not of %s", short(scans[0].Image.String()), short(j.image.String())))
	default:
		j.lacking(Required, "zlaunch scan --import FILE --image "+j.image.String(), "no scan of it is known")
	}
}

// scan judges one scan by itself.
func (j *judgement) scan(s *scan.Scan) {
	by := "the scan by " + bounded.Shown(s.Tool.String())
	switch {
	case s.Failed != "":
		j.refuse(Required, "look what the scanner says, and scan again", fmt.Sprintf("%s failed: %s", by, bounded.Shown(s.Failed)))
	case s.Packages == 0:
		j.refuse(Required, "scan the image itself, with the databases of its packages in it",
			by+" saw no package at all: an image whose package database was removed looks the same")
	case s.Partial != "":
		j.refuse(Required, wholeOf(s), fmt.Sprintf("%s is not whole: %s", by, bounded.Shown(s.Partial)))
	case s.Prison != nil && s.Prison.Covered == "":
		j.refuse(Required, "scan the image again: zlaunch scan IMAGE", by+" does not say what shows that it saw the packages of a distribution: its record is an older zlaunch's")
	case s.Packages == scan.Untold && len(s.Findings) == 0:
		j.refuse(Required, "import a report that counts packages, as: trivy image --format json --list-all-pkgs IMAGE",
			by+" found nothing, and nothing in its report shows that it looked at any package")
	}
	if s.Distro.Life == scan.Ended {
		j.refuse(Required, "take an image of a newer release",
			fmt.Sprintf("%s has reached its end of life: no advisories come for it, and no findings prove nothing", bounded.Shown(s.Distro.String())))
	}
	if j.rules.KEV && s.KEV == nil {
		j.lacking(KEV, "fetch CISA's known_exploited_vulnerabilities.json, and scan or import again: zlaunch scan IMAGE --kev FILE, zlaunch scan --import REPORT --kev FILE",
			by+" was held against no catalogue of exploited vulnerabilities, so that nothing shows which of its findings are")
	}
	j.age(MaxAge, j.rules.MaxAge, s.Scanned, by, again)
	j.age(DBMaxAge, j.rules.DBMaxAge, s.Built, "the database of "+by, "update the scanner's database and scan again")
}

// wholeOf is what makes a scan whole that is not. Where there is no distribution, no scanner knows what
// the image is of, and nothing here makes up for that: an image says so itself, or its control is waived.
func wholeOf(s *scan.Scan) string {
	switch {
	case s.Prison == nil:
		return "import the whole report"
	case s.Distro.ID == "":
		return "build it on a base that says what it is made of, by /etc/os-release and the database of its packages; without a policy's [scan]: --waive ZL-910=\"reason\""
	}
	return "update the scanner's database, or have another scanner look: zlaunch scan --scanner PROFILE"
}

// age judges how old something is; most 0 asks for nothing.
func (j *judgement) age(rule Rule, most time.Duration, at time.Time, what, hint string) {
	switch old := j.now.Sub(at); {
	case most <= 0:
	case at.IsZero():
		j.lacking(rule, hint, fmt.Sprintf("%s is of no known day, and at most %s is allowed", what, days(most)))
	case old < -skew:
		j.refuse(rule, "set the clock of this host, or of the scanner's, and scan again", fmt.Sprintf("%s is of %s, which is still to come", what, at.UTC().Format(time.DateTime)))
	case old > most:
		j.refuse(rule, hint, fmt.Sprintf("%s is %s old, and at most %s is allowed", what, days(old), days(most)))
	}
}

// days says how long something is: in days, or in hours below two.
func days(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func toolsOf(in []*scan.Scan) string {
	var out []string
	for _, s := range in {
		out = append(out, bounded.Shown(s.Tool.Name))
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

// short is a digest as people compare it.
func short(digest string) string {
	if _, hex, ok := strings.Cut(digest, ":"); ok && len(hex) > 12 {
		return digest[:len(digest)-len(hex)+12]
	}
	return digest
}
