package e2e

import (
	"cmp"
	"strings"
	"testing"
	"time"
)

// knownElsewhere are vulnerabilities in packages of other distributions than the known-bad image's, of
// this year; of Debian 9 only an old one.
const knownElsewhere = known + `os-pkgs openssl 1.1.2 CVE-2026-99011 HIGH debian@11
os-pkgs openssl 3.5.4 CVE-2026-99013 HIGH debian@13
os-pkgs curl 8.6.0 CVE-2026-99014 HIGH ubuntu@24.04
os-pkgs openssl 3.3.9-r0 CVE-2026-99015 HIGH alpine@3.22
os-pkgs openssl 1.1.0 CVE-2019-99009 HIGH debian@9
lang-pkgs six 1.16.1 CVE-2026-99016 LOW
`

const alpinePackages = "P:zlib\nV:1.3.1-r1\nA:x86_64\nT:z\no:zlib\nL:Zlib\n\nP:musl\nV:1.2.5-r0\nA:x86_64\nT:m\no:musl\nL:MIT\n"

// tarAlone is a package of which nothing is known: without a version grype takes any release for it.
const tarAlone = "Package: tar\nStatus: install ok installed\nMaintainer: x <x@example.org>\nArchitecture: amd64\nVersion: 1.34+dfsg-1.2\nDescription: t\n"

// six is a package of Python in which something low is found: it shows nothing of the distribution's.
const six = "usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA"

// distribution is an image in whose packages of a distribution nothing is found.
type distribution struct {
	about, database, packages string // of /etc/os-release, "" none; where the packages stand, and what
	code                      int    // 1 also where it is at its end of life by a scanner
	grype, trivy              string // what is said of it
}

const (
	dpkg, apk = "var/lib/dpkg/status", "lib/apk/db/installed"
	noPackage = "nothing shows that it saw a package of"
	noDistro  = "it found no distribution, and the image's layers have a database of packages: deb"
	nothing   = "it has nothing of curl and openssl there"
	unknown   = "nothing shows that its database knows "
	ended     = "has reached its end of life"
)

// distributions are such of others than the known-bad image's; those of RPM, whose database nobody
// writes by hand, TestScanRealRPM has.
func distributions() map[string]distribution {
	const wolfi = "ID=wolfi\nVERSION_ID=20230201\n"
	return map[string]distribution{
		"Debian 11":    {"ID=debian\nVERSION_ID=11\n", dpkg, debianPackages, 0, "3 packages", ended},
		"Debian 13":    {"ID=debian\nVERSION_ID=13\n", dpkg, debianPackages, 0, "3 packages", "3 packages, debian 13.5"},
		"Ubuntu 24.04": {"ID=ubuntu\nID_LIKE=debian\nVERSION_ID=24.04\n", dpkg, debianPackages, 0, "3 packages", "3 packages, ubuntu 24.04"},
		"Alpine 3.22":  {"ID=alpine\nVERSION_ID=3.22.3\n", apk, alpinePackages, 0, "3 packages", "3 packages, alpine 3.22.3"},
		"Alpine 3.99":  {"ID=alpine\nVERSION_ID=3.99.0\n", apk, alpinePackages, 1, nothing, nothing},
		"Debian 9":     {"ID=debian\nVERSION_ID=9\n", dpkg, debianPackages, 1, "the newest that it has of curl and openssl there is \"CVE-2019-99009\"", ended},
		"Debian 14":    {"ID=debian\nVERSION_ID=14\n", dpkg, debianPackages, 1, "OS not present", nothing},
		"Debian 99":    {"ID=debian\nVERSION_ID=99\n", dpkg, debianPackages, 1, "OS not present", nothing},
		"Debian 7":     {"ID=debian\nVERSION_ID=7\n", dpkg, debianPackages, 1, unknown + "\"debian 7.5\"", ended},
		"Debian sid":   {"ID=debian\n", dpkg, tarAlone, 1, "it found no version of \"debian\"", nothing},

		"no os-release":      {"", dpkg, debianPackages, 1, noDistro, noDistro},
		"foo":                {"ID=foo\nVERSION_ID=12\n", dpkg, debianPackages, 1, noDistro, noDistro},
		"Kali":               {"ID=kali\nID_LIKE=debian\nVERSION_ID=2026.1\n", dpkg, debianPackages, 1, unknown + "\"debian 2026.1\"", noDistro},
		"Wolfi of dpkg":      {wolfi, dpkg, debianPackages, 1, noPackage, "are apk, and the image has such of deb"},
		"Debian, no package": {"ID=debian\nVERSION_ID=12\n", "etc/x", "x", 1, noPackage, noPackage},
		"from scratch":       {"", "etc/x", "x", 1, "nothing shows what the image is made of", "nothing shows what the image is made of"},
	}
}

// files are those of such an image, with a package of Python. Trivy tells Debian and Ubuntu by others than
// os-release.
func (c distribution) files() map[string]string {
	out := map[string]string{c.database: c.packages, six: "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n"}
	if c.about != "" {
		out["etc/os-release"] = c.about
	}
	_, release, _ := strings.Cut(c.about, "VERSION_ID=")
	release = strings.TrimSpace(release)
	switch {
	case strings.HasPrefix(c.about, "ID=debian"):
		out["etc/debian_version"] = cmp.Or(strings.TrimPrefix(release+".5", ".5"), "trixie/sid") + "\n"
	case strings.HasPrefix(c.about, "ID=ubuntu"):
		out["etc/lsb-release"] = "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=" + release + "\n"
	}
	return out
}

// An image in whose packages of a distribution the real scanners find nothing is a scan where it is shown
// that they saw such, and that their database knows the release; it is refused where not, and says why. What
// they find of a language shows nothing of it.
func TestScanRealDistributions(t *testing.T) {
	for _, s := range realScanners {
		t.Run(s.name, func(t *testing.T) {
			dir := s.built(t)
			p := shows(t, "scans", "an image in whose packages the real "+s.name+" finds nothing counts where it saw them and its database knows the release, and says why where not")
			l := newScanLab(t)
			s.imported(l, dir)
			db := s.written(l, dir, knownElsewhere, time.Now().Add(-time.Hour))
			for name, c := range distributions() {
				says := map[string]string{"grype": c.grype, "trivy": c.trivy}[s.name]
				code := c.code
				if says == ended {
					code = 1
				}
				s.holds(p, l, name, says, code, "scan", l.imageOf(t, c.files()), "--scanner", s.name, "--db", db)
			}
			l.empty()
		})
	}
}
