package token

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// writes is the variable that makes a test program write tokens until it is killed: the
// state directory.
const writes = "ZLAUNCH_TEST_WRITES_TOKENS"

// TestMain is also the program that is killed in [TestKilled].
func TestMain(m *testing.M) {
	root := os.Getenv(writes)
	if root == "" {
		os.Exit(m.Run())
	}
	d, err := files.Root(root).Gateway("fraud")
	if err != nil {
		panic(err)
	}
	s := Of(d)
	for i := 0; ; i++ {
		name := fmt.Sprintf("t%d-%d", os.Getpid(), i)
		if _, err := s.Add(context.Background(), ask(name, gateway.Inference)); err != nil {
			panic(err)
		}
		if err := s.Revoke(context.Background(), name, now); err != nil {
			panic(err)
		}
		fmt.Println(name)
	}
}

// Whenever a writer is killed, the tokens are those before or those after, the proxy's file
// has none that ours has not, and the next writer waits for nobody.
func TestKilled(t *testing.T) {
	s, d := store(t)
	add(t, s, ask("stays", gateway.Admin))
	root := filepath.Dir(filepath.Dir(d.Path("")))
	for i := range drawn.Times(12) {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), writes+"="+root)
		out, err := c.StdoutPipe()
		if err == nil {
			err = c.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		for n, done := i%3, bufio.NewScanner(out); n > 0 && done.Scan(); n-- { // then somewhere in the next
		}
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		_ = c.Process.Kill()
		_ = c.Wait()
		all, err := s.List()
		if err != nil || len(all) < 1 || len(all) > 2 && all[0].Name != "stays" {
			t.Fatalf("after kill %d: %+v, %v", i, all, err)
		}
		known := map[string]bool{}
		for _, tk := range all {
			known[tk.Hash] = true
		}
		for _, line := range strings.Split(strings.TrimSpace(read(t, d, "files/tokens.map")), "\n") {
			if hash, _, ok := strings.Cut(line, " "); !ok || !known[hash] {
				t.Fatalf("after kill %d: the proxy has %q, of %+v", i, line, all)
			}
		}
		for _, tk := range all { // the next writer finds no lock
			if tk.Name != "stays" {
				if err := s.Revoke(context.Background(), tk.Name, now); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if all, err := s.List(); err != nil || len(all) != 1 || all[0].Name != "stays" {
		t.Errorf("%+v, %v", all, err)
	}
}
