package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// sudo is a command as root, without a password.
func sudo(args ...string) *exec.Cmd { return exec.Command("sudo", append([]string{"-n"}, args...)...) }

// needRoot skips a row on a machine where this user is not root's equal.
func (p *proof) needRoot(what string) {
	p.t.Helper()
	if out, err := sudo("true").CombinedOutput(); err != nil {
		p.lacks("%s takes root, and sudo -n does not give it here (%v %s)", what, err, strings.TrimSpace(string(out)))
	}
}

// smallDisk mounts a file system of its own at dir, bounded by options, until
// unmount is called or the test ends.
func smallDisk(p *proof, dir, options string) (unmount func()) {
	p.t.Helper()
	p.needRoot("mounting a small file system")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	own := fmt.Sprintf("%s,mode=0700,uid=%d,gid=%d", options, os.Getuid(), os.Getgid())
	if out, err := sudo("mount", "-t", "tmpfs", "-o", own, "zlaunch-e2e", dir).CombinedOutput(); err != nil {
		p.t.Fatalf("mounting: %s", out)
	}
	unmount = sync.OnceFunc(func() {
		if out, err := sudo("umount", "-l", dir).CombinedOutput(); err != nil {
			p.t.Errorf("unmounting: %s", out)
		}
	})
	p.t.Cleanup(unmount)
	return unmount
}

// visible skips a row where podman, whose mount namespace may be older, does not see
// what was mounted: / is a private mount there, as without systemd.
func (p *proof) visible(w *world, dir string) {
	p.t.Helper()
	here := w.do(w.command("stat", "-f", "-c", "%T %b", dir)).stdout
	there := w.direct().podman("unshare", "stat", "-f", "-c", "%T %b", dir).stdout
	if here != there {
		p.lacks("podman's mount namespace does not see new mounts of this host: %q here, %q there", strings.TrimSpace(here), strings.TrimSpace(there))
	}
}

// fill writes until the disk of dir is full, and keeps what was written.
func fill(p *proof, dir string) {
	p.t.Helper()
	f, err := os.Create(filepath.Join(dir, "ballast"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	block, written := make([]byte, 64<<10), 0
	for len(block) > 0 {
		n, err := f.Write(block)
		written += n
		if errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			p.t.Fatal(err)
		}
	}
	p.saw("%d bytes fill the disk", written)
}

// A full disk below zlaunch's own files or the job's output ends the launch with
// the disk's name, and nothing is left.
func TestFullDisk(t *testing.T) {
	s := newScene(t)
	s.row("state", "a full disk below XDG_STATE_HOME: the record cannot be written, the launch ends", func(w *world, p *proof) {
		dir := filepath.Join(w.t.TempDir(), "small")
		smallDisk(p, dir, "size=256k")
		fill(p, dir)
		w.env = append(slices.Clone(w.env), "XDG_STATE_HOME="+dir)
		refused(p, w.zlaunch(run("-d", "web")...), "writing the launch record", "no space left on device", "df -h")
		if left, _ := filepath.Glob(dir + "/zlaunch/launches/*"); len(left) > 0 {
			w.t.Errorf("left on the full disk: %v", left)
		}
	})
	s.row("output", "a full disk below the output of a job: the workload gets ENOSPC and its own status", func(w *world, p *proof) {
		dir := filepath.Join(w.t.TempDir(), "small")
		smallDisk(p, dir, "size=256k")
		p.visible(w, dir)
		fill(p, dir)
		got := w.zlaunch(run("job", "--output", dir, "--", "write", "/output/result")...)
		p.saw("exit %d: %s", got.code, explained(got.stderr))
		if got.code != 1 || !strings.Contains(got.stdout+got.stderr, "no space left on device") {
			w.t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
		}
	})
	s.row("runtime", "no room for a lock in the runtime directory", func(w *world, p *proof) {
		dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "zlaunch")
		unmount := smallDisk(p, dir, "size=64k,nr_inodes=1") // the root directory alone
		refused(p, w.zlaunch(run("-d", "web")...), "opening lock", "no space left on device", "df -i")
		unmount() // the ledger is of the directory below
	})
}

// Where the engine's own storage is full, a run is refused before anything is
// made, and a disk that fills up after that leaves what was there.
func TestFullStorage(t *testing.T) {
	s := newScene(t)
	p := shows(t, "faults", "a storage of podman's own on a disk of 256 MB")
	dir, err := os.MkdirTemp("", "e2e-store-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { exec.Command("podman", "unshare", "rm", "-rf", dir).Run() }) // podman makes it under the mount where it does not see that
	smallDisk(p, dir, "size=256m")
	storage(s.world, dir)
	p.visible(s.world, dir)
	if got := s.podman("import", "-q", "-c", "USER ibm-user", "-c", `ENTRYPOINT ["/workload"]`, filepath.Join(lab.home, "root-1000.tar"), image); got.code != 0 {
		t.Fatalf("importing into the small storage: %s", got.stderr)
	}
	t.Cleanup(func() { s.direct().podman("unshare", "sh", "-c", "rm -rf "+dir+"/*") })
	privateOnly(t, s.world) // a service that runs already has another storage
	if got := s.zlaunch(run("-d", "web")...); got.code != 0 {
		t.Fatalf("with room: %s", got.stderr)
	}
	s.zlaunch("stop", "web")
	s.before = s.quiet()
	s.row("full", "the disk of podman's storage is full: the launch ends with a message, and what it began is gone", func(w *world, p *proof) {
		fill(p, dir)
		got := w.zlaunch(run("-d", "web")...)
		refused(p, got)
		if !strings.Contains(got.stderr, "no space left") && !strings.Contains(got.stderr, "are free") && !strings.Contains(got.stderr, "disk is full") {
			w.t.Errorf("it does not say that the disk is full: %s", got.stderr)
		}
		if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
			w.t.Error(err)
		}
		w.zlaunch("stop", "--all")
	})
	s.row("again", "with room again the same launch serves", func(w *world, p *proof) {
		got := w.zlaunch(run("-d", "web")...)
		p.saw("exit %d", got.code)
		if got.code != 0 {
			w.t.Errorf("run: %s", got.stderr)
		}
		w.zlaunch("stop", "web")
	})
}

// storage gives the world's podman a storage of its own below dir.
func storage(w *world, dir string) {
	w.t.Helper()
	driver := strings.TrimSpace(w.podman("info", "--format", "{{.Store.GraphDriverName}}").stdout)
	options := ""
	if at := strings.TrimSpace(w.podman("info", "--format", `{{index .Store.GraphOptions "overlay.mount_program"}}`).stdout); strings.Contains(at, "fuse-overlayfs") {
		options = "[storage.options.overlay]\nmount_program = \"/usr/bin/fuse-overlayfs\"\n"
	}
	run, err := os.MkdirTemp(os.Getenv("XDG_RUNTIME_DIR"), "e2e-run-")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { os.RemoveAll(run) })
	w.write("containers/storage.conf", fmt.Sprintf("[storage]\ndriver = %q\ngraphroot = %q\nrunroot = %q\n%s", driver, dir+"/graph", run, options))
	w.conf("engine", fmt.Sprintf("tmp_dir = %q", run+"/tmp"))
	w.t.Cleanup(func() { w.direct().podman("system", "migrate") }) // ends the process that keeps this storage's namespace
}
