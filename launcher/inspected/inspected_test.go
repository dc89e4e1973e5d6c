package inspected

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

func digest(c string) string { return "sha256:" + strings.Repeat(c, 64) }

var day = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// seen is what an inspection of an image says that has one setuid program and one SBOM.
func seen() Record {
	return Record{
		Image: scan.Image{Config: digest("1"), Manifests: []string{digest("2")}},
		Files: &Files{Looked: day, Count: 9, Setuid: List{Paths: []string{"/usr/bin/su"}}, Capable: List{Paths: []string{}}},
		Looks: []Look{{When: day, Registry: "r.example/a", Subjects: []string{digest("2")}, Things: []Thing{
			{Kind: SBOM, Form: "SPDX", Way: ByTag, Digest: digest("3"), Subject: digest("2")},
			{Kind: Signature, Form: "cosign", Way: ByTag, Digest: digest("4"), Subject: digest("2"), Podman: true},
		}}},
	}
}

func keep(t *testing.T, d Dir, r Record) string {
	t.Helper()
	path, err := d.Keep(r)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// What an inspection did not look at stays as an earlier one saw it; what it did look at is new.
func TestKeep(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "inspections"))
	path := keep(t, d, seen())
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	image := scan.Image{Config: digest("1"), Manifests: []string{digest("5")}}
	keep(t, d, Record{Image: image, Looks: []Look{{When: day, Subjects: []string{digest("5")}, Things: []Thing{}}}})
	keep(t, d, Record{Image: seen().Image, Looks: []Look{{When: day.Add(time.Hour), Registry: "r.example/a", Subjects: []string{digest("2")}, Things: []Thing{}}}})
	keep(t, d, Record{Image: image, Files: &Files{Looked: day, Count: 2}})
	r, err := d.Of(scan.Image{Config: digest("1")})
	if err != nil {
		t.Fatal(err)
	}
	if r.Files.Count != 2 || len(r.Files.Setuid.Paths) != 0 || len(r.Looks) != 2 || r.Looks[0].Registry != "" || len(r.Looks[1].Things) != 0 || len(r.Image.Manifests) != 2 {
		t.Errorf("%+v", r)
	}
	for _, image := range []scan.Image{{Config: digest("7")}, {}, {Config: "sha512:../../x"}, {Manifests: []string{digest("2")}}} {
		if r, err := d.Of(image); r != nil || err != nil {
			t.Errorf("%v: %v, %v", image, r, err)
		}
	}
	for name, r := range map[string]Record{"no image": {}, "no configuration": {Image: scan.Image{Manifests: []string{digest("2")}}},
		"another image's look": {Image: image, Looks: []Look{{When: day, Subjects: []string{digest("2")}}}}} {
		if _, err := d.Keep(r); err == nil {
			t.Errorf("%s: kept", name)
		}
	}
}

// A record stays bounded and readable, however often it is written.
func TestKeepStaysBounded(t *testing.T) {
	d := Dir(t.TempDir())
	for i := range 2 * maxNames {
		r := seen()
		r.Image.Manifests = []string{digest("2"), "sha256:" + strings.Repeat("0", 60) + string([]byte{'a' + byte(i>>12&7), '0' + byte(i>>6&7), '0' + byte(i>>3&7), '0' + byte(i&7)})}
		r.Looks[0].Registry = "r.example/" + string([]byte{'a' + byte(i/16), 'a' + byte(i%16)})
		r.Looks[0].When = day.Add(time.Duration(i) * time.Hour)
		keep(t, d, r)
	}
	r, err := d.Of(seen().Image)
	if err != nil || len(r.Looks) != maxLooks || len(r.Image.Manifests) != maxNames {
		t.Fatalf("%v, %d looks", err, len(r.Looks))
	}
	if r.Looks[maxLooks-1].Registry != "r.example/hp" {
		t.Errorf("the last look is not kept: %s", r.Looks[maxLooks-1].Registry)
	}
}

// A record that is cut short, of another image, or that says what no inspection can have seen is
// refused, and says what to type.
func TestStrict(t *testing.T) {
	d := Dir(t.TempDir())
	path := keep(t, d, seen())
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, text := range map[string]string{
		Schema: "zlaunch.dev/inspection/v2", `"config": "` + digest("1"): `"config": "` + digest("8"), `"looks"`: `"lookz"`, "\n}\n": "\n} {}", "\n}": "",
		`"count": 9`: `"count": 0`, `"/usr/bin/su"`: `"su"`, `"2026-11-30T12:00:00Z"`: `"0001-01-01T00:00:00Z"`, `"r.example/a"`: `"r.example/\u001b[2J"`,
		`"kind": "sbom"`: `"kind": "sbum"`, `"way": "tag"`: `"way": "word"`, `"form": "SPDX"`: `"form": ""`, digest("3"): "sha256:3", `"podman": true`: `"podman": 1`,
		`"podman": false`: `"podman": true`, `"subject": "` + digest("2"): `"subject": "` + digest("9"), "\"subjects\": [\n    \"" + digest("2"): "\"subjects\": [\n    \"" + digest("9"),
		`"manifests": [`: `"asserted": true, "manifests": [`,
	} {
		if !strings.Contains(string(data), old) {
			t.Fatalf("the record has no %s:\n%s", old, data)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, text, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Of(seen().Image); err == nil {
			t.Errorf("%s for %s: %+v", text, old, got)
		}
		if _, err := d.Keep(seen()); err == nil {
			t.Errorf("%s for %s was written over", text, old)
		}
	}
	if err := errors.Join(os.Remove(path), os.Symlink("/dev/zero", path)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Of(seen().Image); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link was followed: %v", err)
	}
}

// FuzzDecode wants that what is read once is read again as the same.
func FuzzDecode(f *testing.F) {
	r := seen()
	r.Schema = Schema
	data, err := json.Marshal(r)
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
