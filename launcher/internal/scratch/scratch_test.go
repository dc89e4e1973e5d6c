package scratch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func place(t *testing.T) Place {
	return Place{Below: t.TempDir(), Claims: filepath.Join(t.TempDir(), "claims")}
}

func made(t *testing.T, p Place, c Claim) *Dir {
	t.Helper()
	d, err := p.Make(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.Path, "blob"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func all(Claim) bool { return true }

// What an owner removes is gone with its claim.
func TestRemoved(t *testing.T) {
	p := place(t)
	d := made(t, p, Claim{Kind: "scan"})
	info, err := os.Stat(d.Path)
	if err != nil || info.Mode().Perm() != 0o700 || !strings.HasPrefix(filepath.Base(d.Path), "zlaunch-scan-") {
		t.Errorf("%s: %v, %v", d.Path, info, err)
	}
	if err := d.Remove(); err != nil {
		t.Error(err)
	}
	if left := append(names(t, p.Below), names(t, p.Claims)...); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}

// A sweep leaves what lives, and removes what was left, with the next of its kind too.
func TestSwept(t *testing.T) {
	p := place(t)
	lives, left, builds := made(t, p, Claim{Kind: "scan"}), made(t, p, Claim{Kind: "scan"}), made(t, p, Claim{Kind: "build", For: "podman"})
	left.claim.Close() // as the end of the process does
	builds.claim.Close()
	var seen []Claim
	if err := p.Sweep(func(c Claim) bool { seen = append(seen, c); return false }); err != nil {
		t.Error(err)
	}
	if len(seen) != 2 || seen[0].Kind != "build" || seen[0].For != "podman" || seen[0].Path != builds.Path || len(names(t, p.Below)) != 3 {
		t.Errorf("asked for %+v; there are %q", seen, names(t, p.Below))
	}
	next := made(t, p, Claim{Kind: "scan"})
	if _, err := os.Stat(left.Path); err == nil {
		t.Error("what was left of its kind is there")
	}
	if err := p.Sweep(all); err != nil || len(names(t, p.Below)) != 2 || len(names(t, p.Claims)) != 2 {
		t.Errorf("%v; there are %q, %q", err, names(t, p.Below), names(t, p.Claims))
	}
	for _, d := range []*Dir{lives, next} {
		if err := d.Remove(); err != nil {
			t.Error(err)
		}
	}
}

// Who makes a directory for another kind, or one that something else has to end for, keeps no
// sweep from what was left.
func TestMakesBeside(t *testing.T) {
	p := place(t)
	made(t, p, Claim{Kind: "build", For: "podman"}).claim.Close()
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-quit:
				return
			default:
			}
			for _, c := range []Claim{{Kind: "scan"}, {Kind: "build", For: "podman"}} {
				if d, err := p.Make(c); err == nil {
					_ = d.Remove()
				}
			}
		}
	}()
	defer func() { close(quit); <-over }()
	for range 200 {
		left := made(t, p, Claim{Kind: "build", For: "podman"})
		left.claim.Close()
		if err := p.Sweep(all); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(left.Path); err == nil {
			t.Fatal("what was left was not swept")
		}
	}
}

