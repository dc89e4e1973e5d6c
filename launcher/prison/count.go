package prison

import (
	"context"
	"fmt"
	"io"
	"slices"

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
	return counted(s, seen, t.Manifest)
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

// counted writes down how many packages grype saw in the image of a manifest. That it knows the
// distribution of packages in which it found nothing, the known-bad image alone shows, of its own.
func counted(s *scan.Scan, seen *grype.Seen, manifest string) error {
	if manifest == "" || seen.Manifest != manifest {
		return fmt.Errorf("asking it which packages it saw: it tells of those of another image, %s", seen.Manifest)
	}
	s.Packages = seen.OS + seen.Lang
	if seen.OS > 0 && !canary.Of(s.Distro) {
		s.Partial = fmt.Sprintf("nothing shows that its database knows the distribution of %d packages, %q", seen.OS, s.Distro.String())
	}
	return nil
}
