package image_test

import (
	"archive/tar"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/test/oci"
)

var capable = map[string]string{"security.capability": "\x01\x00\x00\x02\x00\x20\x00\x00"}

// told are the paths of a list, each with where it is so.
func told(l image.List) string {
	var out []string
	for _, f := range l.Files {
		where := ""
		for _, w := range []string{"vfs", "overlay", "keeps what it links to", "not there"} {
			if strings.Contains(f.Note, w) {
				where = "(" + strings.Fields(w)[0] + ")"
			}
		}
		out = append(out, f.Path+where)
	}
	return strings.Join(out, " ")
}

func hard(name, to string, mode int64) oci.Entry {
	return oci.Entry{Name: name, Link: to, Mode: mode, Typeflag: tar.TypeLink}
}

// Every way is told in which an image has a file with rights though no entry that is left
// says so, and where engines differ, which kind makes it.
func TestLayers(t *testing.T) {
	suid := func(name string) oci.Entry { return oci.Entry{Name: name, Mode: 0o4755} }
	for what, c := range map[string]struct {
		base            []oci.Entry
		over            [][]oci.Entry
		setuid, capable string
	}{
		"a hard link keeps capabilities of a lower layer's file that goes": {
			base: []oci.Entry{{Name: "bin/a", Xattrs: capable}}, over: [][]oci.Entry{{hard("bin/b", "bin/a", 0), {Name: "bin/.wh.a"}}}, capable: "/bin/b"},
		"a hard link of another owner": {
			base:    []oci.Entry{{Name: "bin/a", Xattrs: capable}, {Name: "bin/b", Link: "bin/a", UID: 1, Typeflag: tar.TypeLink}},
			capable: "/bin/a(keeps) /bin/b(keeps)"},
		"a hard link whose entry says less": {
			base: []oci.Entry{suid("bin/a")}, over: [][]oci.Entry{{hard("bin/b", "bin/a", 0o755)}}, setuid: "/bin/a(overlay) /bin/b(keeps)"},
		"a hard link whose entry says more": {
			base: []oci.Entry{{Name: "bin/a"}}, over: [][]oci.Entry{{hard("bin/b", "/bin/a", 0o6755)}}, setuid: "/bin/a(vfs) /bin/b"},
		"a hard link whose entry says more, and one that takes it away": {
			base: []oci.Entry{{Name: "bin/a"}}, over: [][]oci.Entry{{hard("bin/b", "bin/a", 0o4755)}, {hard("bin/c", "bin/a", 0o755)}}, setuid: "/bin/b(overlay)"},
		"what each engine has other rights of": {
			base: []oci.Entry{suid("opt/su"), {Name: "lib", Link: "opt"}}, over: [][]oci.Entry{{{Name: "lib/su", Mode: 0o2755, UID: 1000}}}, setuid: "/lib/su(overlay) /opt/su(vfs) /opt/su(overlay)"},
		"a hard link to nothing": {base: []oci.Entry{hard("bin/b", "bin/none", 0o4755)}, setuid: "/bin/b(not)"},
		"a file that replaces one of two names": {
			base: []oci.Entry{suid("bin/a"), hard("bin/b", "bin/a", 0o4755)}, over: [][]oci.Entry{{{Name: "bin/a"}}}, setuid: "/bin/b"},
		"a hard link through a link": {
			base: []oci.Entry{suid("usr/bin/a"), {Name: "bin", Link: "usr/bin"}}, over: [][]oci.Entry{{hard("b", "bin/a", 0o4755)}}, setuid: "/b /usr/bin/a"},
		"written through a link that is written again": {
			base: []oci.Entry{{Name: "usr/lib/"}, {Name: "lib", Link: "usr/lib"}}, over: [][]oci.Entry{{suid("lib/su")}, {{Name: "lib", Link: "usr/lib"}}},
			setuid: "/usr/lib/su(vfs)"},
		"through a link to the root and back": {
			base: []oci.Entry{{Name: "usr/lib/"}, {Name: "lib", Link: "/../../usr/./lib"}, suid("lib/su")}, setuid: "/usr/lib/su"},
		"a link in the place of a directory": {
			base: []oci.Entry{{Name: "opt/"}, suid("lib/su")}, over: [][]oci.Entry{{{Name: "lib", Link: "opt"}}}},
		"a directory in the place of a link": {
			base: []oci.Entry{suid("opt/su"), {Name: "lib", Link: "opt"}}, over: [][]oci.Entry{{{Name: "lib/"}, {Name: ".wh.opt"}, suid("lib/b")}}, setuid: "/lib/b"},
		"a whiteout before what it names": {
			base: []oci.Entry{suid("opt/su")}, over: [][]oci.Entry{{{Name: ".wh.opt"}, {Name: "opt/"}}}, setuid: "/opt/su(overlay)"},
		"a whiteout after what it names": {
			base: []oci.Entry{suid("opt/old")}, over: [][]oci.Entry{{suid("opt/new"), {Name: ".wh.opt"}}}, setuid: "/opt/new(overlay)"},
		"an opaque directory": {
			base: []oci.Entry{suid("opt/old")}, over: [][]oci.Entry{{suid("opt/new"), {Name: "opt/.wh..wh..opq"}}}, setuid: "/opt/new"},
		"an opaque directory through a link": {
			base: []oci.Entry{suid("opt/old"), {Name: "lib", Link: "opt"}}, over: [][]oci.Entry{{{Name: "lib/.wh..wh..opq"}}}, setuid: "/opt/old"},
		"a whiteout through a link": {
			base: []oci.Entry{suid("opt/su"), {Name: "lib", Link: "opt"}}, over: [][]oci.Entry{{{Name: "lib/.wh.su"}}}, setuid: "/opt/su(overlay)"},
		"a whiteout of the directory that it is in": {
			base: []oci.Entry{suid("opt/su")}, over: [][]oci.Entry{{{Name: "opt/.wh.."}}}, setuid: "/opt/su(overlay)"},
		"a device in the place of a file": {
			base: []oci.Entry{suid("opt/su")}, over: [][]oci.Entry{{{Name: "opt/su", Typeflag: tar.TypeChar}}}, setuid: "/opt/su(overlay)"},
		"a directory in the place of a file, not named": {
			base: []oci.Entry{{Name: "opt"}}, over: [][]oci.Entry{{suid("opt/su")}}, setuid: "/opt/su(overlay)"},
		"a link in the place of a directory, and a directory in its own": {
			base: []oci.Entry{{Name: "opt/"}, suid("lib/su")}, over: [][]oci.Entry{{{Name: "lib", Link: "/opt"}, {Name: "lib/"}}}, setuid: "/lib/su(overlay)"},
		"a name with ..": {base: []oci.Entry{suid("a/../bin/su"), suid("../../top")}, setuid: "/bin/su /top"},
		"what aufs linked": {
			base:   []oci.Entry{suid(".wh..wh.plnk/1.2"), hard("bin/su", ".wh..wh.plnk/1.2", 0o755)},
			setuid: "/.wh..wh.plnk/1.2(keeps) /bin/su(vfs)"},
	} {
		f := walked(t, oci.Image{Base: c.base, Over: c.over})
		if got := told(f.Setuid); got != c.setuid {
			t.Errorf("%s: set-user-ID %q, want %q", what, got, c.setuid)
		}
		if got := told(f.Capable); got != c.capable {
			t.Errorf("%s: capabilities %q, want %q", what, got, c.capable)
		}
		if n := len(f.Setuid.Files); f.Count < n {
			t.Errorf("%s: %d files of %d", what, n, f.Count)
		}
	}
}

