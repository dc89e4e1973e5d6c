package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// rpmImage is a tree of Debian packages with a real dnf and zypper, and small packages of RPM.
const rpmImage = "localhost/zlaunch-e2e-rpm:"

// rpmScanner prints what trivy would of a package of RPM that is in its first version.
const rpmScanner = `#!/bin/sh
set -eu
id=$(podman image inspect --format '{{.Id}}' "$1")
version=$(podman run --rm --network none --user 0 --entrypoint /usr/bin/rpm "$1" --query --queryformat '%{VERSION}-%{RELEASE}' greeting)
found=
[ "$version" != 1.0-1 ] || found='{"VulnerabilityID":"CVE-2026-99020","PkgName":"greeting","InstalledVersion":"1.0-1","FixedVersion":"1.1-1",
	"Severity":"HIGH","Status":"fixed","PkgIdentifier":{"PURL":"pkg:rpm/example/greeting@1.0-1"}}'
echo '{"SchemaVersion":2,"CreatedAt":"'"$(date -u +%FT%TZ)"'","ArtifactName":"image","ArtifactType":"container_image",
	"Metadata":{"OS":{"Family":"debian","Name":"12.5"},"ImageID":"sha256:'"$id"'"},
	"Results":[{"Target":"rpm","Class":"os-pkgs","Type":"rpm","Packages":[{"Name":"greeting","Version":"'"$version"'"}],"Vulnerabilities":['"$found"']}]}'
`

// rpmSpec makes a package of RPM that has a file with its version.
const rpmSpec = `Name: %{called}
Version: %{of}
Release: 1
Summary: a small package
License: none
BuildArch: noarch
%description
It has a file with its version.
%install
mkdir -p %{buildroot}/usr/share/%{name}
echo %{version} >%{buildroot}/usr/share/%{name}/version
%files
/usr/share/%{name}
`

// rpmMaking installs two packages in their first version, and leaves an archive that has the second, too.
// Debian's rpm keeps its database in the caller's home.
const rpmMaking = `set -eu
mkdir -p /srv/archive /etc/rpm /etc/dnf/vars /etc/yum.repos.d /etc/zypp/repos.d
echo '%_dbpath /var/lib/rpm' >>/etc/rpm/macros
echo 12 >/etc/dnf/vars/releasever
printf '[archive]\nname=archive\nbaseurl=file:///srv/archive\ngpgcheck=0\nenabled=1\nautorefresh=1\ntype=rpm-md\n' >/etc/yum.repos.d/archive.repo
cp /etc/yum.repos.d/archive.repo /etc/zypp/repos.d/
versions() {
	for name in greeting other; do
		rpmbuild --quiet -bb --define "called $name" --define "of $1" --define '_rpmdir /srv/archive' /small.spec
	done
	createrepo_c --quiet /srv/archive
}
versions 1.0
dnf --assumeyes --quiet install greeting other
versions 1.1
dnf --quiet clean all
rm -rf /root/rpmbuild /var/cache/dnf /small.spec
`

const rpmFile = `FROM scratch
ADD root.tar /
COPY small.spec making /
RUN sh /making && rm /making%s
ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin
USER 1000:1000
ENTRYPOINT ["/usr/bin/cat"]
`

// newRPM is a world with an image of one package manager of RPM. It is skipped where nobody made the tree.
func newRPM(t *testing.T, manager string) *mending {
	dir := os.Getenv("ZLAUNCH_SCANNERS")
	if dir == "" {
		dir = filepath.Join(labDir(t), "scanners", runtime.GOARCH)
	}
	tree := filepath.Join(dir, "rpm", "root.tar")
	if _, err := os.Stat(tree); err != nil {
		t.Skipf("no tree with dnf and zypper here: test/scanners/rpm makes it of Debian packages; TestContainerfile has what is run in one (%v)", err)
	}
	t.Setenv("ZLAUNCH_E2E_SLOW", "1") // an image of 200 MB is built and read
	m := &mending{world: newWorld(t)}
	clean := func() {
		names, _ := exec.Command("podman", "images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=localhost/zlaunch-e2e-rpm").Output()
		for _, name := range strings.Fields(string(names)) {
			_ = exec.Command("podman", "rmi", "-f", name).Run()
		}
	}
	clean()
	t.Cleanup(clean)
	build, others := t.TempDir(), ""
	if manager != "dnf" { // of several the first counts
		others = " /usr/bin/dnf"
	}
	err := exec.Command("cp", tree, build).Run()
	for path, text := range map[string]string{
		filepath.Join(build, "Containerfile"): fmt.Sprintf(rpmFile, others), filepath.Join(build, "small.spec"): rpmSpec,
		filepath.Join(build, "making"): rpmMaking, filepath.Join(m.dir, "scan-by"): rpmScanner,
	} {
		err = errors.Join(err, os.WriteFile(path, []byte(text), 0o755))
	}
	got := m.podman("build", "-q", "--isolation", "chroot", "--layers=false", "--pull=never", "-t", rpmImage+"1", build)
	if err != nil || got.code != 0 {
		t.Fatalf("building the image: %v %s%s", err, got.stdout, got.stderr)
	}
	return m
}

// versions are those of the packages of RPM in an image.
func (m *mending) versions(image string) string {
	m.t.Helper()
	got := m.podman("run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "/usr/bin/rpm", image, "--query", "greeting", "other")
	if got.code != 0 {
		m.t.Fatalf("%s: %s%s", image, got.stdout, got.stderr)
	}
	return strings.Join(strings.Fields(got.stdout), " ")
}

// What derive writes for package managers of RPM, the real ones carry out: the package is in the version
// that mends it, and no other is upgraded, which the archive has newer, too.
func TestDeriveRPM(t *testing.T) {
	for manager, runs := range map[string]string{"dnf": "dnf upgrade --assumeyes", "zypper": "zypper --non-interactive update"} {
		t.Run(manager, func(t *testing.T) {
			p := shows(t, "derive", "a real "+manager+" upgrades the package that is to be mended, and no other")
			m := newRPM(t, manager)
			before := m.settled()
			m.scanned(rpmImage + "1")
			got := m.derive(0, rpmImage+"1", "--build", "--network", "none", "--scan-by", "./scan-by")
			p.saw("%s%s", got.stderr, got.stdout)
			m.wants(got.stderr, runs, "'greeting'")
			m.wants(got.stdout, "1 fixed, 0 remaining, 0 new, by trivy")
			for image, want := range map[string]string{"1": "greeting-1.0-1.noarch other-1.0-1.noarch", "1-mended.1": "greeting-1.1-1.noarch other-1.0-1.noarch"} {
				if has := m.versions(rpmImage + image); has != want {
					t.Errorf("%s%s has %s, and not %s", rpmImage, image, has, want)
				}
			}
			p.saw("%s: %s", rpmImage+"1-mended.1", m.versions(rpmImage+"1-mended.1"))
			if was, now := m.inspect(rpmImage+"1", ".Config.User"), m.inspect(rpmImage+"1-mended.1", ".Config.User"); was != now {
				t.Errorf("its user was %s and is %s", was, now)
			}
			m.unchanged(before)
		})
	}
}
