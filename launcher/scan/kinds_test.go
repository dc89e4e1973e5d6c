package scan_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// What nobody here knows the packages of has none, and a family's word is its name as a scanner has it.
func TestKind(t *testing.T) {
	for id, want := range map[string]string{
		"debian": "deb", "ubuntu": "deb", "alpine": "apk", "wolfi": "apk", "redhat": "rpm", "rhel": "rpm", "sles": "rpm", "kali": "", "foo": "", "": "",
	} {
		if got := (scan.Distro{ID: id}).Kind(); got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	for purl, want := range map[string]string{
		"pkg:deb/debian/tar@1": "deb", "pkg:RPM/a@1": "rpm", "pkg:deb": "", "deb/x": "", "": "", "pkg:/x": "",
	} {
		if got := scan.KindOf(purl); got != want {
			t.Errorf("%s: %q", purl, got)
		}
	}
}

// How many are told apart is bounded, and those that are stay counted.
func TestSaw(t *testing.T) {
	s := &scan.Scan{}
	for i := range 1000 {
		s.Saw("deb", 2)
		s.Saw(string(rune('a'+i%26))+string(rune('a'+i/26)), 1)
	}
	if s.Saw("", 1); s.Kinds["deb"] != 2000 || len(s.Kinds) != 100 {
		t.Errorf("%d of %d", s.Kinds["deb"], len(s.Kinds))
	}
}
