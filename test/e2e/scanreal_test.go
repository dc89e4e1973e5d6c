package e2e

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/test/oci"
)

// known are the vulnerabilities of the databases that the tests make, as test/scanners/*/main.go
// reads them. Trivy looks a package of Debian up by its source, grype by either.
const known = `os-pkgs openssl 3.0.11-1~deb12u2 CVE-2023-5363 HIGH
lang-pkgs setuptools 65.5.1 CVE-2022-40897 HIGH
os-pkgs zlib1g 1:1.2.13.dfsg-2 CVE-2026-99003 CRITICAL
os-pkgs zlib 1:1.2.13.dfsg-2 CVE-2026-99003 CRITICAL
`

// canaryOnly is what is known of the known-bad image alone.
var canaryOnly = strings.Join(strings.SplitAfter(known, "\n")[:2], "")

// realScanner is a scanner that test/scanners/build has built, under the name of the image of
// the built-in profile.
type realScanner struct {
	name, image, database string // where below the directory the database lies
	zero, ended           string // why an image without packages, and one of Debian 7, is refused
}

// They are believed to know of Debian 12 alone, which they are tried on.
var realScanners = []realScanner{
	{"grype", "docker.io/anchore/grype:v0.121.3", "6/vulnerability.db", "nothing shows that it saw a package", "nothing shows that its database knows"},
	{"trivy", "ghcr.io/aquasecurity/trivy:0.74.0", "trivy.db", "nothing shows that it saw a package", "has reached its end of life"},
}

// built is where its programs are. The test is skipped where nobody built them.
func (s realScanner) built(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ZLAUNCH_SCANNERS")
	if dir == "" {
		dir = filepath.Join(labDir(t), "scanners", runtime.GOARCH)
	}
	for _, name := range []string{s.name, s.name + "-db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Skipf("no real %s: test/scanners/build makes it in some minutes, and ZLAUNCH_SCANNERS says where it is; TestScanFailsClosed shows the same of a stand-in", s.name)
		}
	}
	return dir
}

// imported makes the image of the profile out of the program alone.
func (s realScanner) imported(l scanLab, dir string) {
	l.t.Helper()
	root := l.t.TempDir()
	script := `mkdir -p "$1/etc" "$1/proc" "$1/sys" "$1/dev" "$1/run" "$1/tmp" "$1/var/tmp" && chmod 1777 "$1/tmp" "$1/var/tmp" && chmod 755 "$1" && cp "$2" "$1/" &&
		tar -C "$1" --numeric-owner --owner=0 --group=0 -cf - . | podman import -q -c 'ENTRYPOINT ["/'"$4"'"]' - "$3" >/dev/null`
	if out, err := exec.Command("sh", "-c", script, "sh", root, filepath.Join(dir, s.name), s.image, s.name).CombinedOutput(); err != nil {
		l.t.Fatalf("importing %s: %v\n%s", s.name, err, out)
	}
	l.t.Cleanup(func() { _ = exec.Command("podman", "rmi", "-f", s.image).Run() })
}

// written makes a database of a list, as of some day.
func (s realScanner) written(l scanLab, dir, list string, built time.Time) string {
	l.t.Helper()
	out := filepath.Join(l.t.TempDir(), "db")
	cmd := exec.Command(filepath.Join(dir, s.name+"-db"), out, built.UTC().Format(time.RFC3339))
	cmd.Stdin = strings.NewReader(list)
	if said, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("writing a database: %v\n%s", err, said)
	}
	return out
}

// The real scanners, as their built-in profiles have them, work as prisoners, and what they
// pass over in silence is refused.
func TestScanReal(t *testing.T) {
	for _, s := range realScanners {
		t.Run(s.name, func(t *testing.T) {
			p := shows(t, "scans", "the real "+s.name+" works as a prisoner, and what it would call clean is refused")
			dir := s.built(t)
			l := newScanLab(t)
			before := l.settled()
			s.imported(l, dir)
			s.table(t, p, l, dir)
			s.spoiled(t, p, l, dir)
			l.unchanged(before)
			l.empty()
		})
	}
}

