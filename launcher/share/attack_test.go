package share

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// A right signature is of one bundle: its name, its version, its content. Whoever attaches
// it to another is refused, though the signer is accepted.
func TestPosing(t *testing.T) {
	a, s := newTeam(t), shelf(t)
	genuine := packed(t, "fraud", "1.0.0", "1g")
	subject, err := signature.NewBundle("fraud", "1.0.0", genuine.Artifact.Digest().String())
	if err != nil {
		t.Fatal(err)
	}
	sig, err := a.key.Sign(subject.Message(), signature.Profiles)
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := a.key.Sign(subject.Message(), signature.Evidence)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		p    Package
		sig  []byte
		want string // "" it is taken
	}{
		"genuine":                 {genuine, sig, ""},
		"another bundle's name":   {packed(t, "billing", "1.0.0", "1g"), sig, "bundle billing is refused: verifying a signature: bad signature: not of this content"},
		"another version":         {packed(t, "fraud", "9.0.0", "1g"), sig, "bad signature"},
		"another content":         {packed(t, "fraud", "1.0.0", "9g"), sig, "bad signature"},
		"made for something else": {genuine, evidence, "wrong namespace"},
		"no signature at all":     {genuine, []byte("I signed it"), "bad signature"},
	} {
		ref := refOf(t, "dir:"+t.TempDir()+"/b")
		place, err := bundle.Open(ref, s.Registries)
		if err != nil {
			t.Fatal(err)
		}
		if err := place.Put(t.Context(), c.p.Artifact, ref.Reference(), c.sig); err != nil {
			t.Fatal(err)
		}
		_, err = s.Add(t.Context(), s.mine(), Wish{Ref: ref, Signer: a.identity()}, yes)
		var no *RefusedError
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &no) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A lock that others can write, or that stands elsewhere, is nobody's word; and what is
// added beside it does not make it one.
func TestWhoseLock(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(path string) error
		want  string
	}{
		"others can write it":        {func(p string) error { return os.Chmod(p, 0o666) }, "can write"},
		"others can write beside it": {func(p string) error { return os.Chmod(filepath.Dir(p), 0o777) }, "can"},
		"a symbolic link":            {func(p string) error { return errors.Join(os.Rename(p, p+".real"), os.Symlink(p+".real", p)) }, "symbolic link"},
		"a directory":                {func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o755)) }, "regular file"},
		"what a merge left":          {func(p string) error { return os.WriteFile(p, []byte("<<<<<<< HEAD\n"), 0o600) }, "toml: line 1"},
		"it settles policy": {func(p string) error {
			return os.WriteFile(p, []byte("policy = \"/tmp/p\"\nschema = \""+lockfile.Schema+"\"\n"), 0o600)
		}, "never what is trusted"},
	} {
		a, s := newTeam(t), shelf(t)
		one, two := "dir:"+t.TempDir()+"/b", "dir:"+t.TempDir()+"/b"
		a.publishAs(t, one, "fraud", "1.0.0", "1g")
		a.publishAs(t, two, "billing", "1.0.0", "1g")
		if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, one), Signer: a.identity()}, yes); err != nil {
			t.Fatal(err)
		}
		if err := c.spoil(s.mine().Path); err != nil {
			t.Fatal(err)
		}
		if m, err := memory(t, s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: used, memory %d, %v; want %q", name, m, err, c.want)
		}
		if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, two), Signer: a.identity()}, yes); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: added to, %v; want %q", name, err, c.want)
		}
		if _, err := s.Remove(t.Context(), s.mine(), "fraud"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: removed from, %v; want %q", name, err, c.want)
		}
	}
}

// What a lock says of the profiles of its bundle holds: a bundle that has others is
// refused, and one that cannot be read leaves its names to nobody, and all others alone.
func TestLockedProfiles(t *testing.T) {
	a, s, ref := newTeam(t), shelf(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, yes); err != nil {
		t.Fatal(err)
	}
	edit(func(l *lockfile.Bundle) { l.Profiles = []string{"demo"} })(t, s)
	for _, name := range []string{"demo", "fraud", "fraud/fraud"} {
		if err := known(t, s, name); err == nil || !strings.Contains(err.Error(), "the lock does not say so") {
			t.Errorf("%s of a lock that lies: %v", name, err)
		}
	}
	edit(func(l *lockfile.Bundle) { l.Profiles = []string{"demo", "fraud"} })(t, s)
	s.Store = bundle.StoreIn(func(string) string { return "" }, t.TempDir())
	for name, want := range map[string]string{"demo": "is locked and not here", "fraud": "is locked and not here", "fraud/fraud": "is locked and not here", "python": ""} {
		err := known(t, s, name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s of a bundle that is not here: %v", name, err)
		}
	}
}

func known(t *testing.T, s *Shelf, name string) error {
	t.Helper()
	builtIn, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	sources, _ := s.Sources(t.Context())
	return profile.Assemble(append(builtIn, sources...)).Known(name)
}

