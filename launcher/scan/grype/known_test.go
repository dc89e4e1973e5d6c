package grype_test

import (
	"os"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
)

// known has the form of what grype 0.121.3 prints to a question.
const known = "testdata/known.json"

// What cannot be asked for is not asked for: without a version grype answers for every release.
func TestQuestion(t *testing.T) {
	for of, want := range map[string]string{
		"debian 13.1": "debian@13.1", "alpine 3.20.3": "alpine@3.20", "ubuntu 24.04": "ubuntu@24.04", "redhat 9": "redhat@9",
		"opensuse-leap 15.6": "opensuse-leap@15.6", "debian": "", "debian trixie/sid": "", "a-b 1": "", " 1": "", "x 1.": "", "x 1.2b": "", "x +1": "",
	} {
		d := scan.Distro{}
		d.ID, d.Version, _ = strings.Cut(of, " ")
		if got := strings.Join(grype.Question(d), " "); want == "" && got != "" || !strings.HasPrefix(got+" ", "db search --distro "+want+" ") && want != "" {
			t.Errorf("%s: %s", of, got)
		}
	}
}

// The newest counts, of the packages that were asked for, in the release that was.
func TestReadKnown(t *testing.T) {
	data, err := os.ReadFile(known)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for name, c := range map[string]struct {
		of, find, put string
		want          grype.Known
	}{
		"the release":      {"debian 13.1", "", "", grype.Known{ID: "CVE-2026-99013", Year: 2026}},
		"another one":      {"debian 11.11", "", "", grype.Known{}},
		"another minor":    {"alpine 13.1", `"version": "13"`, `"version": "13.2"`, grype.Known{}},
		"that minor":       {"ubuntu 24.04", `"version": "13"`, `"version": "24.4"`, grype.Known{ID: "CVE-2026-99013", Year: 2026}},
		"no releases":      {"wolfi 20230201", `"version": "13"`, `"version": "rolling"`, grype.Known{ID: "CVE-2026-99013", Year: 2026}},
		"another package":  {"debian 13.1", `"name": "openssl"`, `"name": "other"`, grype.Known{ID: "CVE-2020-99013", Year: 2020}},
		"by its alias":     {"debian 13.1", `"id": "CVE-2026-99013"`, `"id": "RHSA-1", "aliases": ["CVE-2027-99013"]`, grype.Known{ID: "RHSA-1", Year: 2027}},
		"by another words": {"debian 13.1", `"id": "CVE-2026-99013"`, `"id": "ALAS2023-2021-99013"`, grype.Known{ID: "ALAS2023-2021-99013", Year: 2021}},
		"of no year":       {"debian 13.1", `-20`, `-`, grype.Known{ID: "CVE-26-99013"}},
		"a number alike":   {"debian 13.1", `CVE-2026-99013`, `CVE-2016-2026`, grype.Known{ID: "CVE-2020-99013", Year: 2020}},
	} {
		d := scan.Distro{}
		d.ID, d.Version, _ = strings.Cut(c.of, " ")
		if c.find != "" && !strings.Contains(text, c.find) {
			t.Fatalf("%s: no %s", name, c.find)
		}
		got, err := grype.ReadKnown(strings.NewReader(strings.ReplaceAll(text, c.find, c.put)), d)
		if c.find == "" {
			got, err = grype.ReadKnown(strings.NewReader(text), d)
		}
		if err != nil || *got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, bad := range map[string]string{
		"cut short": text[:len(text)/2], "two": text + text, "an object": "{}", "nothing": "", "no id": strings.ReplaceAll(text, `"id": "CVE`, `"name": "CVE`),
	} {
		if got, err := grype.ReadKnown(strings.NewReader(bad), scan.Distro{ID: "debian", Version: "13"}); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func FuzzReadKnown(f *testing.F) {
	data, err := os.ReadFile(known)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data), "13")
	f.Fuzz(func(t *testing.T, text, version string) {
		got, err := grype.ReadKnown(strings.NewReader(text), scan.Distro{ID: "debian", Version: version})
		if err == nil && got.ID == "" && got.Year != 0 {
			t.Errorf("%+v", got)
		}
	})
}
