package bundle

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

func TestParseRef(t *testing.T) {
	hex := "sha256:" + strings.Repeat("a", 64)
	for s, want := range map[string]Ref{
		"oci://reg.example.com/team/fraud":         {Host: "reg.example.com", Repository: "team/fraud"},
		"oci://localhost:5000/fraud:1.4.0":         {Host: "localhost:5000", Repository: "fraud", Tag: "1.4.0"},
		"oci://[::1]:5000/fraud@" + hex:            {Host: "[::1]:5000", Repository: "fraud", Digest: hex},
		"oci://10.0.0.1/a__b/c-d.e:Latest":         {Host: "10.0.0.1", Repository: "a__b/c-d.e", Tag: "Latest"},
		"dir:/media/usb/fraud":                     {Dir: "/media/usb/fraud"},
		"dir:./with space:1.4.0":                   {Dir: "./with space", Tag: "1.4.0"},
		"dir:user@host":                            {Dir: "user@host"},
		"oci://registry/team/fraud:v1_2-rc.1":      {Host: "registry", Repository: "team/fraud", Tag: "v1_2-rc.1"},
		"oci://reg.example.com:65535/fraud:latest": {Host: "reg.example.com:65535", Repository: "fraud", Tag: "latest"},
	} {
		got, err := ParseRef(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("%s: %+v (%s), %v", s, got, got, err)
		}
	}
	if r, _ := ParseRef("oci://h/r"); r.Reference() != "latest" {
		t.Error(r.Reference())
	}
	for s, says := range map[string]string{
		"":                                 "begins with neither oci:// nor dir:",
		"reg.example.com/x":                "begins with neither",
		"https://reg.example.com/x":        "begins with neither",
		"OCI://h/r":                        "begins with neither",
		"oci://h":                          `"h" is no host`,
		"oci:///r":                         `"" is no host`,
		"oci://H/r":                        "in lower case",
		"oci://h:0/r":                      "is no host",
		"oci://h:080/r":                    "is no host",
		"oci://h:70000/r":                  "is no host",
		"oci://-h/r":                       "is no host",
		"oci://[::1%25eth0]/r":             "is no host",
		"oci://[1.2.3.4]/r":                "is no host",
		"oci://h/":                         `"" is no repository`,
		"oci://h/R":                        `"R" is no repository`,
		"oci://h/a//b":                     "is no repository",
		"oci://h/../b":                     "is no repository",
		"oci://h/a?x":                      "is no repository",
		"oci://h/a%2fb":                    "is no repository",
		"oci://h/a:":                       `"" is no tag`,
		"oci://h/a:b:c":                    `"b:c" is no tag`,
		"oci://h/a@sha256:12":              "is no sha256 digest",
		"oci://h/a@sha512:12":              "is no sha256 digest",
		"oci://h/a:t@" + hex:               "is no repository",
		"oci://h/a\x1b[2J":                 "U+001B",
		"dir:":                             "no directory",
		"dir::t":                           "no directory",
		"dir:/a:b/c":                       "no colon",
		"dir:/a\n":                         "U+000A",
		"dir:" + strings.Repeat("a", 2000): "longer than",
	} {
		if _, err := ParseRef(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", s, err)
		}
	}
	_, err := ParseRef("oci://ann:s3cret@h/r")
	if err == nil || strings.Contains(err.Error()+hint.Of(err), "s3cret") || !strings.Contains(hint.Of(err), "podman login") {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
}

// What is taken is given back, and says the same.
func FuzzRef(f *testing.F) {
	for _, s := range []string{"oci://h:5000/a/b:t", "oci://[::1]/r@sha256:", "dir:/a:b", "dir:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRef(s)
		if err != nil {
			return
		}
		again, err := ParseRef(r.String())
		if r.String() != s || err != nil || again != r || printable(s) != nil {
			t.Errorf("%q: %+v, %+v, %v", s, r, again, err)
		}
	})
}
