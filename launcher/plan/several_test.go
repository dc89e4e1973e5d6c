package plan

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/records"
)

// A scan that names the list of images for several architectures, and none of these, is of no
// image that is run; one that says its architecture, or names the image itself, is.
func TestScanOfSeveral(t *testing.T) {
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	own, list, raw := digest("5"), digest("2"), digest("3")
	img := &effective.Image{ID: strings.Repeat("4", 64), Digest: own, Arch: "s390x", RepoDigests: []string{"docker.io/x/y@" + own, "docker.io/x/y@" + list}}
	for what, c := range map[string]struct {
		scan scan.Scan
		want int
	}{
		"the list":                      {scan.Scan{Image: scan.Image{Manifests: []string{list}}}, 0},
		"the list, of its architecture": {scan.Scan{Image: scan.Image{Manifests: []string{list}}, Arch: "s390x"}, 1},
		"the image":                     {scan.Scan{Image: scan.Image{Manifests: []string{own}}}, 1},
		"both":                          {scan.Scan{Image: scan.Image{Manifests: []string{list, own}}}, 1},
	} {
		dirs := record.Dirs{State: t.TempDir()}
		c.scan.Tool, c.scan.Raw, c.scan.Packages = scan.Tool{Name: "docker-scout"}, raw, scan.Untold
		if _, err := records.Dir(filepath.Join(dirs.State, "scans")).Keep(&c.scan); err != nil {
			t.Fatal(err)
		}
		if got := Scanned(dirs, ImageOf(img)); got.Unread != nil || len(got.Scans) != c.want {
			t.Errorf("%s: %d scans, %v", what, len(got.Scans), got.Unread)
		}
	}
}