// What no engine makes of a layer, or what a storage driver takes for another file, is odd.
func TestOddNames(t *testing.T) {
	f := walked(t, oci.Image{Base: []oci.Entry{
		{Name: "bin"}, {Name: "bin/a"}, {Name: "x", Link: "y"}, {Name: "y", Link: "x"}, {Name: "x/a"}, {Name: "gone", Link: "/new/place"}, {Name: "gone/su", Mode: 0o4755},
		{Name: "b", Xattrs: map[string]string{"user.containers.override_stat": "0:0:04755"}}, {Name: strings.Repeat("a/", maxDepth)},
	}})
	if got, want := paths(f.Odd), "/b /bin/a /x/a a/a"; !strings.HasPrefix(got, want) || len(f.Odd.Files) != 4 {
		t.Errorf("odd: %q, want %q and one more", got, want)
	}
	if got := paths(f.Setuid); got != "/new/place/su" {
		t.Errorf("set-user-ID: %q", got)
	}
}

// maxDepth is more than a name has directories.
const maxDepth = 2100

// Who the image's user is says its own /etc/passwd, wherever that lies; of a file that was
// not read as such nothing is said.
func TestUsers(t *testing.T) {
	users := passwd
	for what, c := range map[string]struct {
		base []oci.Entry
		over []oci.Entry
		uid  int
	}{
		"by its name":         {base: []oci.Entry{users}, uid: 1000},
		"through a link":      {base: []oci.Entry{{Name: "etc", Link: "usr/etc"}, {Name: "usr/etc/"}, users}, uid: 1000},
		"replaced":            {base: []oci.Entry{users}, over: []oci.Entry{{Name: "etc/passwd"}}, uid: -1},
		"removed":             {base: []oci.Entry{users}, over: []oci.Entry{{Name: "etc/.wh.passwd"}}, uid: -1},
		"another of its name": {base: []oci.Entry{users}, over: []oci.Entry{{Name: "usr/bin/passwd"}}, uid: 1000},
		"a link to another":   {base: []oci.Entry{users, {Name: "p"}}, over: []oci.Entry{hard("etc/passwd", "p", 0)}, uid: -1},
	} {
		f := walked(t, oci.Image{Config: oci.Config{User: "ibm-user"}, Base: c.base, Over: [][]oci.Entry{c.over}})
		if f.UID != c.uid {
			t.Errorf("%s: uid %d, want %d", what, f.UID, c.uid)
		}
	}
}

// What is drawn is read, and the same each time.
func TestDrawn(t *testing.T) {
	for seed := range uint64(60) {
		img := oci.Draw(rand.New(rand.NewPCG(seed, 1)))
		f, again := walked(t, img), walked(t, oci.Draw(rand.New(rand.NewPCG(seed, 1))))
		if told(f.Setuid) != told(again.Setuid) || told(f.Capable) != told(again.Capable) || f.Count != again.Count {
			t.Errorf("%d: %v and %v", seed, f, again)
		}
	}
}