// table holds one real scanner to what must be refused.
func (s realScanner) table(t *testing.T, p *proof, l scanLab, dir string) {
	now := time.Now().Add(-time.Hour)
	good := s.written(l, dir, known, now)
	none := filepath.Join(t.TempDir(), "none")
	if err := os.Mkdir(none, 0o700); err != nil {
		t.Fatal(err)
	}
	broken := s.written(l, dir, known, now)
	if err := os.Truncate(filepath.Join(broken, s.database), 1000); err != nil {
		t.Fatal(err)
	}
	zero, ended := l.image(t, "12", ""), l.image(t, "7", debianPackages)
	for _, c := range []struct {
		what, image, db, says string
		code                  int
		more                  []string
	}{
		{"a good database", l.layout, good, "OS-PKGS critical 1", 0, nil},
		{"--fail-on", l.layout, good, "CVE-2026-99003 in zlib1g", 1, []string{"--fail-on", "critical", "--only-fixable"}},
		{"empty database", l.layout, s.written(l, dir, "", now), "it did not find CVE-2023-5363 in openssl 3.0.9-1, nor CVE-2022-40897", 3, nil},
		{"half a database", l.layout, s.written(l, dir, strings.SplitAfter(known, "\n")[0], now), "it did not find CVE-2022-40897", 3, nil},
		{"stale database", l.layout, s.written(l, dir, known, now.Add(-2000*24*time.Hour)), "its database is stale", 3, nil},
		{"no database", l.layout, none, "", 3, nil},
		{"broken database", l.layout, broken, "", 3, nil},
		{"zero packages", zero, good, s.zero, 1, nil},
		{"end of life", ended, good, s.ended, 1, nil},
		{"nothing known of it", l.layout, s.written(l, dir, canaryOnly, now), "", 0, nil},
	} {
		s.holds(p, l, c.what, c.says, c.code, append([]string{"scan", c.image, "--scanner", s.name, "--db", c.db}, c.more...)...)
	}
}

// holds runs a scan and fails the test where it does not end as it must.
func (s realScanner) holds(p *proof, l scanLab, what, says string, code int, args ...string) {
	l.t.Helper()
	if args[1] != "--import" {
		args = append(args, "--waive", "ZL-104=a test host")
	}
	got := l.zlaunch(args...)
	said := strings.Join(strings.Fields(got.stdout+got.stderr), " ")
	p.saw("%-8s %-24s status %d: %s", s.name, what, got.code, said)
	if got.code != code || !strings.Contains(said, says) {
		l.t.Errorf("%s: it ended with %d and not %d %q: %s", what, got.code, code, says, said)
	}
}

// debianPackages are those of the image that is scanned.
const debianPackages = "Package: zlib1g\nStatus: install ok installed\nMaintainer: x <x@example.org>\nArchitecture: amd64\nSource: zlib\nVersion: 1:1.2.13.dfsg-1\nDescription: z\n\n" +
	"Package: tar\nStatus: install ok installed\nMaintainer: x <x@example.org>\nArchitecture: amd64\nVersion: 1.34+dfsg-1.2\nDescription: t\n"

// image writes an image of a release of Debian with packages of dpkg, "" none at all.
func (l scanLab) image(t *testing.T, release, packages string) string {
	t.Helper()
	about := fmt.Sprintf("ID=debian\nVERSION_ID=\"%s\"\nNAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux %[1]s\"\n", release)
	files := map[string]string{"etc/os-release": about, "etc/debian_version": release + ".5\n"}
	if packages != "" {
		files["var/lib/dpkg/status"] = packages
	}
	return l.imageOf(t, files)
}

// imageOf writes an image of files.
func (l scanLab) imageOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layout")
	var entries []oci.Entry
	for _, name := range slices.Sorted(maps.Keys(files)) {
		entries = append(entries, oci.Entry{Name: name, Data: []byte(files[name])})
	}
	if _, err := oci.Write(dir, oci.Image{Entries: entries}); err != nil {
		t.Fatal(err)
	}
	return dir
}
