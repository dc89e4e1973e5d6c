package prison

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/canary"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
)

// list is the word of grype's arguments by which it prints its report, and the one by which it
// prints which packages it saw. Treat it as a constant.
var list = [2]string{"json", "cyclonedx-json"}

// count has grype, where it found nothing, say which packages it saw: its report counts none, and
// an image whose databases of packages somebody removed looks like a clean one. It is the same run
// but for the form of what is printed. Where a profile's arguments are others, nothing is counted,
// and the gate refuses the scan.
func (j *job) count(ctx context.Context, t Target, s *scan.Scan) error {
	if s.Tool.Name != grype.Name || s.Packages != scan.Untold || len(s.Findings) > 0 {
		return nil
	}
	args := listing(j.stated())
	if args == nil {
		return nil
	}
	j.passing(j.by.Profile + " found nothing; it says which packages it saw")
	p, err := j.plan(ctx, t.Dir, args)
	if err != nil {
		return err
	}
	var seen *grype.Seen
	err = j.hear(ctx, p, func(r io.Reader) (err error) {
		seen, err = grype.ReadSeen(r)
		return err
	})
	if err != nil {
		return fmt.Errorf("asking it which packages it saw: %w", err)
	}
	if err := counted(s, seen, t.Manifest); err != nil || seen.OS == 0 || canary.Of(s.Distro) || s.Distro.Life == scan.Ended {
		return err
	}
	doubt, err := j.doubt(ctx, t, s)
	if doubt != "" {
		s.Partial = fmt.Sprintf("nothing shows that its database knows the distribution of %d packages, %q: %s", seen.OS, s.Distro.String(), doubt)
	}
	return err
}

// doubt has grype say what its database knows of the distribution of an image in which it found nothing,
// where the known-bad image is none of that distribution: nothing is found, too, of one that a database
// has not, or has no more. It is asked in the same prison. What it says is why that is not shown; "" it is.
func (j *job) doubt(ctx context.Context, t Target, s *scan.Scan) (string, error) {
	question := grype.Question(s.Distro)
	if question == nil {
		return "it has no version that grype can be asked for", nil
	}
	j.passing(j.by.Profile + " says what its database knows of " + s.Distro.String())
	p, err := j.plan(ctx, t.Dir, question)
	if err != nil {
		return "", err
	}
	var known *grype.Known
	err = j.hear(ctx, p, func(r io.Reader) (err error) {
		known, err = grype.ReadKnown(r, s.Distro)
		return err
	})
	if ctx.Err() != nil {
		return "", err
	}
	built := s.Built
	if built.IsZero() {
		built = j.now()
	}
	return doubtOf(known, err, built), nil
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

// stated are the arguments of the scanner's profile; nil where others would be added to them.
func (j *job) stated() []string {
	args, _, _ := container.Args.Get(j.profile.Stated)
	if j.profile.Kind != "job" {
		return nil
	}
	return args
}

// listing are arguments by which the scanner lists packages; nil where they are not those of a report.
func listing(args []string) []string {
	at := slices.Index(args, list[0])
	if at < 1 || args[at-1] != "--output" && args[at-1] != "-o" || slices.Contains(args[at+1:], list[0]) {
		return nil
	}
	out := slices.Clone(args)
	out[at] = list[1]
	return out
}

// counted writes down how many packages grype saw in the image of a manifest.
func counted(s *scan.Scan, seen *grype.Seen, manifest string) error {
	if manifest == "" || seen.Manifest != manifest {
		return fmt.Errorf("asking it which packages it saw: it tells of those of another image, %s", seen.Manifest)
	}
	s.Packages = seen.OS + seen.Lang
	return nil
}
