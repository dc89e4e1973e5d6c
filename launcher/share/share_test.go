package share

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/signature"
	"github.com/zlaunch/zlaunch/test/sharing"
)

// team is somebody with a key.
type team struct {
	key *signature.Key
}

func newTeam(t testing.TB) team {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	sharing.WriteKey(t, path)
	key, err := signature.OpenKey(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { key.Close() })
	return team{key}
}

func (tm team) identity() signature.Identity {
	return signature.Identity{Fingerprint: tm.key.Fingerprint()}
}

// publish puts a version of the bundle fraud at a reference; a team without a key signs
// nothing.
func (tm team) publish(t testing.TB, ref, version, memory string) {
	t.Helper()
	tm.publishAs(t, ref, "fraud", version, memory)
}

func (tm team) publishAs(t testing.TB, ref, name, version, memory string) {
	t.Helper()
	p := packed(t, name, version, memory)
	if err := new(Shelf).Publish(context.Background(), p, refOf(t, ref), tm.key); err != nil {
		t.Fatal(err)
	}
}

// packed is a bundle with the one profile fraud.
func packed(t testing.TB, name, version, memory string) Package {
	t.Helper()
	p, err := Pack(fstest.MapFS{
		"bundle.toml": {Data: []byte("name = \"" + name + "\"\nversion = \"" + version + "\"\n")},
		"a.toml":      {Data: []byte("schema = 1\n[profile.fraud]\nkind = \"job\"\n[profile.fraud.container]\nimage = \"reg.example/a:1\"\nmemory = \"" + memory + "\"\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func refOf(t testing.TB, s string) bundle.Ref {
	t.Helper()
	r, err := bundle.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shelf is a user with nothing: no lists, no locks.
func shelf(t testing.TB) *Shelf {
	t.Helper()
	home := t.TempDir()
	none := func(string) string { return "" }
	return &Shelf{
		Store:    bundle.StoreIn(none, home),
		Signers:  signature.Files{User: filepath.Join(home, ".config/zlaunch/allowed_signers")},
		Places:   []Place{{container.LayerUser, filepath.Join(home, ".config/zlaunch", lockfile.Name)}, {container.LayerProject, filepath.Join(home, "project", lockfile.Name)}},
		Approved: profile.Approvals{Dir: filepath.Join(home, "approved")},
		Guard:    record.Locks(filepath.Join(home, "run")),
		Version:  "1.2.0",
	}
}

func (s *Shelf) mine() Place    { return s.Places[0] }
func (s *Shelf) project() Place { return s.Places[1] }

func yes(Change) error { return nil }

// memory is what the profile fraud has by what is locked.
func memory(t *testing.T, s *Shelf) (int64, error) {
	t.Helper()
	builtIn, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	sources, _ := s.Sources(t.Context())
	p, err := profile.Assemble(append(builtIn, sources...)).ResolveBare("fraud", "s390x")
	if err != nil {
		return 0, err
	}
	m, _, _ := container.Memory.Get(p.Stated)
	return m, nil
}

// A team's bundle is locked by whoever accepts its signer, and used from then on; what
// the team publishes later changes nothing until it is taken over.
func TestTwoTeams(t *testing.T) {
	for _, ref := range places(t) {
		t.Run(ref, func(t *testing.T) { twoTeams(t, ref) })
	}
}

// places are where a bundle can be: a directory, a registry that lists referrers, and one
// that does not.
func places(t *testing.T) []string {
	t.Helper()
	out := []string{"dir:" + t.TempDir() + "/bundle"}
	for _, referrers := range []bool{true, false} {
		srv := httptest.NewServer(registry.New(registry.WithReferrersSupport(referrers), registry.Logger(log.New(io.Discard, "", 0))))
		t.Cleanup(srv.Close)
		out = append(out, "oci://"+strings.TrimPrefix(srv.URL, "http://")+"/ml/fraud:1")
	}
	return out
}

func twoTeams(t *testing.T, ref string) {
	a, s := newTeam(t), shelf(t)
	a.publish(t, ref, "1.0.0", "1g")
	w := Wish{Ref: refOf(t, ref)}
	if _, err := s.Add(t.Context(), s.mine(), w, yes); err == nil || !strings.Contains(err.Error(), a.key.Fingerprint()) {
		t.Fatalf("nobody accepted the signer, and: %v", err)
	}
	w.Signer = a.identity()
	var seen []Change
	c, err := s.Add(t.Context(), s.mine(), w, func(c Change) error { seen = append(seen, c); return nil })
	if err != nil || len(seen) != 1 || c.Old != nil || c.New.Signer.Key != a.key.Fingerprint() {
		t.Fatalf("%+v, %v", c, err)
	}
	if m, err := memory(t, s); err != nil || m != 1<<30 {
		t.Errorf("memory %d, %v", m, err)
	}

	a.publish(t, ref, "1.1.0", "2g")
	if m, err := memory(t, s); err != nil || m != 1<<30 {
		t.Errorf("after it was published anew, memory %d, %v", m, err)
	}
	if st := s.Outdated(t.Context()); len(st) != 1 || st[0].State != Newer {
		t.Errorf("%+v", st)
	}
	if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: w.Ref}, yes); err != nil {
		t.Fatal(err)
	}
	if m, err := memory(t, s); err != nil || m != 2<<30 {
		t.Errorf("after it was taken over, memory %d, %v", m, err)
	}
	if _, err := s.Remove(t.Context(), s.mine(), "fraud"); err != nil {
		t.Fatal(err)
	}
	if _, err := memory(t, s); err == nil {
		t.Error("it is still there")
	}
	for _, d := range []string{c.New.Digest, seen[0].New.Digest} {
		if _, _, err := s.Store.Get(t.Context(), digest.Digest(d)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the store still has %s: %v", d, err)
		}
	}
}

// Nothing is taken over by habit.
func TestRefusedChanges(t *testing.T) {
	a, b, nobody := newTeam(t), newTeam(t), team{}
	dir := t.TempDir()
	at := func(name string) string { return "dir:" + dir + "/" + name }
	a.publish(t, at("first"), "1.1.0", "1g")
	a.publish(t, at("older"), "1.0.0", "1g")
	a.publish(t, at("again"), "1.1.0", "3g")
	b.publish(t, at("other"), "1.2.0", "1g")
	nobody.publish(t, at("unsigned"), "1.2.0", "1g")

	for name, c := range map[string]struct {
		ref  string
		wish Wish
		want string // "" it is taken
	}{
		"another place":       {"other", Wish{SignerChange: true, Signer: b.identity()}, "--"},
		"another signer":      {"other", Wish{RefChange: true}, "it is locked from the signer SHA256:"},
		"another, named":      {"other", Wish{RefChange: true, Signer: b.identity()}, "it is locked from the signer SHA256:"},
		"another, asked for":  {"other", Wish{RefChange: true, SignerChange: true, Signer: b.identity()}, ""},
		"nobody's":            {"unsigned", Wish{RefChange: true}, "nobody signed it"},
		"nobody's, a reason":  {"unsigned", Wish{RefChange: true, Unsigned: "a trial"}, "nobody signed it"},
		"nobody's, asked for": {"unsigned", Wish{RefChange: true, Unsigned: "a trial", SignerChange: true}, ""},
		"older":               {"older", Wish{RefChange: true}, "older 1.0.0"},
		"older, asked for":    {"older", Wish{RefChange: true, Older: true}, ""},
		"the same version":    {"again", Wish{RefChange: true}, "another content of the same version"},
	} {
		s := shelf(t)
		if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, at("first")), Signer: a.identity()}, yes); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(s.mine().Path)
		if err != nil {
			t.Fatal(err)
		}
		c.wish.Ref = refOf(t, at(c.ref))
		_, err = s.Add(t.Context(), s.mine(), c.wish, yes)
		var no *RefusedError
		after, _ := os.ReadFile(s.mine().Path)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && !errors.As(err, &no):
			t.Errorf("%s: %v is no refusal", name, err)
		case c.want != "" && string(before) != string(after):
			t.Errorf("%s: refused, and the lock is\n%s", name, after)
		case c.want != "" && c.want != "--" && !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// What the lock or the store was changed to behind zlaunch's back is refused by name.
func TestTampered(t *testing.T) {
	a, b := newTeam(t), newTeam(t)
	for name, c := range map[string]struct {
		spoil func(t *testing.T, s *Shelf)
		want  string
	}{
		"version":    {edit(func(l *lockfile.Bundle) { l.Version = "9.0.0" }), "the lock calls fraud version 9.0.0, and it is fraud 1.0.0"},
		"name":       {edit(func(l *lockfile.Bundle) { l.Name = "other" }), "the lock calls other version 1.0.0, and it is fraud"},
		"digest":     {edit(func(l *lockfile.Bundle) { l.Digest = "sha256:" + strings.Repeat("0", 64) }), "is locked and not here"},
		"signer":     {edit(func(l *lockfile.Bundle) { l.Signer.Key = b.key.Fingerprint() }), "refused"},
		"not signed": {edit(func(l *lockfile.Bundle) { l.Signer, l.Unsigned = nil, "I say so" }), "refused"},
		"a blob": {func(t *testing.T, s *Shelf) {
			walk(t, filepath.Dir(filepath.Dir(s.mine().Path))+"/../.local/share/zlaunch/bundles/blobs", func(path string, data []byte) []byte {
				return []byte(strings.Replace(string(data), "1g", "9g", 1))
			})
		}, "sha256:"},
	} {
		s, ref := shelf(t), "dir:"+t.TempDir()+"/b"
		a.publish(t, ref, "1.0.0", "1g")
		if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, yes); err != nil {
			t.Fatal(err)
		}
		c.spoil(t, s)
		if m, err := memory(t, s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: memory %d, %v; want %q", name, m, err, c.want)
		}
	}
}

func edit(change func(*lockfile.Bundle)) func(*testing.T, *Shelf) { return editIn(0, change) }

// editIn changes the first bundle of the lock at a place.
func editIn(place int, change func(*lockfile.Bundle)) func(*testing.T, *Shelf) {
	return func(t *testing.T, s *Shelf) {
		path := s.Places[place].Path
		f, _, err := lockfile.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		change(&f.Bundles[0])
		if err := f.Write(path); err != nil {
			t.Fatal(err)
		}
	}
}

func walk(t *testing.T, dir string, change func(path string, data []byte) []byte) {
	t.Helper()
	n := 0
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		if err := os.Chmod(path, 0o600); err != nil {
			return err
		}
		return os.WriteFile(path, change(path, data), 0o600)
	})
	if err != nil || n == 0 {
		t.Fatalf("%d files in %s: %v", n, dir, err)
	}
}

