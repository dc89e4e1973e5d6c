package share

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// listed is what a list shows of the locked profiles.
func listed(t *testing.T, s *Shelf) string {
	t.Helper()
	files, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	sources, _ := s.Sources(t.Context())
	var out []string
	for _, p := range profile.Listed(append(files, sources...)).All("s390x") {
		if p.Bundle != nil {
			out = append(out, fmt.Sprintf("%s %s %s of %s by %q %v", p.Name, p.Kind, p.About, p.Bundle, p.Bundle.Signer, p.Err))
		}
	}
	return strings.Join(out, "\n")
}

// spoilt has the store hold nothing that can be read.
func (s *Shelf) spoilt(t *testing.T) {
	t.Helper()
	walk(t, storeOf(s), func(string, []byte) []byte { return []byte("x") })
}

func storeOf(s *Shelf) string {
	return strings.TrimSuffix(s.mine().Path, ".config/zlaunch/zlaunch.lock") + ".local/share/zlaunch/bundles"
}

// lockedBy is a shelf that has the bundle fraud 1.0.0 of a team.
func (tm team) lockedBy(t *testing.T) *Shelf {
	t.Helper()
	s, ref := shelf(t), "dir:"+t.TempDir()+"/b"
	tm.publish(t, ref, "1.0.0", "1g")
	if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Signer: tm.identity()}, yes); err != nil {
		t.Fatal(err)
	}
	return s
}

// A list opens no bundle: it shows the same of a store in which nothing can be read, and of
// none it says that the bundle is not here. Who uses a profile is told at once.
func TestListOpensNothing(t *testing.T) {
	s := newTeam(t).lockedBy(t)
	before := listed(t, s)
	s.spoilt(t)
	if after := listed(t, s); after != before || !strings.Contains(after, "fraud job the hardening all profiles extend of fraud 1.0.0 by") || !strings.HasSuffix(after, "<nil>") {
		t.Errorf("%q, and was %q", after, before)
	}
	if _, err := memory(t, s); err == nil {
		t.Error("the profile is used")
	}
	if got, _ := s.Locked(t.Context()); len(got) != 1 || got[0].Err == nil {
		t.Errorf("verified: %+v", got)
	}
	if err := os.RemoveAll(storeOf(s)); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, s); !strings.Contains(got, "bundle fraud 1.0.0 is locked and not here") {
		t.Errorf("%q", got)
	}
}

