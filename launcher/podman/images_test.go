package podman

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

func TestInfo(t *testing.T) {
	ctx, e := realEngine(t)
	i, err := e.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", *i)
	if !i.Rootless || i.Version != e.Version() || i.Arch == "" || i.Runtime.Path == "" || i.Conmon.Path == "" ||
		i.GraphRoot == "" || i.VolumePath == "" || len(i.UIDMap) == 0 || i.UIDMap[0].HostID != int64(os.Getuid()) ||
		!strings.HasPrefix(i.CgroupVersion, "v") || len(i.Capabilities) == 0 || strings.Contains(i.Runtime.Version, "\n") {
		t.Error("something is missing")
	}
}

func TestImage(t *testing.T) {
	ctx, e := realEngine(t)
	importImage(t, e)
	img, err := e.Image(ctx, realImage)
	if err != nil {
		t.Fatal(err)
	}
	if !isID(img.ID) || img.User != "ibm-user:extra" || img.Arch == "" || img.OS != "linux" || img.Size == 0 ||
		!slices.Contains(img.Env, "A=b") || !slices.Equal(img.Cmd, []string{"/bin/sh"}) || img.Labels["x"] != "y" ||
		!slices.Equal(img.Volumes, []string{"/data"}) || !slices.Contains(img.RepoTags, realImage) || !strings.HasPrefix(img.Digest, "sha256:") {
		t.Errorf("%+v", img)
	}
	for _, ref := range []string{"localhost/zlaunch-none:latest", "localhost/zlaunch-none@sha256:" + strings.Repeat("0", 64), strings.Repeat("0", 64)} {
		if _, err := e.Image(ctx, ref); !errors.Is(err, ErrNoImage) || hint.Of(err) == "" {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

func TestImageName(t *testing.T) {
	ctx, e := realEngine(t)
	for _, ref := range []string{"a.example/B:1", "a.example/b@sha256:..."} {
		if _, err := e.Image(ctx, ref); !errors.Is(err, ErrImageName) || hint.Of(err) == "" {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

// readImageFile reads one file out of an image.
func readImageFile(ctx context.Context, e *Engine, imageID, name string) (data []byte, err error) {
	rs := readersOf(e)
	err = rs.readImage(ctx, imageID, func(ctx context.Context, id string) (err error) {
		data, err = rs.readContainerFile(ctx, id, name)
		return err
	})
	return data, err
}

func TestReadImageFile(t *testing.T) {
	ctx, e := realEngine(t)
	importImage(t, e)
	img, err := e.Image(ctx, realImage)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/etc/passwd", "etc/../etc/passwd", "/etc/link"} {
		data, err := readImageFile(ctx, e, img.ID, name)
		if err != nil || !bytes.Contains(data, []byte("ibm-user:x:1000:100")) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	// A link out of the image stays inside it.
	if data, err := readImageFile(ctx, e, img.ID, "/etc/group-outside"); err != nil || !bytes.Contains(data, []byte("extra:x:77")) {
		t.Errorf("a link that climbs: %q, %v", data, err)
	}
	if data, err := readImageFile(ctx, e, img.ID, "/etc/outside"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link to the engine's /proc: %q, %v", data, err)
	}
	for name, want := range map[string]string{"/etc/fifo": "regular", "/etc/to-fifo": "regular", "/etc": "regular", "/etc/to-dir": "regular", "/etc/big": "more than", "/etc/loop": ""} {
		if data, err := readImageFile(ctx, e, img.ID, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %.40q, %v", name, data, err)
		}
	}
	// What is too large to be read is there all the same.
	if has, err := e.Roots.Has(ctx, img.ID, []string{"/etc/big", "/etc/link", "/etc/none"}); err != nil || !slices.Equal(has, []string{"/etc/big", "/etc/link"}) {
		t.Errorf("it has %v, %v", has, err)
	}
	if _, err := readImageFile(ctx, e, img.ID, "/etc/to-none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link to nothing: %v", err)
	}
	if _, err := readImageFile(ctx, e, img.ID, "/etc/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	readersOf(e).readImage(cancelled, img.ID, func(context.Context, string) error { cancel(); return cancelled.Err() })
	if left, err := e.Containers.List(ctx, map[string]string{claim.ReaderLabel: ""}); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A reader whose program was killed is removed by the next; that of a living one
// stays, and so does what is a reader by its label alone, or was started.
func TestReapReaders(t *testing.T) {
	ctx, e := realEngine(t)
	e.Claims = claim.Dir(t.TempDir())
	made := func(owner string, claimed, asked bool) string {
		c := claim.Claim{Kind: claim.Reader, Token: claim.NewToken(), Engine: e.Place(), Time: time.Now(), Owner: owner}
		c.Name = "zlaunch-podman-test-" + c.Token[:8]
		id := bare(t, e, []string{"/bin/sleep", "60"}, map[string]any{"name": c.Name, "labels": map[string]string{claim.ReaderLabel: c.Token}})
		if !asked {
			c.ID = id
		}
		if claimed {
			if err := e.Claims.Put(c); err != nil {
				t.Fatal(err)
			}
		}
		return id
	}
	dead, unanswered, alive := made("2-1", true, false), made("2-1", true, true), made(thisProcess(), true, false)
	labelled, started := made("2-1", false, false), made("2-1", true, false)
	if err := e.Containers.Start(ctx, started); err != nil {
		t.Fatal(err)
	}
	if err := readersOf(e).reap(ctx); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{dead: false, unanswered: false, alive: true, labelled: true, started: true} {
		if got, err := e.Containers.Exists(ctx, id); got != want || err != nil {
			t.Errorf("%s: exists %t, want %t, %v", id, got, want, err)
		}
	}
}

func TestLookupUser(t *testing.T) {
	ctx, e := realEngine(t)
	importImage(t, e)
	img, err := e.Image(ctx, realImage)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second is from the cache
		uid, gid, home, err := e.LookupUser(ctx, img)
		if err != nil || uid != 1000 || gid != 77 || home != "/home/ibm-user" {
			t.Errorf("%d:%d %s, %v", uid, gid, home, err)
		}
	}
	if _, err := os.Stat(userCache(e.cacheDir, img)); err != nil {
		t.Errorf("nothing was kept: %v", err)
	}
	bad := &effective.Image{ID: img.ID, User: "nobody-here"}
	e.cacheDir = ""
	if _, _, _, err := e.LookupUser(ctx, bad); err == nil || hint.Of(err) == "" {
		t.Errorf("an unknown user: %v", err)
	}
}

func TestParseIdentity(t *testing.T) {
	passwd := "root:x:0:0::/root:\n#c\n\nu:x:1000:100::/home/u:\nbad:x:-5:1::/:\nbig:x:99999999999:1::/:\n1234:x:7:7::/seven:\nrel:x:8:8::home:\n" +
		"hex:x:0x3e8:5::/:\ntwice:x:0:0::/:\ntwice:x:1000:1000::/:\ncr:x:9:9::/:\r\n0x0:x:0:0::/:\n"
	group := "root:x:0:\nusers:x:100:u\nwheel:x:10:u\n"
	tests := []struct {
		user string
		want identity
		ok   bool
	}{
		{"", identity{0, 0, "/root"}, true},
		{"u", identity{1000, 100, "/home/u"}, true},
		{"u:wheel", identity{1000, 10, "/home/u"}, true},
		{"1000", identity{1000, 100, "/home/u"}, true},
		{"1000:5", identity{1000, 5, "/home/u"}, true},
		{"4242", identity{4242, 0, "/"}, true},
		{"4242:4243", identity{4242, 4243, "/"}, true},
		{"1234", identity{1234, 0, "/"}, true}, // a number is a uid, whatever names there are
		{"rel", identity{8, 8, "/"}, true},
		{"hex", identity{0, 5, "/"}, true},   // no number: 0 to the package that Podman uses too, though 4.3 then refuses it
		{"twice", identity{0, 0, "/"}, true}, // the first line counts
		{"cr", identity{9, 9, "/"}, true},
		{"0x0", identity{0, 0, "/"}, true}, // no number: a name
		{"+0", identity{0, 0, "/root"}, true},
		{"00", identity{0, 0, "/root"}, true},
		{" 0", identity{}, false},
		{"4294967296", identity{}, false},
		{"none", identity{}, false},
		{"u:none", identity{}, false},
		{"bad", identity{}, false},
		{"big", identity{}, false},
		{"99999999999", identity{}, false},
		{"-1", identity{}, false},
		{"a:b:c", identity{}, false},
		{"u\nroot", identity{}, false},
	}
	for _, tt := range tests {
		got, err := parseIdentity(tt.user, []byte(passwd), []byte(group))
		if (err == nil) != tt.ok || got != tt.want {
			t.Errorf("%q: %v, %v", tt.user, got, err)
		}
	}
	if got, err := parseIdentity("5:6", nil, nil); err != nil || got != (identity{5, 6, "/"}) {
		t.Errorf("no files: %v, %v", got, err)
	}
}

func FuzzParseIdentity(f *testing.F) {
	f.Add("u:g", []byte("u:x:1:2::/h:/s\n"), []byte("g:x:3:u\n"))
	f.Add("", []byte(":::"), []byte(":"))
	f.Fuzz(func(t *testing.T, spec string, passwd, group []byte) {
		id, err := parseIdentity(spec, passwd, group)
		if err == nil && (id.UID < 0 || id.GID < 0 || !filepath.IsAbs(id.Home)) {
			t.Errorf("%q: %+v", spec, id)
		}
	})
}

func FuzzParseStat(f *testing.F) {
	for _, st := range []string{`{"size":0,"mode":33554852,"linkTarget":"/etc/passwd"}`, `{"size":9,"mode":420}`, `{"mode":134218239,"linkTarget":"x"}`, `{"size":-1}`} {
		f.Add(base64.StdEncoding.EncodeToString([]byte(st)))
	}
	f.Add("")
	f.Add("%")
	f.Fuzz(func(t *testing.T, header string) {
		_, _ = parseStat(header)
	})
}

// A path is read where it is told to be a regular file, and only there.
func TestParseStat(t *testing.T) {
	for st, want := range map[string]string{
		`{"size":0,"mode":33554852,"linkTarget":"/etc/passwd"}`: "not a regular file", // a pipe
		`{"size":9,"mode":420,"linkTarget":"/etc/passwd"}`:      "",
		`{"size":9,"mode":2147484141}`:                          "not a regular file", // a directory
		`{"size":1048577,"mode":420}`:                           "more than",
		`{"mode":134218239,"linkTarget":"/x"}`:                  "",
		`{"mode":134218239}`:                                    "not a regular file",
		`[`:                                                     "not told",
	} {
		_, err := parseStat(base64.StdEncoding.EncodeToString([]byte(st)))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", st, err)
		}
	}
}

func FuzzUntarOne(f *testing.F) {
	for _, h := range []tar.Header{
		{Name: "a", Size: 3, Mode: 0o644},
		{Name: "a", Typeflag: tar.TypeSymlink, Linkname: "../b"},
		{Name: "a", Typeflag: tar.TypeDir},
		{Name: "a", Size: 1 << 40},
	} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		w.WriteHeader(&h)
		w.Write([]byte("abc"))
		w.Flush()
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, link, err := untarOne(bytes.NewReader(data))
		if len(got) > maxImageFile || err == nil && len(got) > 0 && link != "" {
			t.Errorf("%d bytes, link %q", len(got), link)
		}
	})
}
