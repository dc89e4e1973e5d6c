package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// knownOfRPM are vulnerabilities of this year in releases whose packages are RPM's.
const knownOfRPM = known + `os-pkgs openssl 1:3.5.4-1.el9 CVE-2026-99021 HIGH redhat@9
os-pkgs openssl 3.5.4-1.el9 CVE-2026-99022 HIGH rocky@9
os-pkgs openssl 3.5.4-1.el9 CVE-2026-99023 HIGH alma@9
`

// rpmWriting has the real rpm write the database of a system with two packages, in which nothing
// is known to be wrong, and prints it.
const rpmWriting = `set -eu
cd /tmp
cat >small.spec <<'SPEC'
Name: %{called}
Version: 1.2
Release: 40.el9
Summary: a small package
License: none
Vendor: Red Hat, Inc.
BuildArch: noarch
%description
It has nothing.
%files
SPEC
for name in zlib tar; do
	rpmbuild --quiet -bb --define "called $name" --define '_rpmdir /tmp/out' small.spec
done
rpm --dbpath /tmp/db --initdb
rpm --dbpath /tmp/db --install --justdb --nodeps --nosignature $(find out -name '*.rpm')
cat /tmp/db/rpmdb.sqlite
`

// rpmDatabase is such a database. The test is skipped where nobody made the tree with rpm.
func rpmDatabase(l scanLab, dir string) string {
	l.t.Helper()
	tree := filepath.Join(dir, "rpm", "root.tar")
	if _, err := os.Stat(tree); err != nil {
		l.t.Skipf("no tree with rpm here: test/scanners/rpm makes it of Debian packages; TestUncovered has what is judged (%v)", err)
	}
	const image = "localhost/zlaunch-e2e-rpm:db"
	if out, err := exec.Command("podman", "import", "-q", tree, image).CombinedOutput(); err != nil {
		l.t.Fatalf("importing %s: %v\n%s", tree, err, out)
	}
	l.t.Cleanup(func() { _ = exec.Command("podman", "rmi", "-f", image).Run() })
	cmd := exec.Command("podman", "run", "--rm", "-i", "--network", "none", "--entrypoint", "/bin/sh", image)
	cmd.Stdin = strings.NewReader(rpmWriting)
	var said strings.Builder
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err != nil || !strings.HasPrefix(string(text), "SQLite format 3\x00") {
		l.t.Fatalf("writing a database of RPM: %v\n%s", err, said.String())
	}
	return string(text)
}

// contentManifest is what Red Hat's images say of their layers: of which repositories the packages are.
const contentManifest = `{"metadata":{"icm_version":1,"image_layer_index":0},"content_sets":["rhel-9-for-x86_64-baseos-rpms"],"image_contents":[]}`

// Images of RPM, those that IBM builds on among them, are scans where the scanners saw their packages and
// know their release.
func TestScanRealRPM(t *testing.T) {
	redHat := map[string]string{
		"etc/os-release":     "NAME=\"Red Hat Enterprise Linux\"\nID=\"rhel\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"9.4\"\n",
		"etc/redhat-release": "Red Hat Enterprise Linux release 9.4 (Plow)\n",
	}
	for _, s := range realScanners {
		t.Run(s.name, func(t *testing.T) {
			dir := s.built(t)
			p := shows(t, "scans", "an image of RPM in which the real "+s.name+" finds nothing counts where it saw its packages and its database knows the release")
			l := newScanLab(t)
			database := rpmDatabase(l, dir)
			s.imported(l, dir)
			db := s.written(l, dir, knownOfRPM, time.Now().Add(-time.Hour))
			for name, c := range map[string]struct {
				files map[string]string
				code  int
				says  string
			}{
				"Red Hat 9.4": {redHat, 0, "2 packages, redhat 9.4"},
				"UBI 9.4": {beside(redHat, "root/buildinfo/content_manifests/ubi9-container-9.4-1.json", contentManifest,
					"root/buildinfo/Dockerfile-ubi9-9.4-1", "FROM scratch\nLABEL com.redhat.component=\"ubi9-container\" architecture=\"x86_64\"\n"), 0, "2 packages, redhat 9.4"},
				"Rocky 9.4":     {map[string]string{"etc/os-release": "ID=\"rocky\"\nVERSION_ID=\"9.4\"\n", "etc/rocky-release": "Rocky Linux release 9.4 (Blue Onyx)\n"}, 0, "2 packages, rocky"},
				"AlmaLinux 9.4": {map[string]string{"etc/os-release": "ID=\"almalinux\"\nVERSION_ID=\"9.4\"\n", "etc/almalinux-release": "AlmaLinux release 9.4 (Seafoam Ocelot)\n"}, 0, "2 packages, alma"},
				"Rocky 12":      {map[string]string{"etc/os-release": "ID=\"rocky\"\nVERSION_ID=\"12.1\"\n", "etc/rocky-release": "Rocky Linux release 12.1 (X)\n"}, 1, "nothing shows that its database knows"},
			} {
				s.holds(p, l, name, c.says, c.code, "scan", l.imageOf(t, beside(c.files, "var/lib/rpm/rpmdb.sqlite", database)), "--scanner", s.name, "--db", db)
			}
			s.holds(p, l, "without its database", "nothing shows that it saw a package of", 1, "scan", l.imageOf(t, redHat), "--scanner", s.name, "--db", db)
			l.empty()
		})
	}
}

// beside is files and more of them, each a name and its text.
func beside(files map[string]string, more ...string) map[string]string {
	out := map[string]string{}
	for name, text := range files {
		out[name] = text
	}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}
