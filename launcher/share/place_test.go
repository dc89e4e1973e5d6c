package share

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
)

// A lock of the host that is at fault says what to type, and what of it root must: fetching
// what it names changes nothing of it.
func TestHostLockAtFault(t *testing.T) {
	root := "as root: "
	if os.Geteuid() == 0 {
		root = ""
	}
	a, ref := newTeam(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	for name, c := range map[string]struct {
		fault func(t *testing.T, s *Shelf, host Place)
		next  string
	}{
		"not TOML": {func(t *testing.T, _ *Shelf, host Place) { rewrite(t, host.Path, "schema", "x x") }, root + "mv "},
		"for all to write": {func(t *testing.T, _ *Shelf, host Place) {
			if err := os.Chmod(host.Path, 0o666); err != nil {
				t.Fatal(err)
			}
		}, root + "chmod o-w "},
		"another version": {func(t *testing.T, _ *Shelf, host Place) { rewrite(t, host.Path, "1.0.0", "1.0.1") },
			root + "zlaunch remove --system fraud\n" + root + "zlaunch add --system REF"},
		"not here": {func(t *testing.T, s *Shelf, _ Place) {
			s.Store = bundle.StoreIn(func(string) string { return "" }, t.TempDir())
		}, "zlaunch add --system"},
		"taken back": {func(t *testing.T, s *Shelf, _ Place) {
			s.Signers.User = filepath.Join(t.TempDir(), "list")
			if err := os.WriteFile(s.Signers.User, []byte(`* valid-before="20200101Z" `+a.key.Public()), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "once its team signs with another key, " + root + "zlaunch update --system fraud --allow-signer-change"},
		"two signers": {func(t *testing.T, s *Shelf, _ Place) {
			b, at := newTeam(t), "dir:"+t.TempDir()+"/b"
			b.publish(t, at, "1.0.0", "1g")
			if _, err := s.Add(t.Context(), s.Places[1], Wish{Ref: refOf(t, at), Signer: b.identity()}, yes); err != nil {
				t.Fatal(err)
			}
		}, "zlaunch remove fraud\nwithout that of "},
	} {
		t.Run(name, func(t *testing.T) {
			s := shelf(t)
			host := Place{container.LayerSystem, filepath.Join(t.TempDir(), lockfile.Name)}
			s.Places = []Place{host, s.mine()}
			if _, err := s.Add(t.Context(), host, Wish{Ref: refOf(t, ref), Signer: a.identity()}, yes); err != nil {
				t.Fatal(err)
			}
			c.fault(t, s, host)
			locked, _ := s.Locked(t.Context())
			if len(locked) != 1 || locked[0].Err == nil || !strings.Contains(hint.Of(locked[0].Err), c.next) {
				t.Errorf("%+v, want %q", locked, c.next)
			}
		})
	}
}

func rewrite(t *testing.T, path, old, by string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Replace(string(data), old, by, 1)), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
