package signature

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Two at once both get their line, the rest stays as it was, and what is there is not added again.
func TestAllow(t *testing.T) {
	f := Files{User: filepath.Join(t.TempDir(), "zlaunch", UserFile)}
	keys := []*Key{edKey(t), edKey(t), edKey(t), edKey(t), edKey(t), edKey(t), edKey(t), edKey(t)}
	if err := f.Allow("ann@example.org", Profiles, keys[0].Public()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.User, append([]byte("# mine"), must(os.ReadFile(f.User))[1:]...), 0o600); err != nil {
		t.Fatal(err) // the line is a comment now
	}
	var all sync.WaitGroup
	for _, k := range keys {
		all.Add(2)
		for range 2 {
			go func() {
				defer all.Done()
				if err := f.Allow("ann@example.org", Profiles, k.Public()); err != nil {
					t.Error(err)
				}
			}()
		}
	}
	all.Wait()
	a, err := f.Read()
	if err != nil || a.Len() != len(keys) || !strings.HasPrefix(string(must(os.ReadFile(f.User))), "# mine") {
		t.Errorf("%d lines, %v", a.Len(), err)
	}
	for _, k := range keys {
		c := Check{Profiles, a, []Identity{{Principal: "ann@example.org"}}, noon}
		if s, err := c.Verify(fraud.Message(), sign(t, k, fraud.Message(), Profiles)); err != nil || !strings.HasPrefix(s.Listed, f.User+":") {
			t.Errorf("%+v, %v", s, err)
		}
	}
}

// A line says what was put into it and nothing else.
func TestAllowRefuses(t *testing.T) {
	key := edKey(t).Public()
	f := Files{User: filepath.Join(t.TempDir(), UserFile)}
	for _, c := range [][3]string{
		{"", Profiles, key}, {"*", Profiles, key}, {"*@example.org", Profiles, key}, {"!ann", Profiles, key}, {"ann,bob", Profiles, key},
		{"ann b", Profiles, key}, {"ann\nbob", Profiles, key}, {"#ann", Profiles, key}, {"ann", "", key}, {"ann", "a\",valid-after=\"20200101", key}, {"ann", "*", key},
		{"ann", Profiles, ""}, {"ann", Profiles, key + "\n* " + key}, {"ann", Profiles, "cert-authority " + key},
	} {
		if err := f.Allow(c[0], c[1], c[2]); err == nil {
			t.Errorf("%q is allowed", c)
		}
	}
	if _, err := os.Lstat(f.User); err == nil {
		t.Error("the file was made")
	}
	if err := os.WriteFile(f.User, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Allow("ann", Profiles, key); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line behind nonsense: %v", err)
	}
}

// A list that others can write, or of which the system's is not root's, allows nobody.
func TestReadTrusts(t *testing.T) {
	key := edKey(t).Public()
	mine := filepath.Join(t.TempDir(), UserFile)
	if err := os.WriteFile(mine, []byte("ann "+key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if a, err := (Files{User: mine, System: filepath.Join(t.TempDir(), "none")}).Read(); err != nil || a.Len() != 1 {
		t.Errorf("%d, %v", a.Len(), err)
	}
	// Below a directory that everybody writes even root's file is none of the system's.
	if a, err := (Files{System: mine}).Read(); err == nil || a.Len() != 0 {
		t.Errorf("the system's, in a temporary directory: %d, %v", a.Len(), err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(mine, link); err != nil {
		t.Fatal(err)
	}
	if _, err := (Files{System: link}).Read(); err == nil || !strings.Contains(err.Error(), "symbolic link") {
		t.Errorf("a link: %v", err)
	}
	if err := os.Chmod(mine, 0o666); err != nil {
		t.Fatal(err)
	}
	if a, err := (Files{User: mine}).Read(); err == nil || a.Len() != 0 {
		t.Errorf("for everybody to write: %d, %v", a.Len(), err)
	}
	if _, err := (Files{User: t.TempDir()}).Read(); err == nil {
		t.Error("a directory is a list")
	}
}
