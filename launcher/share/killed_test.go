package share

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// child is the variable that has the test program lock a bundle: a home, a reference and the
// fingerprint of its signer.
const child = "ZLAUNCH_TEST_ADDS"

// TestAddUntilKilled is the process that TestKilled kills.
func TestAddUntilKilled(t *testing.T) {
	words := strings.Fields(os.Getenv(child))
	if len(words) != 3 {
		t.Skip("it is the process that TestKilled starts and kills, and no case of its own")
	}
	s, w := shelfIn(words[0]), Wish{Ref: refOf(t, words[1]), Signer: signature.Identity{Fingerprint: words[2]}}
	fmt.Println("begins")
	if _, err := s.Add(context.Background(), s.mine(), w, yes); err != nil {
		t.Fatal(err)
	}
}

// adding starts a process that adds, and returns when it begins.
func adding(t *testing.T, home, ref, signer string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestAddUntilKilled$")
	cmd.Env = append(os.Environ(), child+"="+home+" "+ref+" "+signer)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); err != nil || line != "begins\n" {
		t.Fatalf("%q, %v", line, err)
	}
	go io.Copy(io.Discard, r)
	return cmd
}

// shelfIn is a user of that home directory.
func shelfIn(home string) *Shelf {
	dir := filepath.Join(home, ".config/zlaunch")
	return &Shelf{
		Store:    bundle.StoreIn(func(string) string { return "" }, home),
		Places:   []Place{{container.LayerUser, filepath.Join(dir, lockfile.Name)}},
		Approved: profile.Approvals{Dir: filepath.Join(home, "approved")},
		Guard:    record.Locks(filepath.Join(home, "run")),
	}
}

// kills is how often each is killed: ZLAUNCH_KILLS=200 for the long way.
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("ZLAUNCH_KILLS")); err == nil {
		return n
	}
	return 15
}

// Whoever is killed while it adds or updates leaves what was before, or what was to be:
// what the lock names is in the store whole and signed. The next one is not in its way.
func TestKilled(t *testing.T) {
	a, dir := newTeam(t), t.TempDir()
	one, two := "dir:"+dir+"/one", "dir:"+dir+"/two"
	a.publish(t, one, "1.0.0", "1g")
	a.publish(t, two, "2.0.0", "2g")
	whole := took(t, a, one)
	for name, c := range map[string]struct {
		before string // what is locked; "" nothing
		adds   string
	}{"add": {"", one}, "update": {one, two}} {
		old, done := 0, 0
		for range kills() {
			home := t.TempDir()
			s := shelfIn(home)
			was := ""
			if c.before != "" {
				was = lockedFrom(t, a, s, c.before).Digest
			}
			// Of another place it is the same bundle: the lock says so, and nobody minds.
			if c.before != "" {
				editIn(0, func(l *lockfile.Bundle) { l.Ref = c.adds })(t, s)
			}
			cmd := adding(t, home, c.adds, a.key.Fingerprint())
			time.Sleep(time.Duration(rand.Int64N(int64(whole))))
			cmd.Process.Kill()
			cmd.Wait()
			if now := found(t, s); now == was {
				old++
			} else {
				done++
			}
			if got := lockedFrom(t, a, s, c.adds); found(t, s) != got.Digest {
				t.Fatalf("%s: after one that was killed another has no effect", name)
			}
		}
		t.Logf("%s: of %d that were killed %d left what was before, and %d what was to be", name, kills(), old, done)
	}
}

// found is the digest of what is locked, which is whole; "" nothing.
func found(t *testing.T, s *Shelf) string {
	t.Helper()
	locked, _ := s.Locked(t.Context())
	switch {
	case len(locked) == 0:
		return ""
	case len(locked) > 1 || locked[0].Err != nil:
		t.Fatalf("half done: %+v", locked)
	}
	return locked[0].Bundle.Digest
}

func lockedFrom(t *testing.T, tm team, s *Shelf, ref string) lockfile.Bundle {
	t.Helper()
	c, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, ref), Signer: tm.identity()}, yes)
	if err != nil {
		t.Fatal(err)
	}
	return c.New
}

// took is how long adding takes a process, with room to end.
func took(t *testing.T, a team, ref string) time.Duration {
	cmd := adding(t, t.TempDir(), ref, a.key.Fingerprint())
	begun := time.Now()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return time.Since(begun)
}

// Of many who change one lock at once each finds its own in it, whole; what they take out
// of the store is nobody else's.
func TestAtOnce(t *testing.T) {
	a, dir, home := newTeam(t), t.TempDir(), t.TempDir()
	var started []*exec.Cmd
	var want []string
	for i := range 6 {
		name := fmt.Sprintf("b%d", i)
		ref := "dir:" + dir + "/" + name
		a.publishAs(t, ref, name, "1.0.0", "1g")
		want = append(want, name)
		started = append(started, adding(t, home, ref, a.key.Fingerprint()))
	}
	// Meanwhile one is added and removed again, whose content is that of nobody else's.
	s := shelfIn(home)
	a.publishAs(t, "dir:"+dir+"/mine", "mine", "1.0.0", "1g")
	for range 5 {
		lockedFrom(t, a, s, "dir:"+dir+"/mine")
		if _, err := s.Remove(t.Context(), s.mine(), "mine"); err != nil {
			t.Fatal(err)
		}
	}
	for _, cmd := range started {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	locked, _ := s.Locked(t.Context())
	var got []string
	for _, l := range locked {
		if l.Err != nil {
			t.Error(l.Err)
		}
		got = append(got, l.Bundle.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("locked are %v, want %v", got, want)
	}
}

// What was changed between the question and the answer is not overwritten.
func TestChangedMeanwhile(t *testing.T) {
	a, s, dir := newTeam(t), shelf(t), t.TempDir()
	one, two := "dir:"+dir+"/one", "dir:"+dir+"/two"
	a.publish(t, one, "1.0.0", "1g")
	a.publish(t, two, "2.0.0", "2g")
	w := Wish{Ref: refOf(t, one), Signer: a.identity()}
	_, err := s.Add(t.Context(), s.mine(), w, func(Change) error {
		_, err := s.Add(t.Context(), s.mine(), Wish{Ref: refOf(t, two), Signer: a.identity()}, yes)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "was changed meanwhile") {
		t.Errorf("%v", err)
	}
	if m, err := memory(t, s); err != nil || m != 2<<30 {
		t.Errorf("memory %d, %v", m, err)
	}
}

// Who is interrupted while it asks has changed nothing.
func TestInterrupted(t *testing.T) {
	a, s, ref := newTeam(t), shelf(t), "dir:"+t.TempDir()+"/b"
	a.publish(t, ref, "1.0.0", "1g")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Add(ctx, s.mine(), Wish{Ref: refOf(t, ref), Signer: a.identity()}, func(Change) error { cancel(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) || found(t, s) != "" {
		t.Errorf("%v", err)
	}
}
