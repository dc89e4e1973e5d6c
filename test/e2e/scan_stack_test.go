package e2e

import (
	"strings"
	"testing"
)

// A stack is scanned image by image, each once whoever runs it; one table says what each member
// has, and the status is that of the worst. A policy that asks for scans asks it of every member.
func TestScanStack(t *testing.T) {
	p := shows(t, "scans", "each image of a stack is scanned once, in one table; up asks the policy of every member's image")
	m := newMending(t)
	l := m.prisoners("1.0.1", "honest", "fails")
	const head = `schema = 1
name = "shop"
[network.inner]
internal = true
[member.a]
profile = "greets"
networks = ["inner"]
[member.b]
profile = "greets"
networks = ["inner"]
`
	const two, three = "two.toml", "three.toml"
	m.stack(two, head)
	m.stack(three, head+"[member.c]\nprofile = \"obeys\"\nmodels = \"m\"\nnetworks = [\"inner\"]\n")
	m.write("zlaunch/profiles.d/obeys.toml", stackProfile)
	makeModel(t, m.dir+"/m")
	policy := m.write("scans.toml", "schema = 1\n[scan]\nrequired = true\n")
	before := m.settled()
	scan := func(status int, file string, more ...string) result {
		t.Helper()
		got := m.zlaunch(append([]string{"scan", file, "--db", l.database, "--waive", waived}, more...)...)
		if got.code != status {
			t.Fatalf("scan %s ended with %d and not %d:\n%s%s", file, got.code, status, got.stdout, got.stderr)
		}
		return got
	}
	up := func(status int, file, says string) {
		t.Helper() // and what it starts is ended
		got := m.zlaunch("up", file, "--policy", policy, "--waive", waived)
		p.saw("up %s: %d: %s", file, got.code, lastLine(got.stderr, says))
		if got.code != status || !strings.Contains(got.stderr, says) {
			t.Errorf("up ended with %d and not %d %q: %s", got.code, status, says, got.stderr)
		}
		m.zlaunch("down", file)
	}

	up(3, two, "no scan of it is known")
	got := scan(0, two, "--scanner", "scan-honest")
	p.saw("%s", got.stdout)
	m.wants(got.stdout, "a, b    "+mendable, "OS-PKGS    critical  2", "LANG-PKGS  high      1")
	if n := strings.Count(got.stderr, "kept as the record of"); n != 1 {
		t.Errorf("one image was scanned %d times: %s", n, got.stderr)
	}
	up(0, two, "")
	up(3, three, "no scan of it is known")

	worst := scan(1, three, "--scanner", "scan-honest", "--json", "--fail-on", "critical")
	m.wants(worst.stdout, `"schema": "zlaunch.dev/scan-stack/v1"`, "saw no package at all", "CVE-2026-99001")
	m.wants(worst.stderr, "stand against 2 of 2 images of shop")
	up(3, three, "saw no package at all")
	m.wants(scan(3, three, "--scanner", "scan-fails").stdout, "nobody", "c: no scan of it is known")
	for _, form := range []string{"--sarif", "--cyclonedx"} {
		if r := m.zlaunch("scan", two, form, "--scanner", "scan-honest", "--db", l.database); r.code != 2 {
			t.Errorf("%s of a stack: %d %s", form, r.code, r.stderr)
		}
	}
	l.empty()
	m.unchanged(before)
}
