package e2e

import (
	"testing"
	"time"
)

// knownElsewhere are vulnerabilities in packages of other distributions than the known-bad image's, of
// this year; of Debian 9 only an old one.
const knownElsewhere = known + `os-pkgs openssl 1.1.2 CVE-2026-99011 HIGH debian@11
os-pkgs openssl 3.5.4 CVE-2026-99013 HIGH debian@13
os-pkgs curl 8.6.0 CVE-2026-99014 HIGH ubuntu@24.04
os-pkgs openssl 3.3.9-r0 CVE-2026-99015 HIGH alpine@3.20
os-pkgs openssl 1.1.0 CVE-2019-99009 HIGH debian@9
`

const alpinePackages = "P:zlib\nV:1.3.1-r1\nA:x86_64\nT:z\no:zlib\nL:Zlib\n\nP:musl\nV:1.2.5-r0\nA:x86_64\nT:m\no:musl\nL:MIT\n"

// tarAlone is a package of which nothing is known: without a version grype takes any release for it.
const tarAlone = "Package: tar\nStatus: install ok installed\nMaintainer: x <x@example.org>\nArchitecture: amd64\nVersion: 1.34+dfsg-1.2\nDescription: t\n"

// distribution is an image in which grype finds nothing.
type distribution struct {
	about, database, packages string // of /etc/os-release; where the packages stand, and what
	code                      int
	says                      string
}

// distributions are such of others than the known-bad image's. Of those of RPM there is none, whose
// database nobody writes by hand; what grype is asked is the same.
func distributions() map[string]distribution {
	const dpkg, apk = "var/lib/dpkg/status", "lib/apk/db/installed"
	return map[string]distribution{
		"Debian 11":    {"ID=debian\nVERSION_ID=11\n", dpkg, debianPackages, 0, "2 packages"},
		"Debian 13":    {"ID=debian\nVERSION_ID=13\n", dpkg, debianPackages, 0, "2 packages"},
		"Ubuntu 24.04": {"ID=ubuntu\nID_LIKE=debian\nVERSION_ID=24.04\n", dpkg, debianPackages, 0, "2 packages"},
		"Alpine 3.20":  {"ID=alpine\nVERSION_ID=3.20.3\n", apk, alpinePackages, 0, "2 packages"},
		"Alpine 3.99":  {"ID=alpine\nVERSION_ID=3.99.0\n", apk, alpinePackages, 1, "it has nothing of curl and openssl there"},
		"Debian 9":     {"ID=debian\nVERSION_ID=9\n", dpkg, debianPackages, 1, "the newest that it has of curl and openssl there is \"CVE-2019-99009\""},
		"Debian 14":    {"ID=debian\nVERSION_ID=14\n", dpkg, debianPackages, 1, "OS not present"},
		"Debian 7":     {"ID=debian\nVERSION_ID=7\n", dpkg, debianPackages, 1, "has reached its end of life"},
		"Debian sid":   {"ID=debian\n", dpkg, tarAlone, 1, "it has no version that grype can be asked for"},
	}
}

// An image of another distribution than the known-bad one, in which the real grype finds nothing, is a scan
// where its database shows that it knows the release, and is refused where it does not.
func TestScanRealDistributions(t *testing.T) {
	s := realScanners[0]
	dir := s.built(t)
	p := shows(t, "scans", "an image in which the real grype finds nothing counts where its database knows the distribution, and says why where not")
	l := newScanLab(t)
	s.imported(l, dir)
	db := s.written(l, dir, knownElsewhere, time.Now().Add(-time.Hour))
	for name, c := range distributions() {
		image := l.imageOf(t, map[string]string{"etc/os-release": c.about, c.database: c.packages})
		s.holds(p, l, name, c.says, c.code, "scan", image, "--scanner", s.name, "--db", db)
	}
	l.empty()
}
