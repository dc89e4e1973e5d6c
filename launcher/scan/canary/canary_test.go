package canary_test

import (
	"context"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/canary"
)

// The canary is an image like any other, whose bytes hold against their digests, and the
// same each time.
func TestWrite(t *testing.T) {
	dir, again := t.TempDir(), t.TempDir()
	made, err := canary.Write(dir, "s390x")
	if err != nil {
		t.Fatal(err)
	}
	img, err := image.Layout(dir).Open(context.Background(), "", "s390x")
	if err != nil {
		t.Fatal(err)
	}
	files, err := img.Walk(context.Background(), nil)
	if err != nil || files.Count == 0 {
		t.Fatalf("%d files, %v", files.Count, err)
	}
	if made.Config != img.Config.String() || made.Manifests[0] != img.Manifest.Digest.String() || img.Said.Architecture != "s390x" {
		t.Errorf("made %v, and there is %s, %s for %s", made, img.Config, img.Manifest.Digest, img.Said.Architecture)
	}
	if twice, err := canary.Write(again, "s390x"); err != nil || !twice.Same(made) {
		t.Errorf("the second is %v, %v", twice, err)
	}
}

func TestWriteNowhere(t *testing.T) {
	if _, err := canary.Write("/proc/none", "amd64"); err == nil {
		t.Error("it was written where nothing can be")
	}
}

// What a scanner says that it finds, it must have found, of the package itself.
func TestSung(t *testing.T) {
	ssl := scan.Finding{ID: "CVE-2023-5363", Package: "openssl", Class: scan.OS}
	setup := scan.Finding{ID: "GHSA-r9hx-vwmv-q579", Aliases: []string{"CVE-2022-40897"}, Package: "setuptools", Class: scan.Lang}
	elsewhere := scan.Finding{ID: "CVE-2022-40897", Package: "pip", Class: scan.Lang}
	both := []string{"lang-pkgs", "os-pkgs"}
	for name, c := range map[string]struct {
		found  []scan.Finding
		finds  []string
		missed string // "" nothing
	}{
		"both":              {[]scan.Finding{ssl, setup}, both, ""},
		"one of one":        {[]scan.Finding{ssl}, []string{"os-pkgs"}, ""},
		"nothing":           {nil, both, "CVE-2023-5363 in openssl 3.0.9-1, nor CVE-2022-40897 in setuptools 58.1.0"},
		"no language":       {[]scan.Finding{ssl}, both, "setuptools"},
		"no distribution":   {[]scan.Finding{setup}, both, "openssl"},
		"in another":        {[]scan.Finding{ssl, elsewhere}, both, "setuptools"},
		"says that nothing": {nil, nil, "does not work"},
	} {
		err := canary.Sung(&scan.Scan{Findings: c.found}, c.finds)
		if (err == nil) != (c.missed == "") || err != nil && !strings.Contains(err.Error(), c.missed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := canary.Found(both); got != "CVE-2023-5363, CVE-2022-40897" {
		t.Error(got)
	}
}
