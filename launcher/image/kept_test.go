package image_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/test/oci"
)

func file(name, text string) oci.Entry { return oci.Entry{Name: name, Data: []byte(text)} }

// A database of packages counts in whichever layer it lies, also where an upper one removed it; of
// the files that tell a release the uppermost is the image's.
func TestKept(t *testing.T) {
	release := file("etc/os-release", "ID=debian\n")
	for name, c := range map[string]struct {
		base        []oci.Entry
		over        []oci.Entry
		kinds, tell string
	}{
		"dpkg":         {[]oci.Entry{release, file("var/lib/dpkg/status", "Package: x\n")}, nil, "deb", "etc/os-release=ID=debian"},
		"apk":          {[]oci.Entry{file("./lib/apk/db/installed", "P:x\n"), file("etc/alpine-release", "3.20")}, nil, "apk", "etc/alpine-release=3.20"},
		"rpm":          {[]oci.Entry{file("usr/lib/sysimage/rpm/rpmdb.sqlite", "x"), file("root/buildinfo/content_manifests/a.json", "{}")}, nil, "rpm", "root/buildinfo/content_manifests/a.json={}"},
		"distroless":   {[]oci.Entry{file("var/lib/dpkg/status.d/base", "Package: x\n"), file("var/lib/dpkg/status.d/base.md5sums", "x")}, nil, "deb", ""},
		"its sums":     {[]oci.Entry{file("var/lib/dpkg/status.d/base.md5sums", "x"), file("var/lib/rpm/other", "x")}, nil, "", ""},
		"empty":        {[]oci.Entry{file("var/lib/dpkg/status", ""), {Name: "var/lib/rpm/Packages/"}}, nil, "", ""},
		"a link":       {[]oci.Entry{{Name: "var/lib/dpkg/status", Link: "/opt/status"}}, nil, "deb", ""},
		"removed":      {[]oci.Entry{release, file("var/lib/dpkg/status", "x")}, []oci.Entry{{Name: "var/lib/.wh.dpkg"}, {Name: "etc/.wh.os-release"}}, "deb", ""},
		"opaque":       {[]oci.Entry{release}, []oci.Entry{{Name: "etc/.wh..wh..opq"}, file("etc/debian_version", "12.5")}, "", "etc/debian_version=12.5"},
		"replaced":     {[]oci.Entry{release}, []oci.Entry{file("etc/os-release", "ID=wolfi\n")}, "", "etc/os-release=ID=wolfi"},
		"by a link":    {[]oci.Entry{release}, []oci.Entry{{Name: "etc/os-release", Link: "/etc/x"}}, "", ""},
		"two":          {[]oci.Entry{file("var/lib/rpm/Packages", "x"), file("lib/apk/db/installed", "x")}, nil, "apk rpm", ""},
		"of languages": {[]oci.Entry{file("usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA", "x")}, nil, "", ""},
	} {
		img := oci.Image{Base: c.base, Zip: true}
		if c.over != nil {
			img.Over = [][]oci.Entry{c.over}
		}
		kept, err := open(t, write(t, img)).Kept(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var tell []string
		for _, name := range slices.Sorted(maps.Keys(kept.Files)) {
			tell = append(tell, fmt.Sprintf("%s=%s", name, strings.TrimSpace(string(kept.Files[name]))))
		}
		if got := strings.Join(kept.Kinds, " "); got != c.kinds || strings.Join(tell, " ") != c.tell {
			t.Errorf("%s: %q, %q", name, got, tell)
		}
	}
}

// What tells a release is small, and there is little of it.
func TestKeptBounds(t *testing.T) {
	var many []oci.Entry
	for i := range 200 {
		many = append(many, file(fmt.Sprintf("root/buildinfo/%d", i), "x"))
	}
	for says, entries := range map[string][]oci.Entry{
		"more than 262144 bytes": {file("etc/os-release", strings.Repeat("x", 300<<10))},
		"more than 128 files":    many,
	} {
		if _, err := open(t, write(t, oci.Image{Base: entries})).Kept(context.Background()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("not %q: %v", says, err)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	img := open(t, write(t, oci.Image{Base: []oci.Entry{passwd}}))
	if _, err := img.Kept(ended); err == nil {
		t.Error("it read on")
	}
}
