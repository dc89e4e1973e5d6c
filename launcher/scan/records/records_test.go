package records

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

func digest(c string) string { return "sha256:" + strings.Repeat(c, 64) }

func scanned(t testing.TB, tool string, image scan.Image, ids ...string) *scan.Scan {
	t.Helper()
	s := &scan.Scan{Tool: scan.Tool{Name: tool}, Image: image, Raw: digest("e"), Packages: 3}
	var c scan.Collector
	for _, id := range ids {
		if err := c.Add(scan.Finding{ID: id, Package: "p", Class: scan.OS, Ratings: []scan.Rating{scan.NewRating(tool, "high", "", 0)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Into(s); err != nil {
		t.Fatal(err)
	}
	s.Raw = digest(string("abcdef"[len(tool)%6]))
	return s
}

// A record is found again by any digest that it and the image share, and has the last scan
// of each tool.
func TestKeep(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "scans"))
	image := scan.Image{Config: digest("1"), Manifests: []string{digest("2")}}
	for _, s := range []*scan.Scan{scanned(t, "trivy", image, "CVE-1", "CVE-2"), scanned(t, "grype2", image, "CVE-1"), scanned(t, "trivy", image, "CVE-3"),
		scanned(t, "ecr", scan.Image{Manifests: []string{digest("2")}}, "CVE-4"), scanned(t, "ecr", scan.Image{Manifests: []string{digest("9")}}, "CVE-5")} {
		path, err := d.Keep(s)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	for _, c := range []struct {
		image scan.Image
		want  string
	}{
		{image, "grype2 CVE-1, trivy CVE-3, ecr CVE-4"}, {scan.Image{Config: digest("1")}, "grype2 CVE-1, trivy CVE-3"}, {scan.Image{Manifests: []string{digest("2")}}, "ecr CVE-4"},
		{scan.Image{Config: digest("7"), Manifests: []string{digest("9")}}, "ecr CVE-5"}, {scan.Image{Config: digest("7")}, ""}, {scan.Image{Config: "sha512:../../x"}, ""}, {scan.Image{}, ""},
	} {
		got, err := d.Of(c.image)
		if err != nil || shown(got) != c.want {
			t.Errorf("%v: %s, %v; not %s", c.image, shown(got), err, c.want)
		}
	}
	if got, err := d.Named(digest("2")); err != nil || len(got) != 3 {
		t.Errorf("%s, %v", shown(got), err)
	}
	if _, err := d.Named("../../etc/passwd"); err == nil {
		t.Error("a path is a digest")
	}
	if _, err := d.Keep(&scan.Scan{}); err == nil {
		t.Error("a scan of no image was kept")
	}
}

// A report that is read again without a catalogue, or by another digest of its image, loses no
// mark; a new report has its own.
func TestKeptMarks(t *testing.T) {
	image := scan.Image{Config: digest("1"), Manifests: []string{digest("2")}}
	for name, c := range map[string]struct {
		first, then scan.Image
		raw         string // of the second
		marked      bool
		scans       int
	}{
		"without the catalogue":          {image, image, digest("a"), true, 1},
		"by another digest":              {image, scan.Image{Manifests: image.Manifests}, digest("a"), true, 1},
		"by another digest at first":     {scan.Image{Manifests: image.Manifests}, image, digest("a"), true, 1},
		"a new report":                   {image, image, digest("b"), false, 1},
		"a new report by another digest": {image, scan.Image{Manifests: image.Manifests}, digest("b"), true, 2},
	} {
		for _, swapped := range []bool{false, true} {
			if swapped && c.raw != digest("a") {
				continue
			}
			d := Dir(t.TempDir())
			a, b := scanned(t, "ecr", c.first, "CVE-1"), scanned(t, "ecr", c.then, "CVE-1")
			a.Raw, b.Raw = digest("a"), c.raw
			marks := a
			if swapped {
				marks = b
			}
			marks.Findings[0].KEV, marks.KEV = true, &scan.Catalogue{Released: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), Digest: digest("f")}
			for _, s := range []*scan.Scan{a, b} {
				if _, err := d.Keep(s); err != nil {
					t.Fatal(err)
				}
			}
			got, err := d.Of(image)
			if err != nil || len(got) != c.scans {
				t.Fatalf("%s: %d scans, %v", name, len(got), err)
			}
			if all := scan.Union(got...); all[0].KEV != c.marked || (got[0].KEV != nil) != c.marked {
				t.Errorf("%s, swapped %v: %+v, %+v", name, swapped, all[0], got[0].KEV)
			}
			if named, err := d.Named(digest("2")); err != nil || len(named) != c.scans {
				t.Errorf("%s: %d scans by the manifest, %v", name, len(named), err)
			}
		}
	}
}

func shown(in []*scan.Scan) string {
	var out []string
	for _, s := range in {
		out = append(out, s.Tool.Name+" "+s.Findings[0].ID)
	}
	return strings.Join(out, ", ")
}

// A record that somebody changed into what no report can be is refused.
func TestStrict(t *testing.T) {
	dir := t.TempDir()
	d := Dir(dir)
	known := scanned(t, "trivy", scan.Image{Config: digest("1")}, "CVE-1")
	known.KEV = &scan.Catalogue{Released: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), Version: "2026.11.28", Digest: digest("f")}
	path, err := d.Keep(known)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.Of(known.Image); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0].KEV, known.KEV) {
		t.Errorf("%+v, %v", got, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, text := range map[string]string{
		`"schema": "zlaunch.dev/scan-record/v1"`: `"schema": "zlaunch.dev/scan-record/v2"`, `"packages": 3`: `"packages": -7`, `"CVE-1"`: `"CVE\u001b[2J"`, `"class": "os-pkgs"`: `"class": "x"`,
		`"package": "p"`: `"package": ""`, digest("1"): "sha256:1", `"scans"`: `"scanz"`, `"raw": "sha256:`: `"raw": "sha255:`, "\n}\n": "\n} {}",
		`"released": "2026-11-28T00:00:00Z"`: `"released": "0001-01-01T00:00:00Z"`, digest("f"): "sha256:f", `"version": "2026.11.28"`: `"version": "\u001b[2J"`, `"kev"`: `"kef"`, `"id": "CVE-1"`: `"id": "CVE-1 "`,
	} {
		if !strings.Contains(string(data), old) {
			t.Fatalf("the record has no %s", old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, text, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Of(scan.Image{Config: digest("1")}); err == nil {
			t.Errorf("%s: %s", text, shown(got))
		}
	}
	other := d.path(digest("3"))
	if err := os.WriteFile(other, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Of(scan.Image{Config: digest("3")}); err == nil || !strings.Contains(err.Error(), "of another image") {
		t.Error(err)
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, other); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Of(scan.Image{Config: digest("3")}); err == nil {
		t.Error("a link was followed")
	}
}

func FuzzDecode(f *testing.F) {
	data, err := json.Marshal(Record{Schema, []*scan.Scan{scanned(f, "trivy", scan.Image{Config: digest("1")}, "CVE-1")}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Decode(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := Decode(again); err != nil || !reflect.DeepEqual(r, same) {
			t.Errorf("%s: %v", again, err)
		}
	})
}
