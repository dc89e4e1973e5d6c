package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// scannerProfile is a scanner that the test image plays; %s is what it does with the report
// of any image but the one that it is tried on.
const scannerProfile = `
[profile.scan-%[1]s]
extends = "base"
about = "a scanner of the tests"
kind = "job"
scanner = { tool = "trivy", image = "/scan/image", database = "/scan/db" }
[profile.scan-%[1]s.container]
image = "localhost/zlaunch-e2e:latest"
pull = "never"
network = "none"
memory = "256m"
memory_swap = "256m"
args = ["scan", "%[1]s", "/scan/image", "/scan/db"]
`

// scanLab has a world with scanners, an image of known packages, and a database.
type scanLab struct {
	*world
	layout, database, room string
}

func newScanLab(t *testing.T, ways ...string) scanLab {
	l := newWorld(t).scanners(ways...)
	l.layout = l.image(t, "12", debianPackages)
	return l
}

// canaryKnown is what a database has to know: what is in the known-bad image.
const canaryKnown = "os-pkgs openssl 3.0.9-1 CVE-2023-5363\nlang-pkgs setuptools 58.1.0 CVE-2022-40897\n"

// scanners gives a world scanners, and a database.
func (w *world) scanners(ways ...string) scanLab {
	w.t.Helper()
	text := profiles
	for _, way := range ways {
		text += fmt.Sprintf(scannerProfile, way)
	}
	w.write("zlaunch/profiles.toml", text)
	l := scanLab{world: w, database: filepath.Join(w.t.TempDir(), "db"), room: w.t.TempDir()}
	w.env = append(w.env, "TMPDIR="+l.room)
	if err := os.Mkdir(l.database, 0o700); err != nil {
		w.t.Fatal(err)
	}
	l.put("known", canaryKnown+"os-pkgs zlib1g 1:1.2.13.dfsg-1 CVE-2026-99003\n")
	l.built(time.Now().Add(-time.Hour))
	return l
}

// put writes a file of the database.
func (l scanLab) put(name, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.database, name), []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// built says of which day the database is.
func (l scanLab) built(at time.Time) {
	l.put("metadata.json", fmt.Sprintf(`{"Version":2,"UpdatedAt":%q,"NextUpdate":"2099-01-01T00:00:00Z"}`, at.UTC().Format(time.RFC3339)))
}

// scan is a scan of the layout by one of the scanners.
func (l scanLab) scan(way string, more ...string) result {
	l.t.Helper()
	return l.zlaunch(append([]string{"scan", l.layout, "--scanner", "scan-" + way, "--db", l.database, "--waive", "ZL-104=a test host"}, more...)...)
}