// A project's lock counts where the lists name its signers, or where it was approved
// with just that content.
func TestProjectLock(t *testing.T) {
	a, s, ref := newTeam(t), shelf(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	if _, err := s.Add(t.Context(), s.project(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, yes); err != nil {
		t.Fatal(err)
	}
	if sources, pending := s.Sources(t.Context()); len(sources) != 0 || len(pending) != 1 {
		t.Fatalf("not approved: %d sources, %d pending", len(sources), len(pending))
	}
	_, pending := s.Sources(t.Context())
	if err := s.Approved.Approve(pending[0].Path, pending[0].Data); err != nil {
		t.Fatal(err)
	}
	if _, err := memory(t, s); err != nil {
		t.Errorf("approved: %v", err)
	}
	if _, err := s.Approved.Revoke(pending[0].Path); err != nil {
		t.Fatal(err)
	}
	if err := s.Signers.Allow("ann@example.org", signature.Profiles, a.key.Public()); err != nil {
		t.Fatal(err)
	}
	if sources, pending := s.Sources(t.Context()); len(pending) != 0 || len(sources) != 1 || !strings.HasPrefix(sources[0].Bundle.Signer.String(), "ann@example.org SHA256:") {
		t.Errorf("listed: %+v, %d pending", sources, len(pending))
	}
}

// A signer is called by the key, and by a name where the host's own list has it: what
// callers call a key in theirs is for nobody else.
func TestSignersNames(t *testing.T) {
	a, s, ref := newTeam(t), shelf(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	c, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, yes)
	if err != nil {
		t.Fatal(err)
	}
	names := func() string {
		sources, _ := s.Sources(t.Context())
		return strings.Join(sources[0].Later()[0].Bundle.Signer.Names(), " ")
	}
	key := a.key.Fingerprint()
	if got := names(); got != key {
		t.Errorf("in no list: %s", got)
	}
	if err := s.Signers.Allow("platform@example.org", signature.Profiles, a.key.Public()); err != nil {
		t.Fatal(err)
	}
	if got := names(); got != key {
		t.Errorf("in the user's list: %s", got)
	}
	for list, want := range map[string]bool{signature.SystemFile: true, signature.SystemFile + ":1": false, "/home/u/allowed_signers": false} {
		allowed, err := signature.ParseAllowed(list, []byte("platform@example.org "+a.key.Public()), time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		v := verifier{allowed: allowed, host: signature.SystemFile, at: time.Now()}
		if err := v.sign(&c.Offer, Wish{Signer: a.identity()}); err != nil || c.Offer.OfHost != want {
			t.Errorf("in %s: the host's word is %v, %v", list, c.Offer.OfHost, err)
		}
	}
	if got := BundleOf(c.New, c.Offer).Signer; got == nil || got.Fingerprint != key || got.Principal != "platform@example.org" {
		t.Errorf("%+v", got)
	}
}

// What a lock names and the store lost is fetched again by digest, tags notwithstanding.
func TestRestore(t *testing.T) {
	a, s, ref := newTeam(t), shelf(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, yes); err != nil {
		t.Fatal(err)
	}
	a.publish(t, ref, "2.0.0", "2g")
	s.Store = bundle.StoreIn(func(string) string { return "" }, t.TempDir())
	if _, err := memory(t, s); err == nil || !strings.Contains(err.Error(), "is locked and not here") {
		t.Errorf("%v", err)
	}
	locked, err := s.mine().Bundles()
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("not agreed to")
	if got, err := s.Restore(t.Context(), s.mine(), locked[0], func(Offer) error { return no }); got || !errors.Is(err, no) {
		t.Errorf("%t, %v", got, err)
	}
	if _, err := memory(t, s); err == nil {
		t.Error("what nobody agreed to is in the store")
	}
	agreed := func(o Offer) error {
		if o.Signer == nil || o.Signer.Key != a.key.Fingerprint() {
			t.Errorf("asked about %+v", o.Signer)
		}
		return nil
	}
	if got, err := s.Restore(t.Context(), s.mine(), locked[0], agreed); err != nil || !got {
		t.Fatalf("%t, %v", got, err)
	}
	if m, err := memory(t, s); err != nil || m != 1<<30 {
		t.Errorf("memory %d, %v", m, err)
	}
	if got, err := s.Restore(t.Context(), s.mine(), locked[0], agreed); err != nil || got {
		t.Errorf("the second time %t, %v", got, err)
	}
	if _, err := s.Restore(t.Context(), s.mine(), locked[0], func(Offer) error { return no }); !errors.Is(err, no) {
		t.Errorf("of what is here nobody was asked: %v", err)
	}
}

// A signer that a list has stopped allowing is refused, whatever the lock says.
func TestExpiredSigner(t *testing.T) {
	a, s, ref := newTeam(t), shelf(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, yes); err != nil {
		t.Fatal(err)
	}
	line := "ann@example.org namespaces=\"" + signature.Profiles + "\",valid-before=\"20270101Z\" " + a.key.Public() + "\n"
	if err := os.WriteFile(s.Signers.User, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Now = func() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) }
	if _, err := memory(t, s); err != nil {
		t.Errorf("before it ends: %v", err)
	}
	s.Now = func() time.Time { return time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC) }
	if _, err := memory(t, s); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("after: %v", err)
	}
}