// A project's lock that nobody approved counts by its signers alone, and so has nothing
// that these did not sign, and replaces nothing by something older.
func TestForeignLock(t *testing.T) {
	a, b, dir := newTeam(t), newTeam(t), t.TempDir()
	at := func(name string) string { return "dir:" + dir + "/" + name }
	a.publish(t, at("old"), "1.0.0", "1g")
	a.publish(t, at("new"), "1.1.0", "2g")
	b.publish(t, at("other"), "1.2.0", "3g")
	team{}.publish(t, at("unsigned"), "1.2.0", "4g")
	image := lockfile.Image{Ref: "reg.example/a:1", Arch: "s390x", Digest: "sha256:" + strings.Repeat("0", 64)}
	for name, c := range map[string]struct {
		mine, project string
		spoil         func(*testing.T, *Shelf)
		want          string // why it waits; "" it counts, "--" but for its images
	}{
		"by itself":       {"", "new", nil, ""},
		"newer than mine": {"old", "new", nil, ""},
		"older than mine": {"new", "old", nil, "which is newer or of another signer"},
		"another's":       {"old", "other", nil, "unknown signer"},
		"unsigned":        {"", "unsigned", nil, "nobody signed"},
		"its own images":  {"", "new", editIn(1, func(l *lockfile.Bundle) { l.Images = []lockfile.Image{image} }), "--"},
		"not here":        {"", "new", editIn(1, func(l *lockfile.Bundle) { l.Digest = image.Digest }), "is locked and not here"},
		"not a lock": {"", "new", func(t *testing.T, s *Shelf) {
			if err := os.WriteFile(s.project().Path, []byte("<<<<<<< HEAD\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "line 1"},
	} {
		s := shelf(t)
		if err := s.Signers.Allow("ann@example.org", signature.Profiles, a.key.Public()); err != nil {
			t.Fatal(err)
		}
		for i, ref := range []string{c.mine, c.project} {
			if ref == "" {
				continue
			}
			w := Wish{Ref: refOf(t, at(ref)), Ask: func(*signature.Error, bundle.Bundle) bool { return true }, Unsigned: "a trial"}
			if _, err := s.Add(t.Context(), s.Places[i], w, yes); err != nil {
				t.Fatal(name, err)
			}
		}
		if c.spoil != nil {
			c.spoil(t, s)
		}
		locked, waiting := s.Locked(t.Context())
		switch {
		case c.want == "--" && (len(waiting) != 1 || !waiting[0].Counts || len(locked) != 1 || locked[0].Bundle.Images != nil):
			t.Errorf("%s: %+v, %+v", name, locked, waiting)
		case c.want == "--":
		case c.want == "" && (len(waiting) > 0 || len(locked) != 1 || locked[0].Place != s.project()):
			t.Errorf("%s: %+v waits", name, waiting)
		case c.want != "" && (len(waiting) != 1 || !strings.Contains(waiting[0].Why.Error(), c.want)):
			t.Errorf("%s: %+v, want %q", name, waiting, c.want)
		case c.want != "" && len(locked) > 0 && locked[0].Place != s.mine():
			t.Errorf("%s: it waits, and counts", name)
		}
	}
}

// Approved is a content, at a place: one that is put there later is not, even for a moment.
func TestSwapped(t *testing.T) {
	a, b, s := newTeam(t), newTeam(t), shelf(t)
	one, two := "dir:"+t.TempDir()+"/b", "dir:"+t.TempDir()+"/b"
	a.publish(t, one, "1.0.0", "1g")
	b.publish(t, two, "1.0.0", "9g")
	if _, err := s.Add(t.Context(), s.project(), Wish{Ref: refOf(t, one), Signer: a.identity()}, yes); err != nil {
		t.Fatal(err)
	}
	_, waiting := s.Locked(t.Context())
	if err := s.Approved.Approve(waiting[0].Path, waiting[0].Data); err != nil {
		t.Fatal(err)
	}
	if m, err := memory(t, s); err != nil || m != 1<<30 {
		t.Fatalf("approved: %d, %v", m, err)
	}
	w := Wish{Ref: refOf(t, two), Signer: b.identity(), SignerChange: true, RefChange: true, Older: true}
	if _, err := s.Add(t.Context(), s.project(), w, yes); err != nil {
		t.Fatal(err)
	}
	if _, waiting := s.Locked(t.Context()); len(waiting) != 1 {
		t.Error("another lock counts by the approval of the first")
	}
}

// Two locks that name one bundle from different signers leave its names to nobody.
func TestTwoSigners(t *testing.T) {
	a, b, s := newTeam(t), newTeam(t), shelf(t)
	one, two := "dir:"+t.TempDir()+"/b", "dir:"+t.TempDir()+"/b"
	a.publish(t, one, "1.0.0", "1g")
	b.publish(t, two, "1.0.0", "9g")
	for i, add := range []struct {
		ref  string
		from team
	}{{one, a}, {two, b}} {
		if _, err := s.Add(t.Context(), s.Places[i], Wish{Ref: refOf(t, add.ref), Signer: add.from.identity()}, yes); err != nil {
			t.Fatal(err)
		}
	}
	_, waiting := s.Locked(t.Context())
	if err := s.Approved.Approve(waiting[0].Path, waiting[0].Data); err != nil {
		t.Fatal(err)
	}
	if m, err := memory(t, s); err == nil || !strings.Contains(err.Error(), "is locked from one signer in "+s.mine().Path+", and from another in "+s.project().Path) {
		t.Errorf("memory %d, %v", m, err)
	}
}
