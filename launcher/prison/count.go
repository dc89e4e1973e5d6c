package prison

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
)

// list is the word of grype's arguments by which it prints its report, and the one by which it
// prints which packages it saw. Treat it as a constant.
var list = [2]string{"json", "cyclonedx-json"}

// count has grype say which packages it saw, where what it found does not show that it saw one of the
// distribution's: its report counts none, and an image whose databases of packages somebody removed looks
// like a clean one. It is the same run but for the form of what is printed. Where a profile's arguments
// are others, nothing is counted, and the gate refuses the scan.
func (j *job) count(ctx context.Context, t Target, s *scan.Scan) error {
	if s.Tool.Name != grype.Name || s.Packages != scan.Untold {
		return nil
	}
	for _, f := range s.Findings {
		if f.Class == scan.OS {
			s.Saw(scan.KindOf(f.PURL), 1)
		}
	}
	args := listing(j.stated())
	if args == nil || s.Kinds[s.Distro.Kind()] > 0 {
		return nil
	}
	j.passing(j.by.Profile + " found nothing in packages of a distribution; it says which packages it saw")
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

// ask has grype say, in the same prison, what its database knows of the distribution of an image.
func (j *job) ask(ctx context.Context, t Target, s *scan.Scan) (known *grype.Known, err error) {
	p, err := j.plan(ctx, t.Dir, grype.Question(s.Distro))
	if err != nil {
		return nil, err
	}
	err = j.hear(ctx, p, func(r io.Reader) (err error) {
		known, err = grype.ReadKnown(r, s.Distro)
		return err
	})
	return known, err
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

// counted writes down which packages grype saw in the image of a manifest.
func counted(s *scan.Scan, seen *grype.Seen, manifest string) error {
	if manifest == "" || seen.Manifest != manifest {
		return fmt.Errorf("asking it which packages it saw: it tells of those of another image, %s", seen.Manifest)
	}
	s.Packages, s.Kinds = seen.OS+seen.Lang, seen.Kinds
	return nil
}
