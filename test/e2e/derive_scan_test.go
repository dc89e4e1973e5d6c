package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// mendableKnown is what the played scanner knows of the image that is mended, beside the known-bad one.
const mendableKnown = canaryKnown + `os-pkgs openssl 3.0.20 CVE-2026-99001 3.0.21 CRITICAL
os-pkgs libssl3 3.0.20 CVE-2026-99001 3.0.21 CRITICAL
os-pkgs tar 1.34 CVE-2026-99002 - MEDIUM
lang-pkgs greeting 1.0.0 CVE-2026-99010 %s HIGH
`

// prisoners are scanners that are here, in the world of an image that is mended.
func (m *mending) prisoners(mends string, ways ...string) scanLab {
	l := m.scanners(ways...)
	l.put("known", fmt.Sprintf(mendableKnown, mends))
	return l
}

// looked has a prisoner look at the image.
func (m *mending) looked(l scanLab, way string) {
	m.t.Helper()
	got := m.zlaunch("scan", mendable, "--scanner", "scan-"+way, "--db", l.database, "--waive", "ZL-104=a test host")
	if got.code != 0 {
		m.t.Fatalf("scan ended with %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// What is derived is scanned by the prisoner that scanned its base and by no other that is here, with
// the database that it is given again, and its record says so.
func TestDerivePrisoner(t *testing.T) {
	p := shows(t, "derive", "the prisoner that scanned the base scans what is derived of it, and no other that is here")
	m := newMending(t)
	l := m.prisoners("1.0.1", "honest", "fails")
	before := m.settled()
	m.wants(m.derive(3, "greets", "--build").stderr, "zlaunch scan "+mendable, "zlaunch scan --import FILE")
	m.looked(l, "honest")

	os1 := m.derive(0, "greets", "--build", "--db", l.database, "--write")
	p.saw("%s", os1.stdout)
	m.wants(os1.stdout, "2 fixed, 2 remaining, 0 new, by trivy")
	m.wants(os1.stderr, "kept as the record of", "answers POST /greet as its base does")
	digest := strings.Fields(m.zlaunch("model", "digest", l.database).stdout + " none none")[1]
	record := m.zlaunch("scan", "show", mendedImage+"1", "--json").stdout
	m.wants(record, `"profile": "scan-honest"`, `"database": "`+digest)

	lib := m.derive(0, "greets", "--build", "--db", l.database, "--with-languages", "--loop", "--write")
	p.saw("%s", lib.stdout)
	m.wants(lib.stdout, "1 fixed, 1 remaining, 0 new, by trivy")
	m.wants(lib.stderr, "no newer version is known to mend anything in it")
	if strings.Contains(lib.stderr, "another database") {
		t.Errorf("the database is the same: %s", lib.stderr)
	}
	l.empty()
	m.unchanged(before)
}

// A prisoner that does not work any more does not pass what was built, which waits for one that
// does; another database is said to be one.
func TestDerivePrisonerFails(t *testing.T) {
	p := shows(t, "derive", "a prisoner whose database is empty by then: what was built waits; with another one it goes on, and says so")
	m := newMending(t)
	l := m.prisoners("1.0.1", "honest")
	before := m.settled()
	m.looked(l, "honest")
	l.put("known", "")
	got := m.derive(3, "greets", "--build", "--db", l.database)
	p.saw("%s", got.stderr[strings.Index(got.stderr, "zlaunch: error"):])
	m.wants(got.stderr, "did not find CVE-2023-5363", "zlaunch derive greets --continue "+mendedImage+"1")
	l.put("known", fmt.Sprintf(mendableKnown, "1.0.1")+"os-pkgs none 1 CVE-2026-99099\n")
	done := m.derive(0, "greets", "--continue", mendedImage+"1", "--db", l.database)
	m.wants(done.stdout, "2 fixed, 2 remaining, 0 new, by trivy")
	m.wants(done.stderr, "trivy has another database now than when it looked at the base")
	l.empty()
	m.unchanged(before)
}

// Where one of several scanners fails, what the others found is kept and shown, and the status is
// that of what could not be done.
func TestScanOneFails(t *testing.T) {
	p := shows(t, "scans", "of two scanners one fails: the other's record is kept, and the status is not 0")
	m := newMending(t)
	l := m.prisoners("1.0.1", "fails", "honest")
	got := m.zlaunch("scan", mendable, "--scanner", "scan-fails,scan-honest", "--db", "scan-fails="+l.database,
		"--db", "scan-honest="+l.database, "--waive", "ZL-104=a test host")
	p.saw("status %d: %s%s", got.code, got.stdout, got.stderr)
	if got.code != 3 {
		t.Errorf("it ended with %d", got.code)
	}
	m.wants(got.stdout, "OS-PKGS    critical  2")
	m.wants(got.stderr, "with scan-fails: it ended with status 3", "kept as the record of")
	m.wants(m.zlaunch("scan", "show", mendable).stdout, "as a prisoner")
	l.empty()
}

// A policy that asks for clean scans refuses the run of an image that has findings, and not the
// trial by which what mends them is compared with it.
func TestDeriveUnderPolicy(t *testing.T) {
	p := shows(t, "derive", "a policy on scans refuses the old image's run, and lets derive try it; it is asked of the new one's")
	m := newMending(t)
	l := m.prisoners("1.0.1", "honest")
	before := m.settled()
	m.looked(l, "honest")
	policy := m.write("scans.toml", "schema = 1\n[scan]\nrequired = true\nseverity = \"high\"\nfixable_only = true\n")
	refused := m.zlaunch(run("-d", "--policy", policy, "greets")...)
	m.wants(refused.stderr, "3 things stand against it, the first: CVE-2026-99010")
	if refused.code == 0 {
		t.Error("what the policy forbids was run")
	}
	half := m.derive(0, "greets", "--build", "--db", l.database, "--policy", policy, "--write")
	m.wants(half.stderr, "answers POST /greet as its base does", "zlaunch run refuses it yet: ")
	whole := m.derive(0, "greets", "--build", "--db", l.database, "--policy", policy, "--with-languages", "--write")
	p.saw("%s", half.stderr)
	if strings.Contains(whole.stderr, "refuses it yet") {
		t.Errorf("what has nothing left to mend is refused: %s", whole.stderr)
	}
	served := m.zlaunch(run("-d", "--policy", policy, "greets")...)
	if served.code != 0 {
		t.Errorf("what the policy lets through does not run: %s", served.stderr)
	}
	m.zlaunch("stop", "greets")
	m.unchanged(before)
}