// A key that its team lost: a line that is gone takes nothing back that a lock accepted; one
// whose time is over does, in whichever list it stands, until another key has signed.
func TestLostKey(t *testing.T) {
	a, other, s, ref := newTeam(t), newTeam(t), shelf(t), "dir:"+t.TempDir()+"/b"
	listed := func(line string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(s.Signers.User), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.Signers.User, []byte(line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	add := func(w Wish) error {
		w.Ref = refOf(t, ref)
		_, err := s.Add(t.Context(), s.mine(), w, yes)
		return err
	}
	listed("team@example.org " + a.key.Public())
	a.publish(t, ref, "1.0.0", "1g")
	if err := add(Wish{}); err != nil {
		t.Fatal(err)
	}
	listed("") // the line is gone: the lock still names the signer of this bundle
	if _, err := memory(t, s); err != nil {
		t.Errorf("the line is gone: %v", err)
	}
	a.publish(t, ref, "1.1.0", "1g")
	if err := add(Wish{}); err != nil {
		t.Errorf("of the signer in the lock, the next version: %v", err)
	}
	if _, err := s.Add(t.Context(), s.project(), Wish{Ref: refOf(t, ref)}, yes); err == nil || !strings.Contains(err.Error(), "unknown signer") {
		t.Errorf("elsewhere: %v", err)
	}
	listed(`* valid-before="20200101Z" ` + a.key.Public()) // it is taken back
	if _, err := memory(t, s); err == nil || !strings.Contains(err.Error(), "key expired") {
		t.Errorf("taken back: %v", err)
	}
	a.publish(t, ref, "1.2.0", "1g")
	for _, w := range []Wish{{}, {Signer: a.identity()}, {Signer: a.identity(), SignerChange: true}, {Unsigned: "a trial", SignerChange: true}} {
		if err := add(w); err == nil || !strings.Contains(err.Error(), "key expired") {
			t.Errorf("%+v: %v", w, err)
		}
	}
	other.publish(t, ref, "1.3.0", "2g")
	if err := add(Wish{Signer: other.identity(), SignerChange: true}); err != nil {
		t.Fatal(err)
	}
	if m, err := memory(t, s); err != nil || m != 2<<30 {
		t.Errorf("by another key: %d, %v", m, err)
	}
}

// A zlaunch that is too old says so, and installs nothing.
func TestRequires(t *testing.T) {
	s, ref := shelf(t), "dir:"+t.TempDir()+"/b"
	p, err := Pack(fstest.MapFS{
		"bundle.toml": {Data: []byte("name = \"fraud\"\nversion = \"1.0.0\"\nrequires = \"9.0.0\"\n")},
		"a.toml":      {Data: []byte("schema = 1\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context(), p, refOf(t, ref), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Unsigned: "a trial"}, yes); err == nil || !strings.Contains(err.Error(), "requires zlaunch 9.0.0") {
		t.Errorf("%v", err)
	}
}

// Disagreement leaves nothing: neither lock nor store.
func TestDisagree(t *testing.T) {
	a, s, ref := newTeam(t), shelf(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	no, offered := errors.New("the policy forbids it"), ""
	if _, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, func(c Change) error { offered = c.New.Digest; return no }); !errors.Is(err, no) {
		t.Errorf("%v", err)
	}
	_, _, kept := s.Store.Get(t.Context(), digest.Digest(offered))
	if _, no := os.Stat(s.mine().Path); !errors.Is(kept, fs.ErrNotExist) || !os.IsNotExist(no) {
		t.Errorf("the store: %v; the lock: %v", kept, no)
	}
}
