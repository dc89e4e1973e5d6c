package e2e

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const largeImage = "localhost/zlaunch-e2e-large:latest"

// largeSize is the size of the large image's one file.
func largeSize() int64 {
	if slow {
		return 256 << 20 // what an emulated machine copies in minutes
	}
	return 1 << 30
}

// The first run of a large image copies it under the caller's ids, where the
// storage cannot show it so: zlaunch says what takes long, and the second run
// is quick.
func TestLargeImage(t *testing.T) {
	s := newScene(t)
	s.before = s.quiet()
	s.row("large", fmt.Sprintf("the first id-mapped use of a %d MB image is announced where it copies, the second is quick", largeSize()>>20), func(w *world, p *proof) {
		importLarge(w, p)
		native := w.zlaunch(run("job", "--", "exit", "0")...) // what a launch takes here
		if native.code != 0 {
			w.t.Fatal(native.stderr)
		}
		first, saying := timed(w)
		second, _ := timed(w)
		p.saw("%d MB: the first run took %.1f times the second", largeSize()>>20, first.Seconds()/second.Seconds())
		told := strings.Contains(saying, "the first use of an image copies its layers")
		p.saw("told so: %t", told)
		if first > 5*time.Second+patience(time.Second) && first > 3*second && !told {
			w.t.Errorf("the first run took %s, the second %s, and nothing was said:\n%s", first, second, saying)
		}
		if second > first+patience(2*time.Second) {
			w.t.Errorf("the second run took %s, the first %s", second, first)
		}
	})
}

// timed runs a job of the large image on a terminal, where progress is shown.
func timed(w *world) (time.Duration, string) {
	w.t.Helper()
	tty := newTerminal(w.t, 24, 200)
	cmd := w.command(lab.zlaunch, run("--image", largeImage, "job", "--", "exit", "0")...)
	begun := time.Now()
	tty.start(cmd)
	if err := cmd.Wait(); err != nil {
		w.t.Errorf("the job of the large image: %v\n%s", err, tty.seen)
	}
	return time.Since(begun), tty.seen.String()
}

// importLarge imports the test image with a large file of zeros, until the test
// ends.
func importLarge(w *world, p *proof) {
	w.t.Helper()
	root := strings.TrimSpace(w.podman("info", "--format", "{{.Store.GraphRoot}}").stdout)
	if free, err := freeBytes(root); err != nil || free < 4*uint64(largeSize()) {
		p.lacks("%d bytes are free for images, too few for one of %d", free, largeSize())
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience(10*time.Minute))
	defer cancel()
	cmd := exec.CommandContext(ctx, "podman", "import", "-q", "-c", "USER ibm-user", "-c", `ENTRYPOINT ["/workload"]`, "-", largeImage)
	cmd.Env = append(slices.Clone(w.env), "TMPDIR="+w.t.TempDir()) // where an import that is cut short leaves its copy
	in, err := cmd.StdinPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer in.Close()
		writeLarge(in)
	}()
	if got := w.do(cmd); got.code != 0 {
		w.t.Fatalf("importing: %s", got.stderr)
	}
	w.t.Cleanup(func() { exec.Command("podman", "rmi", "-f", largeImage).Run() })
}

// writeLarge writes the test image's archive with one more file.
func writeLarge(to io.Writer) error {
	zeros, err := os.Open("/dev/zero")
	if err != nil {
		return err
	}
	defer zeros.Close()
	return withEntry(to, &tar.Header{Name: "./large", Mode: 0o644, Size: largeSize()}, io.LimitReader(zeros, largeSize()))
}

// withEntry writes the test image's archive with one more entry.
func withEntry(to io.Writer, h *tar.Header, body io.Reader) error {
	f, err := os.Open(filepath.Join(lab.home, "root-1000.tar"))
	if err != nil {
		return err
	}
	defer f.Close()
	out := tar.NewWriter(to)
	for from := tar.NewReader(f); ; {
		h, err := from.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = out.WriteHeader(h)
		}
		if err == nil {
			_, err = io.Copy(out, from)
		}
		if err != nil {
			return err
		}
	}
	if err := out.WriteHeader(h); err != nil {
		return err
	}
	if _, err := io.Copy(out, body); err != nil {
		return fmt.Errorf("writing %s: %w", h.Name, err)
	}
	return out.Close()
}
