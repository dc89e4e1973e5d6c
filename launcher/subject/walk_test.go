package subject

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// Whatever of a directory can run a container is read or open: links as what they lead
// to, and neither a pipe nor a link to nowhere is passed over.
func TestOthers(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "d")
	write := func(name string) {
		if err := os.WriteFile(name, []byte("podman run --privileged x:1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, made := range []error{os.Mkdir(dir, 0o700), os.Mkdir(filepath.Join(root, "below"), 0o700),
		os.Symlink("../run.sh", filepath.Join(dir, "link.sh")), os.Symlink("nowhere", filepath.Join(dir, "lost.sh")),
		os.Symlink("../below", filepath.Join(dir, "below")), unix.Mkfifo(filepath.Join(dir, "pipe.sh"), 0o600)} {
		if made != nil {
			t.Fatal(made)
		}
	}
	write(filepath.Join(root, "run.sh"))
	write(filepath.Join(dir, "own.sh"))
	pending, err := Files{}.others(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range pending {
		a := p()
		got = append(got, filepath.Base(a.Subject)+" "+verdictOf(a, "ZL-201"))
	}
	if want := []string{"link.sh fail", "lost.sh open", "own.sh fail", "pipe.sh open"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
