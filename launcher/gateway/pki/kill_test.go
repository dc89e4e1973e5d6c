package pki

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// foundIn makes an authority in a directory STATE/gateways/NAME.
func foundIn(path string, template *x509.Certificate) (*authority, error) {
	d, err := files.Root(filepath.Dir(filepath.Dir(path))).Gateway(filepath.Base(path))
	if err != nil {
		return nil, err
	}
	return found(d, "a.pem", template)
}

func keyOf(p *Pair) *ecdsa.PrivateKey { return p.key.(*ecdsa.PrivateKey) }

// writes is the variable that makes a test program issue and revoke until it is killed: the
// state directory.
const writes = "ZLAUNCH_TEST_WRITES_CERTIFICATES"

// TestMain is also the program that is killed in [TestKilled].
func TestMain(m *testing.M) {
	root := os.Getenv(writes)
	if root == "" {
		os.Exit(m.Run())
	}
	d, err := files.Root(root).Gateway("fraud")
	l, c := LocalOf(files.Root(root), ""), ClientsOf(d)
	for i := 0; err == nil; i++ {
		name := fmt.Sprintf("c%d-%d", os.Getpid(), i)
		if _, err = l.Issue(ctx, d, nil, now); err == nil {
			_, err = c.Issue(ctx, name, now)
		}
		if err == nil {
			_, err = c.Revoke(ctx, name, now)
		}
		fmt.Println(name)
	}
	panic(err)
}

// Whenever a writer is killed, certificate and key belong to each other, whatever was
// revoked stays so, and the list's number never gets smaller.
func TestKilled(t *testing.T) {
	root, d := state(t)
	c, l := ClientsOf(d), LocalOf(root, "")
	var number int64
	gone := map[string]bool{}
	for i := range drawn.Times(9) {
		p := exec.Command(os.Args[0])
		p.Env = append(os.Environ(), writes+"="+string(root))
		out, err := p.StdoutPipe()
		if err == nil {
			err = p.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		for n, done := i%3, bufio.NewScanner(out); n > 0 && done.Scan(); n-- { // then somewhere in the next
		}
		time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
		_ = p.Process.Kill()
		_ = p.Wait()
		if _, err := Server(d); err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
		if _, err := c.List(); err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
		if err := c.Publish(ctx, now); err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
		a := must[*authority](t)(load(d, clientsFile))
		list, listed := c.published(a), map[string]bool{}
		for _, e := range list.RevokedCertificateEntries {
			listed[fmt.Sprintf("%x", e.SerialNumber)] = true
		}
		for serial := range gone {
			if !listed[serial] {
				t.Fatalf("after kill %d: %s counts again", i, serial)
			}
		}
		if list.Number.Int64() <= number {
			t.Fatalf("after kill %d: list %s after %d", i, list.Number, number)
		}
		number, gone = list.Number.Int64(), listed
	}
	if _, err := l.Certificate(ctx, now); err != nil {
		t.Error(err)
	}
	if len(gone) == 0 {
		t.Error("nothing was revoked in all that time")
	}
}
