package claim

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	token = strings.Repeat("a", 32)
	id    = strings.Repeat("1", 64)
)

func TestClaims(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "zlaunch"))
	for _, k := range []Kind{Container, Network, Reader} {
		c := Claim{Kind: k, Token: token, Engine: "here", Name: "n", Time: time.Unix(7, 0).UTC()}
		if err := d.Put(c); err != nil {
			t.Fatal(err)
		}
		c.ID = id
		if err := d.Put(c); err != nil {
			t.Fatal(err)
		}
		c.Schema = schema
		got, err := d.All(k)
		if err != nil || len(got) != 1 || got[0] != c {
			t.Errorf("%s: %+v, %v", k, got, err)
		}
		for range 2 { // another zlaunch may be quicker
			if err := d.Drop(k, token); err != nil {
				t.Error(err)
			}
		}
		if _, err := d.Load(k, token); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: dropped, and there: %v", k, err)
		}
	}
	if left, _ := os.ReadDir(string(d)); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if got, err := Dir("").All(Reader); got != nil || err != nil {
		t.Errorf("no directory: %v, %v", got, err)
	}
}

// The claim of an older zlaunch holds the id alone and claims it for good.
func TestOlderClaim(t *testing.T) {
	d := Dir(t.TempDir())
	if err := os.WriteFile(d.path(Container, token), []byte(id), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := d.Load(Container, token)
	if err != nil || c.ID != id || !c.Kept || !c.Is(id, "renamed", "") || !c.On("anywhere") {
		t.Errorf("%+v, %v", c, err)
	}
}

// What cannot be read claims nothing, is told, hides no other claim and stays.
func TestUnreadableClaims(t *testing.T) {
	good, err := json.Marshal(Claim{Schema: schema, Kind: Container, Token: strings.Repeat("c", 32), Name: "n"})
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(path string) error{
		"empty":          func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"half":           func(p string) error { return os.WriteFile(p, good[:len(good)/2], 0o600) },
		"another's":      func(p string) error { return os.WriteFile(p, good, 0o600) },
		"a short id":     func(p string) error { return os.WriteFile(p, []byte(id[:63]), 0o600) },
		"another schema": func(p string) error { return os.WriteFile(p, []byte(`{"schema":"x"}`), 0o600) },
		"a link":         func(p string) error { return os.Symlink("/etc/passwd", p) },
		"a pipe":         func(p string) error { return syscall.Mkfifo(p, 0o600) },
		"a directory":    func(p string) error { return os.Mkdir(p, 0o700) },
		"without a name": func(p string) error {
			return os.WriteFile(p, []byte(`{"schema":"`+schema+`","kind":"claim","token":"`+token+`"}`), 0o600)
		},
		"larger than any": func(p string) error {
			return os.WriteFile(p, []byte(strings.Repeat(" ", maxClaim+1)+string(good)), 0o600)
		},
	} {
		d := Dir(t.TempDir())
		if err := d.Put(Claim{Kind: Container, Token: strings.Repeat("b", 32), Name: "n"}); err != nil {
			t.Fatal(err)
		}
		if err := spoil(d.path(Container, token)); err != nil {
			t.Fatal(err)
		}
		got, err := d.All(Container)
		if err == nil || len(got) != 1 || got[0].Token == token {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if _, err := os.Lstat(d.path(Container, token)); err != nil {
			t.Errorf("%s: removed: %v", name, err)
		}
	}
}

// A claim is on an id; as long as there is none, on a name with the token.
func TestIs(t *testing.T) {
	open, named := Claim{Token: token, Name: "n"}, Claim{Token: token, Name: "n", ID: id}
	other := strings.Repeat("2", 64)
	for _, c := range []struct {
		what            string
		claim           Claim
		id, name, token string
		want            bool
	}{
		{"the answer was lost", open, id, "n", token, true},
		{"a foreign one of that name", open, id, "n", "", false},
		{"a copy under another name", open, other, "n-clone", token, false},
		{"known by its id", named, id, "n", token, true},
		{"renamed", named, id, "m", token, true},
		{"a copy that took the name", named, other, "n", token, false},
	} {
		if got := c.claim.Is(c.id, c.name, c.token); got != c.want {
			t.Errorf("%s: %t", c.what, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	good, _ := json.Marshal(Claim{Schema: schema, Kind: Container, Token: token, Name: "n", ID: id})
	f.Add(good)
	f.Add([]byte(id))
	f.Add([]byte(`{"schema":"zlaunch.dev/claim/v1","kind":"network","token":"` + token + `","name":"../x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := parse(data, Container, token)
		if err == nil && (c.Token != token || c.Kind != Container || c.ID == "" && c.Name == "" || c.ID != "" && !isHex(c.ID, 64)) {
			t.Errorf("%q claims %+v", data, c)
		}
	})
}

// A pipe, a device or a huge file at the path of one of ours is an error at once.
func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.WriteFile(at("text"), []byte("12345"), 0o600), syscall.Mkfifo(at("pipe"), 0o600),
		os.Symlink("/dev/zero", at("zero")), os.Symlink(at("text"), at("link")), os.Mkdir(at("dir"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadFile(at("text"), 5); err != nil || string(data) != "12345" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := ReadFile(at("text"), 4); err == nil {
		t.Error("one byte too many was read")
	}
	for _, name := range []string{"pipe", "zero", "link", "dir"} {
		if data, err := ReadFile(at(name), 5); err == nil || data != nil {
			t.Errorf("%s: got %q, %v", name, data, err)
		}
	}
	if _, err := ReadFile(at("absent"), 5); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}
