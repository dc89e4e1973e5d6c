package scan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/debsecan"
	"github.com/zlaunch/zlaunch/launcher/scan/ecr"
	"github.com/zlaunch/zlaunch/launcher/scan/gcp"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
	"github.com/zlaunch/zlaunch/launcher/scan/scout"
	"github.com/zlaunch/zlaunch/launcher/scan/trivy"
)

// The tools are those of the readers, and another name is refused with the nearest one.
func TestTools(t *testing.T) {
	readers := []string{debsecan.Name, scout.Name, ecr.Basic, gcp.Name, grype.Name, ecr.Enhanced, trivy.Name}
	if !slices.Equal(scan.Tools(), readers) {
		t.Errorf("%q, and the readers are %q", scan.Tools(), readers)
	}
	if err := scan.CheckTools(readers); err != nil {
		t.Error(err)
	}
	if err := scan.CheckTools([]string{"trivy", "trivvy"}); err == nil || hint.Of(err) != "did you mean trivy?" {
		t.Errorf("%v, %q", err, hint.Of(err))
	}
	if err := scan.CheckTools([]string{"snyk"}); err == nil || !strings.HasPrefix(hint.Of(err), "one of debsecan, ") {
		t.Errorf("%v, %q", err, hint.Of(err))
	}
}