// A scanner that works finds what is there, is proved to be a prisoner, and leaves a record
// that says so and nothing else.
func TestScanPrisoner(t *testing.T) {
	p := shows(t, "scans", "a scanner runs without a network on a read-only image and database, after it found a known-bad image, and its record says so")
	l := newScanLab(t, "honest", "escapes")
	before := l.settled()
	got := l.scan("honest", "--json")
	if got.code != 0 || !strings.Contains(got.stdout, `"CVE-2026-99003"`) || !strings.Contains(got.stdout, `"canary": "CVE-2023-5363, CVE-2022-40897"`) {
		t.Fatalf("it ended with %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	digest := l.zlaunch("model", "digest", l.database)
	if !strings.Contains(got.stdout, strings.Fields(digest.stdout + " none none")[1]) {
		t.Errorf("the record does not name the database by %s:\n%s", digest.stdout, got.stdout)
	}
	if failing := l.scan("honest", "--fail-on", "high"); failing.code != 1 || !strings.Contains(failing.stdout, "CVE-2026-99003 in zlib1g") {
		t.Errorf("with --fail-on it ended with %d: %s%s", failing.code, failing.stdout, failing.stderr)
	}
	free := l.scan("escapes")
	p.saw("a scanner that tries the network and to write: %s", strings.TrimSpace(free.stdout+free.stderr))
	if free.code != 0 {
		t.Errorf("what tries to get out ended with %d: %s", free.code, free.stderr)
	}
	l.unchanged(before)
	l.empty()
}

// empty fails the test where a scan left a directory behind.
func (l scanLab) empty() {
	l.t.Helper()
	for _, pattern := range []string{"zlaunch-scan-*", "zlaunch-canary-*"} {
		if left, _ := filepath.Glob(filepath.Join(l.room, pattern)); len(left) > 0 {
			l.t.Errorf("left behind: %q", left)
		}
	}
}

// Whatever a scanner does but work is refused by a sentence of its own, and nothing is kept.
func TestScanFailsClosed(t *testing.T) {
	p := shows(t, "scans", "a scanner that fails, lies, floods or dies, and a database that is empty, old or not there, are refused each by a message of its own")
	ways := map[string]string{
		"truncated": "it ends in the middle", "fails": "ended with status 3", "silent": "it is empty", "other": "of another image", "future": "SchemaVersion is 3",
		"blind": "saw no package at all", "ended": "has reached its end of life", "imposter": "of another image", "flood": "prints more than 128 MiB", "noise": "none that is known",
	}
	var names []string
	for way := range ways {
		names = append(names, way)
	}
	l := newScanLab(t, append(names, "honest")...)
	before := l.settled()
	said := map[string]string{}
	check := func(name, want string, status int, got result) {
		t.Helper()
		text := got.stdout + got.stderr
		p.saw("%s: %s", name, lastLine(text, want))
		if got.code != status || !strings.Contains(text, want) {
			t.Errorf("%s: it ended with %d: %s", name, got.code, text)
		}
		if other, twice := said[lastLine(text, want)]; twice {
			t.Errorf("%s and %s are refused by the same words", name, other)
		}
		said[lastLine(text, want)] = name
	}
	for _, way := range sorted(names) {
		status := 3
		if way == "blind" || way == "ended" {
			status = 1
		}
		check(way, ways[way], status, l.scan(way))
	}
	l.databases(check)
	l.unchanged(before)
	l.empty()
}

// databases are those by which no scanner can work.
func (l scanLab) databases(check func(name, want string, status int, got result)) {
	l.t.Helper()
	check("no database", "is not there", 3, l.scan("honest", "--db", filepath.Join(l.database, "none")))
	check("nobody named one", "no directory was named", 3, l.zlaunch("scan", l.layout, "--scanner", "scan-honest", "--waive", "ZL-104=a test host"))
	l.built(time.Now().Add(-30 * 24 * time.Hour))
	check("stale database", "its database is stale", 3, l.scan("honest"))
	if got := l.scan("honest", "--db-max-age", "any"); got.code != 0 {
		l.t.Errorf("any age: %d, %s", got.code, got.stderr)
	}
	l.built(time.Now().Add(48 * time.Hour))
	check("a day to come", "still to come", 3, l.scan("honest"))
	l.put("metadata.json", "{}")
	check("no age", "UpdatedAt", 3, l.scan("honest"))
	l.built(time.Now())
	l.put("known", "")
	check("empty database", "did not find CVE-2023-5363 in openssl 3.0.9-1, nor CVE-2022-40897", 3, l.scan("honest"))
	l.put("known", "os-pkgs openssl 3.0.9-1 CVE-2023-5363\n")
	check("half a database", "did not find CVE-2022-40897", 3, l.scan("honest"))
	if err := os.Remove(filepath.Join(l.database, "known")); err != nil {
		l.t.Fatal(err)
	}
	check("a database without its file", "ended with status 1", 3, l.scan("honest"))
}

// lastLine is the line of a text that has some words.
func lastLine(text, words string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, words) {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(text)
}

// A profile that is no prison is not run at all, whatever else it says.
func TestScanOpenProfile(t *testing.T) {
	shows(t, "scans", "a scanner whose profile has a network, a volume of its own or a writable root is not run")
	l := newScanLab(t, "honest")
	before := l.settled()
	text := fmt.Sprintf(scannerProfile, "open")
	for setting, want := range map[string]string{
		`network = "none"`: "network is",
		"volume.\"/data\" = { source = \"" + l.database + "\" }": "the volume /data is neither",
		"read_only = false": "read_only must be true",
		`user = "0:0"`:      "must not be root",
	} {
		changed := strings.Replace(text, `network = "none"`, `network = "none"`+"\n"+setting, 1)
		if setting == `network = "none"` {
			changed = strings.Replace(text, setting, `network = "zlaunch-scan-test"`, 1)
		}
		l.write("zlaunch/profiles.toml", profiles+changed)
		got := l.scan("open", "--waive", "ZL-501=a test", "--waive", "ZL-301=a test")
		if got.code != 3 || !strings.Contains(got.stderr, "prisoner") || !strings.Contains(got.stderr, want) {
			t.Errorf("%s: it ended with %d: %s", setting, got.code, got.stderr)
		}
	}
	l.unchanged(before)
}

// A scanner that never ends is ended by Ctrl-C, and one that somebody kills does not pass for
// one that found nothing. Nothing is left of either.
func TestScanInterrupted(t *testing.T) {
	shows(t, "scans", "Ctrl-C ends a scanner that never ends, SIGKILL one that somebody else ends, and container and directory are gone")
	l := newScanLab(t, "endless")
	before := l.settled()
	for name, c := range map[string]struct {
		end    func(cmd *exec.Cmd) error
		status int
		says   string
	}{
		"Ctrl-C": {func(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGINT) }, 130, "interrupt"},
		"killed": {func(*exec.Cmd) error {
			return exec.Command("podman", "kill", "--signal", "KILL", "zlaunch-scan-endless").Run()
		}, 3, "it was killed"},
	} {
		var said bytes.Buffer
		cmd := l.command(lab.zlaunch, "scan", l.layout, "--scanner", "scan-endless", "--db", l.database, "--waive", "ZL-104=a test host")
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		l.until("the scanner to look at the image itself", func() bool {
			out, _ := exec.Command("podman", "ps", "--filter", "status=running", "--format", "{{.Names}}").Output()
			return strings.Contains(string(out), "zlaunch-scan-endless") && len(matches(l.room, "zlaunch-canary-*")) == 0
		})
		if err := c.end(cmd); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != c.status || !strings.Contains(said.String(), c.says) {
			t.Errorf("%s: it ended with %d: %s", name, code, said.String())
		}
		l.unchanged(before)
		l.empty()
	}
}

func matches(dir, pattern string) []string {
	out, _ := filepath.Glob(filepath.Join(dir, pattern))
	return out
}
