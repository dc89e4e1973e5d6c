package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// spoiledProfile is a profile of a real scanner, %[2]s, with other arguments, %[3]s, and more, %[4]s.
const spoiledProfile = `
[profile.%[2]s-%[1]s]
extends = "%[2]s"
about   = "a real scanner, and what becomes of it"
[profile.%[2]s-%[1]s.container]
args = [%[3]s]
%[4]s
`

// words are the arguments of the real scanner: those of the built-in profile, and those by which it
// updates its database.
func (s realScanner) words() (own, online []string) {
	if s.name == "grype" {
		own = []string{"oci-dir:/scan/image", "--output", "json"}
		return own, own
	}
	own = strings.Fields("image --input /scan/image --format json --list-all-pkgs --scanners vuln" +
		" --cache-dir /scan/cache --cache-backend memory --skip-db-update --skip-java-db-update --skip-version-check --disable-telemetry --offline-scan --no-progress")
	return own, strings.Fields(strings.Replace(strings.Join(own, " "), "--skip-db-update ", "", 1))
}

// spoiled holds a real scanner to what becomes of its report on the way, and of a wish for a network.
// That part alone is played, by the workload of the tests around it: the scanner is the real one.
func (s realScanner) spoiled(t *testing.T, p *proof, l scanLab, dir string) {
	own, online := s.words()
	image := s.wrapped(l, dir)
	text := profiles
	for _, way := range []string{"truncated", "future", "other", "killed"} {
		words := tomlWords(append([]string{"spoil", way, "/" + s.name}, own...))
		text += fmt.Sprintf(spoiledProfile, way, s.name, words, fmt.Sprintf("image = %q\npull = \"never\"", image))
	}
	const empty = `env = { GRYPE_DB_AUTO_UPDATE = "true", GRYPE_DB_CACHE_DIR = "/tmp/db" }` // of grype; trivy's is too old for it
	text += fmt.Sprintf(spoiledProfile, "online", s.name, tomlWords(online), empty)
	l.write("zlaunch/profiles.toml", text)
	good := s.written(l, dir, known, time.Now().Add(-72*time.Hour)) // of which trivy wants a newer one
	for way, says := range map[string]string{
		"truncated": "it ends in the middle", "other": "of another image", "killed": "it was killed",
		"online": "it has no network, on purpose",
		"future": map[string]string{"grype": "reports of grype 0.x are read", "trivy": "SchemaVersion is 9"}[s.name],
	} {
		s.holds(p, l, way, says, 3, "scan", l.layout, "--scanner", s.name+"-"+way, "--db", good)
	}
	s.another(t, p, l, dir)
}

// another has a report that the real scanner printed, without a prison, of one image imported as that
// of another.
func (s realScanner) another(t *testing.T, p *proof, l scanLab, dir string) {
	t.Helper()
	database := s.written(l, dir, known, time.Now().Add(-time.Hour))
	got := l.zlaunch("scan", l.layout, "--scanner", s.name, "--db", database, "--json", "--waive", waived)
	_, digest, _ := strings.Cut(got.stdout, `"config": "`)
	digest, _, found := strings.Cut(digest, `"`)
	if !found {
		t.Fatalf("no digest in %s%s", got.stdout, got.stderr)
	}
	report := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(report, s.printed(t, dir, l.image(t, "12", debianPackages+"\n"), database), 0o600); err != nil {
		t.Fatal(err)
	}
	s.holds(p, l, "wrong image, imported", "of another image", 3, "scan", "--import", report, "--image", digest)
}

// printed is what the real scanner prints of a layout, run by hand.
func (s realScanner) printed(t *testing.T, dir, layout, database string) []byte {
	t.Helper()
	cmd := exec.Command(filepath.Join(dir, "grype"), "oci-dir:"+layout, "--output", "json")
	cmd.Env = append(os.Environ(), "GRYPE_DB_CACHE_DIR="+database, "GRYPE_DB_AUTO_UPDATE=false",
		"GRYPE_CHECK_FOR_APP_UPDATE=false")
	if s.name == "trivy" {
		words := strings.Fields("image --format json --scanners vuln --list-all-pkgs --skip-db-update" +
			" --skip-java-db-update --offline-scan --skip-version-check --input " + layout)
		cmd = exec.Command(filepath.Join(dir, "trivy"), append(words, "--cache-dir", filepath.Dir(database))...)
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return out
}

// wrapped makes an image of the scanner and of the workload, which runs the one and spoils what it prints.
func (s realScanner) wrapped(l scanLab, dir string) string {
	l.t.Helper()
	name := "localhost/zlaunch-e2e-spoiled-" + s.name + ":1"
	script := `cp "$2" "$3" "$1/" && cd "$1" && mkdir -p etc proc sys dev run tmp var/tmp && chmod 1777 tmp var/tmp && chmod 755 . &&
		tar --numeric-owner --owner=0 --group=0 -cf - . | podman import -q -c 'ENTRYPOINT ["/workload"]' - "$4" >/dev/null`
	workload := filepath.Join(lab.home, "root-1000", "workload")
	making := exec.Command("sh", "-c", script, "sh", l.t.TempDir(), filepath.Join(dir, s.name), workload, name)
	out, err := making.CombinedOutput()
	if err != nil {
		l.t.Fatalf("importing %s: %v\n%s", name, err, out)
	}
	l.t.Cleanup(func() { _ = exec.Command("podman", "rmi", "-f", name).Run() })
	return name
}

// tomlWords are words as a list of TOML has them.
func tomlWords(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, fmt.Sprintf("%q", w))
	}
	return strings.Join(out, ", ")
}
