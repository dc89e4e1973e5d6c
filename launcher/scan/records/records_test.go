package records

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

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
	path, err := d.Keep(scanned(t, "trivy", scan.Image{Config: digest("1")}, "CVE-1"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, text := range map[string]string{
		`"schema": "zlaunch.dev/scan-record/v1"`: `"schema": "zlaunch.dev/scan-record/v2"`, `"packages": 3`: `"packages": -7`, `"CVE-1"`: `"CVE\u001b[2J"`, `"class": "os-pkgs"`: `"class": "x"`,
		`"package": "p"`: `"package": ""`, digest("1"): "sha256:1", `"scans"`: `"scanz"`, `"raw": "sha256:`: `"raw": "sha255:`, "\n}\n": "\n} {}",
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
