package derive

import "testing"

// What is to be kept of Python is so by any spelling of its name, and of a distribution two names
// that look alike are two packages.
func TestKeepSpelled(t *testing.T) {
	for _, c := range [][2]string{{"Pillow", "pillow"}, {"pyyaml", "PyYAML"}, {"typing-extensions", "typing_extensions"}} {
		f := found("CVE-2026-1111", "pypi", c[1], "1.0", "2.0", "usr/local/lib/python3.12/site-packages/x.dist-info/METADATA")
		p, err := Make(base("/usr/bin/apt-get"), by("trivy", f), Wish{Keep: []string{c[0]}, Languages: true})
		if p != nil && len(p.Python) != 0 || p == nil && err == nil {
			t.Errorf("keep %q, found %q: %+v, %v", c[0], c[1], p, err)
		}
	}
	fs := by("trivy", found("CVE-2026-1111", "rpm", "foo_bar", "1.0", "2.0"), found("CVE-2026-1111", "rpm", "foo-bar", "1.0", "2.0"))
	if p, err := Make(base("/usr/bin/dnf"), fs, Wish{}); err != nil || len(p.Packages) != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}
