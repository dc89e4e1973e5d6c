package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestPackageVersion(t *testing.T) {
	const hash = "0123456789abcdef0123456789abcdef01234567"
	for describe, want := range map[string]string{
		"0123456":                    "0.0.0~git20260102120000.0123456",
		"0123456-dirty":              "0.0.0~git20260102120000.0123456+dirty",
		"v1.2.3":                     "1.2.3",
		"1.2.3":                      "1.2.3",
		"v1.2.3-dirty":               "1.2.3+dirty",
		"v1.2.3-5-g0123456":          "1.2.3+git5.0123456",
		"v1.2.3-5-g0123456-dirty":    "1.2.3+git5.0123456+dirty",
		"v1.2.3-rc.1":                "1.2.3~rc.1",
		"v1.2.3-rc-1-5-g0123456":     "1.2.3~rc.1+git5.0123456",
		"v1.2.3-rc.1-12-g012-dirty":  "1.2.3~rc.1+git12.0123456+dirty",
		"":                           "",
		"v1.2":                       "",
		"v1.2.3; rm -rf /":           "",
		"v1.2.3-rc.1\n":              "",
		"v1.2.3$(x)":                 "",
		"nightly":                    "",
		"v1.2.3-5-g0123456-modified": "1.2.3~5.g0123456.modified",
	} {
		got, err := packageVersion(describe, hash, noon)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q gives %q, %v; want %q", describe, got, err, want)
		}
	}
	if got, err := packageVersion("v1.2.3", "", noon); err == nil {
		t.Errorf("no commit gives %q", got)
	}
}

// Both package managers agree that later source is a later version.
func TestPackageVersionSorts(t *testing.T) {
	const hash = "0123456789abcdef0123456789abcdef01234567"
	var rising []string
	for _, d := range []struct {
		describe string
		at       time.Time
	}{
		{"0123456", noon}, {"0123456", noon.Add(time.Second)}, {"v1.2.3-rc.1", noon}, {"v1.2.3-rc.1-9-g0123456", noon},
		{"v1.2.3-rc.1-10-g0123456", noon}, {"v1.2.3-rc.2", noon}, {"v1.2.3", noon}, {"v1.2.3-9-g0123456", noon},
		{"v1.2.3-10-g0123456", noon}, {"v1.2.4-rc.1", noon}, {"v1.2.4", noon}, {"v1.10.0", noon},
	} {
		v, err := packageVersion(d.describe, hash, d.at)
		if err != nil {
			t.Fatal(err)
		}
		rising = append(rising, v)
	}
	if dpkg, err := exec.LookPath("dpkg"); err != nil {
		t.Log("dpkg is not here")
	} else {
		for i := range rising[1:] {
			if err := exec.Command(dpkg, "--compare-versions", rising[i], "lt", rising[i+1]).Run(); err != nil {
				t.Errorf("dpkg does not sort %s before %s", rising[i], rising[i+1])
			}
		}
	}
	rpm, err := exec.LookPath("rpm")
	if err != nil {
		t.Log("rpm is not here")
		return
	}
	for i := range rising[1:] {
		out, err := exec.Command(rpm, "--eval", `%{lua: print(rpm.vercmp("`+rising[i]+`", "`+rising[i+1]+`"))}`).Output()
		if err != nil || strings.TrimSpace(string(out)) != "-1" {
			t.Errorf("rpm does not sort %s before %s: %s%v", rising[i], rising[i+1], out, err)
		}
	}
}
