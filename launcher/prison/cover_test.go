package prison

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
)

// seenOf is a scan of a distribution, with packages of it by their kinds: "deb deb apk".
func seenOf(id, version, packages string, findings ...scan.Finding) *scan.Scan {
	s := &scan.Scan{Distro: scan.Distro{ID: id, Version: version}, Packages: 1, Findings: findings, Prison: &scan.Prison{}}
	for _, kind := range strings.Fields(packages) {
		s.Saw(kind, 1)
	}
	return s
}

// What is found of a language shows nothing of the distribution's packages, and neither does a
// distribution whose packages nobody saw, or are of another kind than those that lie in the image.
func TestUncovered(t *testing.T) {
	six := scan.Finding{ID: "CVE-2026-1", Package: "six", PURL: "pkg:pypi/six@1.16.0", Class: scan.Lang}
	both := []string{"os-pkgs", "lang-pkgs"}
	for name, c := range map[string]struct {
		s     *scan.Scan
		kept  string
		finds []string
		says  string // "" it is covered
	}{
		"Debian 12":             {seenOf("debian", "12.5", "deb deb"), "deb", both, ""},
		"Debian 12, no layer's": {seenOf("debian", "12.5", "deb"), "", both, ""},
		"Ubuntu":                {seenOf("ubuntu", "24.04", "deb"), "deb", both, ""},
		"Alpine":                {seenOf("alpine", "3.20.3", "apk"), "apk", both, ""},
		"UBI":                   {seenOf("redhat", "9.4", "rpm"), "rpm", both, ""},
		"of the system alone":   {seenOf("debian", "12.5", "deb"), "deb", both[:1], ""},

		"noos":             {seenOf("", "", ""), "deb", both, "it found no distribution, and the image's layers have a database of packages: deb"},
		"six":              {seenOf("", "", "", six), "deb", both, "it found no distribution, and the image's layers have"},
		"six, seen as deb": {seenOf("", "", "deb", six), "deb", both, "it found no distribution"},
		"from scratch":     {seenOf("", "", "", six), "", both, "it found no distribution, and so no packages of one"},
		"foo":              {seenOf("foo", "12", "deb"), "deb", both, `of which kind the packages of "foo 12" are, zlaunch does not know`},
		"kali":             {seenOf("kali", "2026.1", "deb"), "deb", both, `"kali 2026.1" are, zlaunch does not know`},
		"wolfi":            {seenOf("wolfi", "20230201", ""), "deb", both, `it saw a package of "wolfi 20230201", which are apk`},
		"sixwolfi":         {seenOf("wolfi", "20230201", "deb", six), "deb", both, `it saw a package of "wolfi 20230201", which are apk`},
		"wolfi with both":  {seenOf("wolfi", "20230201", "apk"), "apk deb", both, `are apk, and the image has such of deb`},
		"wolfi, seen both": {seenOf("wolfi", "20230201", "apk deb"), "", both, `are apk, and the image has such of deb`},
		"sid":              {seenOf("debian", "", "deb"), "deb", both, `no version of "debian"`},
		"removed":          {seenOf("debian", "12.5", "", six), "deb", both, "nothing shows that it saw a package"},
		"languages alone":  {seenOf("debian", "12.5", "deb"), "deb", both[1:], "its profile says that it finds nothing in packages of a distribution"},
	} {
		if got := uncovered(c.s, &image.Kept{Kinds: strings.Fields(c.kept)}, c.finds); (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// A probe shows what a database knows where it was taken for the release, by what was found in its
// packages: deb99 is a release of which there is nothing.
func TestNewest(t *testing.T) {
	found := func(id, in string, class scan.Class, more ...string) scan.Finding {
		return scan.Finding{ID: id, Package: in, Source: in, Class: class, Aliases: more}
	}
	for name, c := range map[string]struct {
		found *scan.Scan
		want  string // "" nothing; "!" an error
	}{
		"the newest":     {seenOf("debian", "13.1", "deb", found("CVE-2025-1", "curl", scan.OS), found("CVE-2026-2", "openssl", scan.OS), found("CVE-2019-1", "curl", scan.OS)), "CVE-2026-2"},
		"by its alias":   {seenOf("debian", "13.1", "deb", found("CVE-2025-1", "curl", scan.OS), found("X-1", "curl", scan.OS, "RHSA-2026:1")), "X-1"},
		"deb99":          {seenOf("debian", "13.1", "deb"), ""},
		"another's":      {seenOf("debian", "13.1", "deb", found("CVE-2026-1", "zlib", scan.OS)), ""},
		"of a language":  {seenOf("debian", "13.1", "deb", found("CVE-2026-1", "curl", scan.Lang)), ""},
		"another's name": {seenOf("debian", "12.5", "deb", found("CVE-2026-1", "curl", scan.OS)), "!"},
		"of nothing":     {seenOf("", "", "", found("CVE-2026-1", "curl", scan.OS)), "!"},
	} {
		got, err := newest(c.found, scan.Distro{ID: "debian", Version: "13.1"})
		if (err != nil) != (c.want == "!") || err == nil && got.ID != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A database knows a release of which it has something of its own year, or of the year before.
func TestDoubt(t *testing.T) {
	built := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		known *grype.Known
		err   error
		says  string // "" nothing
	}{
		"this year":       {&grype.Known{ID: "CVE-2026-1", Year: 2026}, nil, ""},
		"the year before": {&grype.Known{ID: "CVE-2025-1", Year: 2025}, nil, ""},
		"no more":         {&grype.Known{ID: "CVE-2024-1", Year: 2024}, nil, "the newest that it has of curl and openssl there is \"CVE-2024-1\""},
		"of no year":      {&grype.Known{ID: "CGA-1"}, nil, "CGA-1"},
		"nothing":         {&grype.Known{}, nil, "it has nothing of curl"},
		"not at all":      {nil, errors.New("it ended with status 1; its last lines:\n  OS not present"), "its last lines: OS not present"},
	} {
		if got := doubtOf(c.known, c.err, built); (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
