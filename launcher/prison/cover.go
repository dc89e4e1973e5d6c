package prison

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/canary"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
	"github.com/zlaunch/zlaunch/launcher/scan/trivy"
)

// cover has a scan say what shows that the scanner looked at the packages of the image's distribution,
// and by a database that knows its release; where nothing does, the scan is in part and says so.
func (j *job) cover(ctx context.Context, t Target, s *scan.Scan) error {
	if s.Distro.ID == "none" { // trivy's word where it found packages and no distribution
		s.Distro = scan.Distro{}
	}
	if err := j.count(ctx, t, s); err != nil {
		return err
	}
	why := uncovered(s, t.Kept, j.profile.Scanner.Finds)
	if why == "" && s.Distro.Life != scan.Ended && !canary.Of(s.Distro) {
		doubt, err := j.doubt(ctx, t, s)
		if err != nil {
			return err
		}
		if doubt != "" {
			why = fmt.Sprintf("nothing shows that its database knows %q: %s", s.Distro.String(), doubt)
		}
	}
	if why == "" {
		s.Prison.Covered = fmt.Sprintf("%s packages of %s", s.Distro.Kind(), s.Distro)
	}
	s.Partial = cmp.Or(s.Partial, why)
	return nil
}

// uncovered says why nothing shows that a scanner saw the packages of the distribution; "" something does.
// A package of a language shows nothing of it, and an image without a distribution is one of unknown packages.
func uncovered(s *scan.Scan, kept *image.Kept, finds []string) string {
	d, kind := s.Distro, s.Distro.Kind()
	switch has := strings.Join(kept.Kinds, ", "); {
	case !slices.Contains(finds, string(scan.OS)):
		return "its profile says that it finds nothing in packages of a distribution"
	case d.ID == "" && has != "":
		return fmt.Sprintf("it found no distribution, and the image's layers have a database of packages: %s", has)
	case d.ID == "":
		return "it found no distribution, and so no packages of one: nothing shows what the image is made of"
	case kind == "":
		return fmt.Sprintf("of which kind the packages of %q are, zlaunch does not know", d.String())
	case d.Version == "":
		return fmt.Sprintf("it found no version of %q, whose releases have different packages", d.ID)
	case s.Kinds[kind] == 0:
		return fmt.Sprintf("nothing shows that it saw a package of %q, which are %s", d.String(), kind)
	}
	for _, other := range slices.Sorted(others(s, kept)) {
		if other != kind {
			return fmt.Sprintf("the packages of %q are %s, and the image has such of %s", d.String(), kind, other)
		}
	}
	return ""
}

// others are the kinds of packages that a scanner saw, or that stand in a layer.
func others(s *scan.Scan, kept *image.Kept) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, kind := range kept.Kinds {
			if !yield(kind) {
				return
			}
		}
		for kind := range s.Kinds {
			if !yield(kind) {
				return
			}
		}
	}
}

// doubt says why it is not shown that the scanner's database knows the release of an image, which is none of
// the known-bad image's distribution: nothing is found, too, of one that a database has not, or has no more.
// "" it is shown.
func (j *job) doubt(ctx context.Context, t Target, s *scan.Scan) (string, error) {
	type asks = func(context.Context, Target, *scan.Scan) (*grype.Known, error)
	asking := map[string]asks{grype.Name: j.ask, trivy.Name: j.probe}[s.Tool.Name]
	switch {
	case asking == nil:
		return "it cannot be asked", nil
	case s.Tool.Name == grype.Name && grype.Question(s.Distro) == nil:
		return "it has no version that grype can be asked for", nil
	}
	j.passing(j.by.Profile + " says what its database knows of " + s.Distro.String())
	known, err := asking(ctx, t, s)
	if ctx.Err() != nil {
		return "", err
	}
	built := s.Built
	if built.IsZero() {
		built = cmp.Or(j.database.built, j.now())
	}
	return doubtOf(known, err, built), nil
}

// probe shows trivy, which has no such question, an image of the same release with old packages of
// it, and gives the newest that it finds there. It finds nothing where its database has nothing.
func (j *job) probe(ctx context.Context, t Target, s *scan.Scan) (known *grype.Known, err error) {
	err = j.in("probe", func(dir string) error {
		old, err := canary.Probe(dir, j.Runner.Host.Arch, s.Distro.Kind(), t.Kept.Files)
		if err != nil {
			return err
		}
		found, err := j.run(ctx, dir, old)
		if err == nil {
			known, err = newest(found, s.Distro)
		}
		return err
	})
	return known, err
}

// newest is the newest vulnerability that a scan of a probe found, which must be taken for the release.
func newest(found *scan.Scan, of scan.Distro) (*grype.Known, error) {
	if found.Distro.String() != of.String() {
		return nil, fmt.Errorf("it took an image of the same release for one of %q", found.Distro.String())
	}
	known := &grype.Known{}
	for _, f := range found.Findings {
		asked := slices.Contains(scan.Common(), f.Package) || slices.Contains(scan.Common(), f.Source)
		year := scan.YearOf(append(slices.Clone(f.Aliases), f.ID)...)
		if f.Class == scan.OS && asked && (known.ID == "" || year > known.Year) {
			*known = grype.Known{ID: f.ID, Year: year}
		}
	}
	return known, nil
}

// doubtOf judges an answer, or why there is none, of a database of a day. Something is known of curl or
// openssl every year: where the newest is older, nobody writes advisories of that release any more.
func doubtOf(known *grype.Known, err error, built time.Time) string {
	switch {
	case err != nil:
		return "asked for it, " + strings.Join(strings.Fields(err.Error()), " ")
	case known.ID == "":
		return "it has nothing of curl and openssl there"
	case known.Year < built.Year()-1:
		return fmt.Sprintf("the newest that it has of curl and openssl there is %.60q", known.ID)
	}
	return ""
}