// Where more than the store speaks against a bundle, or its lock does not have what lists
// show, a list reads it, as everybody does.
func TestListReads(t *testing.T) {
	a := newTeam(t)
	for name, c := range map[string]struct {
		change func(*testing.T, *Shelf)
		reads  bool
	}{
		"nothing":         {func(*testing.T, *Shelf) {}, false},
		"allowed":         {func(t *testing.T, s *Shelf) { s.allow(t, a, "") }, false},
		"not any more":    {func(t *testing.T, s *Shelf) { s.allow(t, a, `valid-before="20200101Z" `) }, true},
		"for another use": {func(t *testing.T, s *Shelf) { s.allow(t, a, `namespaces="file" `) }, true},
		"no list is read": {func(t *testing.T, s *Shelf) { s.allow(t, a, "x ") }, true},
		"an older lock":   {edit(func(b *lockfile.Bundle) { b.Outlines = nil }), true},
		"not of all":      {edit(func(b *lockfile.Bundle) { b.Profiles = append(b.Profiles, "more") }), true},
		"of others":       {edit(func(b *lockfile.Bundle) { b.Outlines[0].Name = "more" }), true},
		"a newer zlaunch": {edit(func(b *lockfile.Bundle) { b.Requires = "9.0.0" }), true},
		"an older one":    {edit(func(b *lockfile.Bundle) { b.Requires = "1.0.0" }), false},
		"another signer": {func(t *testing.T, s *Shelf) {
			s.copyTo(t, s.project(), func(b *lockfile.Bundle) { b.Signer.Key = newTeam(t).key.Fingerprint() })
		}, true},
		"the same signer": {func(t *testing.T, s *Shelf) { s.copyTo(t, s.project(), func(*lockfile.Bundle) {}) }, false},
	} {
		s := a.lockedBy(t)
		c.change(t, s)
		s.spoilt(t)
		if got := listed(t, s); strings.HasSuffix(got, "<nil>") == c.reads {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// allow writes a list that has a team's key, with options.
func (s *Shelf) allow(t *testing.T, tm team, options string) {
	t.Helper()
	if err := os.WriteFile(s.Signers.User, []byte("ann@example.org "+options+tm.key.Public()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// copyTo copies my lock to an approved one, with a change of its first bundle.
func (s *Shelf) copyTo(t *testing.T, at Place, change func(*lockfile.Bundle)) {
	t.Helper()
	f, _, err := lockfile.Read(s.mine().Path)
	if err != nil {
		t.Fatal(err)
	}
	change(&f.Bundles[0])
	if err := f.Write(at.Path); err != nil {
		t.Fatal(err)
	}
	_, data, err := lockfile.Read(at.Path)
	if err := errors.Join(err, s.Approved.Approve(at.Path, data)); err != nil {
		t.Fatal(err)
	}
}

// What a lock that nobody approved has for lists does not count, though its signers do.
func TestForeignOutlines(t *testing.T) {
	a := newTeam(t)
	s, ref := shelf(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	if _, err := s.Add(t.Context(), s.project(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, yes); err != nil {
		t.Fatal(err)
	}
	if err := s.Signers.Allow("ann@example.org", signature.Profiles, a.key.Public()); err != nil {
		t.Fatal(err)
	}
	editIn(1, func(b *lockfile.Bundle) { b.Outlines[0].About = "the best of all" })(t, s)
	if got := listed(t, s); strings.Contains(got, "the best") || !strings.HasSuffix(got, "<nil>") {
		t.Errorf("%q", got)
	}
	editIn(1, func(b *lockfile.Bundle) { b.Digest = "sha256:" + strings.Repeat("0", 64) })(t, s)
	if got := listed(t, s); got != "" {
		t.Errorf("of a lock that does not count: %q", got)
	}
}

// What a lock has for lists and its bundle does not say is told by who reads the bundle; no
// use of it depends on that, and an update mends it.
func TestUnlike(t *testing.T) {
	a := newTeam(t)
	for name, change := range map[string]func(*lockfile.Bundle){
		"about":      func(b *lockfile.Bundle) { b.Outlines[0].About = "the best of all" },
		"kind":       func(b *lockfile.Bundle) { b.Outlines[0].Kind = "server" },
		"owner":      func(b *lockfile.Bundle) { b.Outlines[0].Owner = "root" },
		"deprecated": func(b *lockfile.Bundle) { b.Outlines[0].Deprecated = "use mine" },
		"archs":      func(b *lockfile.Bundle) { b.Outlines[0].Archs = nil },
		"extends":    func(b *lockfile.Bundle) { b.Outlines[0].Extends = "triton" },
		"file":       func(b *lockfile.Bundle) { b.Outlines[0].File = "b.toml" },
		"more": func(b *lockfile.Bundle) {
			b.Outlines = append(b.Outlines, lockfile.Outline{Name: "base", File: "a.toml"})
		},
		"another":  func(b *lockfile.Bundle) { b.Outlines[0].Name = "base" },
		"requires": func(b *lockfile.Bundle) { b.Requires = "1.1.0" },
	} {
		s := a.lockedBy(t)
		if got, _ := s.Locked(t.Context()); got[0].Err != nil || got[0].Unlike != nil {
			t.Fatalf("%s: before: %v, %v", name, got[0].Err, got[0].Unlike)
		}
		edit(change)(t, s)
		if got, _ := s.Locked(t.Context()); got[0].Err != nil || got[0].Unlike == nil {
			t.Errorf("%s: %v, %v", name, got[0].Err, got[0].Unlike)
		}
		if m, err := memory(t, s); err != nil || m != 1<<30 {
			t.Errorf("%s: memory %d, %v", name, m, err)
		}
		s.again(t, a)
		if got, _ := s.Locked(t.Context()); got[0].Err != nil || got[0].Unlike != nil {
			t.Errorf("%s: updated: %v, %v", name, got[0].Err, got[0].Unlike)
		}
	}
}

// again adds what is locked once more.
func (s *Shelf) again(t *testing.T, tm team) {
	t.Helper()
	b, err := s.mine().Bundles()
	if err != nil {
		t.Fatal(err)
	}
	if c, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, b[0].Ref), Signer: tm.identity()}, yes); err != nil || !c.None() {
		t.Fatalf("%+v, %v", c, err)
	}
}

// An older lock gets what lists show when it is updated, which changes nothing else; who only
// looks changes nothing at all.
func TestOlderLock(t *testing.T) {
	a := newTeam(t)
	s := a.lockedBy(t)
	now := s.lockText(t)
	edit(func(b *lockfile.Bundle) { b.Outlines = nil })(t, s)
	older := s.lockText(t)
	b, err := s.mine().Bundles()
	if err != nil {
		t.Fatal(err)
	}
	look := errors.New("only looked at")
	if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, b[0].Ref), Signer: a.identity()}, func(Change) error { return look }); !errors.Is(err, look) || s.lockText(t) != older {
		t.Errorf("looked at, %v:\n%s", err, s.lockText(t))
	}
	if s.again(t, a); s.lockText(t) != now || now == older {
		t.Errorf("updated it is\n%s\nand was\n%s", s.lockText(t), now)
	}
}

func (s *Shelf) lockText(t *testing.T) string {
	t.Helper()
	_, data, err := lockfile.Read(s.mine().Path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A bundle that does not work over the built-in profiles alone, and one of which a list shows
// more, are locked without outlines; what one requires is locked.
func TestNotOutlined(t *testing.T) {
	a := newTeam(t)
	for name, c := range map[string]struct {
		files    string
		outlines int
	}{
		"two":          {"[profile.fraud]\nextends = \"triton\"\n[profile.score]\nextends = \"fraud\"\n", 2},
		"the system's": {"[profile.fraud]\nextends = \"of-this-host\"\n", 0},
		"a waiver":     {"[profile.fraud]\nextends = \"triton\"\n[[profile.fraud.waiver]]\ncontrol = \"ZL-503\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2099-01-01\n", 0},
	} {
		s, ref := shelf(t), refOf(t, "dir:"+t.TempDir()+"/b")
		p, err := Pack(fstest.MapFS{"bundle.toml": {Data: []byte("name = \"fraud\"\nversion = \"1.0.0\"\nrequires = \"1.1.0\"\n")}, "a.toml": {Data: []byte("schema = 1\n" + c.files)}})
		if err == nil {
			err = new(Shelf).Publish(t.Context(), p, ref, a.key)
		}
		if err == nil {
			_, err = s.Add(t.Context(), s.mine(), Wish{Ref: ref, Signer: a.identity()}, yes)
		}
		if err != nil {
			t.Fatal(err)
		}
		got, _ := s.Locked(t.Context())
		if b := got[0].Bundle; got[0].Unlike != nil || len(b.Outlines) != c.outlines || b.Requires != "1.1.0" {
			t.Errorf("%s: %+v, %v", name, b, got[0].Unlike)
		}
	}
}
