package prison

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
)

// What is asked of grype once more is the run of its report but for one word; arguments that are
// otherwise ask for nothing.
func TestListing(t *testing.T) {
	for line, want := range map[string]string{
		"oci-dir:/scan/image --output json":        "oci-dir:/scan/image --output cyclonedx-json",
		"-o json oci-dir:/i --only-fixed":          "-o cyclonedx-json oci-dir:/i --only-fixed",
		"oci-dir:/scan/image --output json=/dev/1": "",
		"oci-dir:/scan/image":                      "",
		"json oci-dir:/i":                          "",
		"-o json -o json oci-dir:/i":               "",
		"--file json oci-dir:/i":                   "",
		"":                                         "",
	} {
		args := strings.Fields(line)
		was := slices.Clone(args)
		if got := strings.Join(listing(args), " "); got != want || !slices.Equal(args, was) {
			t.Errorf("%s: %q, not %q", line, got, want)
		}
	}
}

// Packages count where they are those of the very image.
func TestCounted(t *testing.T) {
	mine, other := "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("b", 64)
	for name, c := range map[string]struct {
		seen     grype.Seen
		packages int
		fails    bool
	}{
		"clean":               {grype.Seen{Manifest: mine, OS: 80, Lang: 2}, 82, false},
		"nothing":             {grype.Seen{Manifest: mine}, 0, false},
		"Python alone":        {grype.Seen{Manifest: mine, Lang: 2}, 2, false},
		"those of another":    {grype.Seen{Manifest: other, OS: 80}, scan.Untold, true},
		"of an unknown image": {grype.Seen{OS: 80}, scan.Untold, true},
	} {
		s := &scan.Scan{Packages: scan.Untold}
		err := counted(s, &c.seen, mine)
		if (err != nil) != c.fails || s.Packages != c.packages {
			t.Errorf("%s: %d packages, %v", name, s.Packages, err)
		}
	}
}