// A name alone makes nothing ours, nor does a claim that says something else.
func TestForeign(t *testing.T) {
	p := place(t)
	d := made(t, p, Claim{Kind: "scan"})
	d.claim.Close()
	name := filepath.Base(d.claim.Name())
	good, err := os.ReadFile(d.claim.Name())
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(t.TempDir(), "zlaunch-"+name+"x")
	twin := filepath.Join(p.Below, "zlaunch-scan-"+strings.Repeat("a", 26))
	for _, dir := range []string{home, twin} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for what, text := range map[string]string{
		"another path":   strings.Replace(string(good), d.Path, home, 1),
		"no clean path":  strings.Replace(string(good), d.Path, p.Below+"/../"+filepath.Base(p.Below)+"/zlaunch-"+name, 1),
		"relative":       strings.Replace(string(good), d.Path, "zlaunch-"+name, 1),
		"another schema": strings.Replace(string(good), "scratch/v1", "scratch/v2", 1),
		"another host":   strings.Replace(string(good), `"host":"`, `"host":"x`, 1),
		"half":           string(good[:len(good)/2]),
		"nothing":        "",
	} {
		if err := os.WriteFile(d.claim.Name(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.Sweep(all); err != nil || len(names(t, p.Below)) != 2 || len(names(t, p.Claims)) != 1 {
			t.Errorf("%s: %v; there are %q, %q", what, err, names(t, p.Below), names(t, p.Claims))
		}
	}
	long := time.Now().Add(-2 * unwritten)
	if err := errors.Join(os.WriteFile(d.claim.Name(), nil, 0o600), os.Chtimes(d.claim.Name(), long, long)); err != nil {
		t.Fatal(err)
	}
	if err := p.Sweep(all); err != nil || len(names(t, p.Claims)) != 0 || len(names(t, p.Below)) != 2 {
		t.Errorf("an old claim of nothing: %v; there are %q, %q", err, names(t, p.Below), names(t, p.Claims))
	}
	if _, err := os.Stat(home); err != nil {
		t.Error(err)
	}
}

// A link in the place of the directory leads nowhere, and the claim stays.
func TestLink(t *testing.T) {
	p := place(t)
	d := made(t, p, Claim{Kind: "scan"})
	d.claim.Close()
	home := t.TempDir()
	kept := filepath.Join(home, "kept")
	if err := os.WriteFile(kept, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(d.Path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(home, d.Path); err != nil {
		t.Fatal(err)
	}
	if err := p.Sweep(all); err == nil || len(names(t, p.Claims)) != 1 {
		t.Errorf("a link was swept: %v, %q", err, names(t, p.Claims))
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
}

// Where no claim can be written, the directory is there all the same.
func TestUnclaimed(t *testing.T) {
	p := place(t)
	p.Claims = filepath.Join(p.Below, "file", "claims")
	if err := os.WriteFile(filepath.Join(p.Below, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := made(t, p, Claim{Kind: "scan"}).Remove(); err != nil {
		t.Error(err)
	}
	p.Below = filepath.Join(p.Below, "none")
	if _, err := p.Make(Claim{Kind: "scan"}); err == nil {
		t.Error("a directory was made in one that is not there")
	}
}

// A directory that has the name of one that was made, and is another, keeps what is in it.
func TestExchanged(t *testing.T) {
	p := place(t)
	d := made(t, p, Claim{Kind: "scan"})
	d.claim.Close()
	kept := filepath.Join(d.Path, "kept")
	if err := errors.Join(os.Rename(d.Path, d.Path+"-away"), os.Mkdir(d.Path, 0o700), os.WriteFile(kept, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := p.Sweep(all); err == nil || len(names(t, p.Claims)) != 1 {
		t.Errorf("another was swept: %v, %q", err, names(t, p.Claims))
	}
	if err := d.Remove(); err == nil {
		t.Error("another was removed")
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
}

// A directory that nobody noted as made goes where it is empty, and alone then.
func TestUnnoted(t *testing.T) {
	p := place(t)
	for _, full := range []bool{false, true} {
		d := made(t, p, Claim{Kind: "scan"})
		c, err := read(d.claim.Name())
		if err != nil || c.Inode == 0 || c.In == 0 {
			t.Fatalf("%+v, %v", c, err)
		}
		data, err := os.ReadFile(d.claim.Name())
		if err == nil {
			err = os.WriteFile(d.claim.Name(), []byte(strings.Replace(string(data), `"inode"`, `"other"`, 1)), 0o600)
		}
		if !full {
			err = errors.Join(err, os.Remove(filepath.Join(d.Path, "blob")))
		}
		if err != nil {
			t.Fatal(err)
		}
		d.claim.Close()
		if err := p.Sweep(all); (err != nil) != full {
			t.Errorf("with something in it %t: %v", full, err)
		}
		if _, err := os.Stat(d.Path); (err == nil) != full {
			t.Errorf("with something in it %t: %v", full, err)
		}
	}
}

// What is not there with all that it was made in is waited for: its disk may come again.
func TestAway(t *testing.T) {
	p := place(t)
	d := made(t, p, Claim{Kind: "scan"})
	d.claim.Close()
	aside := p.Below + "-aside"
	sweep := func(what string, claims int) {
		t.Helper()
		if err := p.Sweep(all); err != nil || len(names(t, p.Claims)) != claims {
			t.Errorf("%s: %v, %q", what, err, names(t, p.Claims))
		}
	}
	if err := os.Rename(p.Below, aside); err != nil {
		t.Fatal(err)
	}
	sweep("nothing is there", 1)
	if err := os.Mkdir(p.Below, 0o700); err != nil {
		t.Fatal(err)
	}
	sweep("where it is mounted is there", 1)
	if err := errors.Join(os.Remove(p.Below), os.Rename(aside, p.Below)); err != nil {
		t.Fatal(err)
	}
	sweep("it is there again", 0)
	if left := names(t, p.Below); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
	d = made(t, p, Claim{Kind: "scan"})
	d.claim.Close()
	long := time.Now().Add(-2 * away)
	if err := errors.Join(os.RemoveAll(p.Below), os.Chtimes(d.claim.Name(), long, long)); err != nil {
		t.Fatal(err)
	}
	sweep("it was not there for long", 0)
}

// A relative place is where it was when the directory was made.
func TestRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", ".")
	for _, below := range []string{"", "."} {
		d, err := Place{Below: below, Claims: filepath.Join(t.TempDir(), "claims")}.Make(Claim{Kind: "scan"})
		if err != nil || !filepath.IsAbs(d.Path) {
			t.Fatalf("%+v, %v", d, err)
		}
		if err := d.Remove(); err != nil {
			t.Error(err)
		}
	}
}

func FuzzClaim(f *testing.F) {
	f.Add([]byte(`{"schema":"zlaunch.dev/scratch/v1","host":"h","path":"/var/tmp/zlaunch-scan-aaaaaaaaaaaaaaaaaaaaaaaaaa"}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, "scan-"+strings.Repeat("a", 26))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := read(file); err == nil && (filepath.Base(c.Path) != "zlaunch-"+filepath.Base(file) || !filepath.IsAbs(c.Path)) {
			t.Errorf("%q claims %q", data, c.Path)
		}
	})
}
