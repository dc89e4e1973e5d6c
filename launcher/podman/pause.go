package podman

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// nsenterLimit is how long a program inside Podman's own namespaces may take to
// do its work: 2 ms measured.
const nsenterLimit = 10 * time.Second

// inPause is the command that runs a program inside the user and mount namespace
// that rootless Podman's pause process holds open.
func inPause(ctx context.Context, runtimeDir string, program ...string) (*exec.Cmd, error) {
	text, err := readFile(filepath.Join(runtimeDir, "libpod", "tmp", "pause.pid"), 32)
	if err != nil {
		return nil, fmt.Errorf("finding Podman's pause process: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return nil, errors.New("finding Podman's pause process: the file holds no pid")
	}
	nsenter, err := findProgram("nsenter")
	if err != nil {
		return nil, fmt.Errorf("entering Podman's namespace: %w", err)
	}
	cmd := exec.CommandContext(ctx, nsenter, append([]string{"-t", strconv.Itoa(pid), "-U", "-m", "--preserve-credentials"}, program...)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C"}
	return cmd, nil
}

// pauseReader reads one file as Podman sees it. It is started ahead of time:
// starting it takes 15 ms, which pass while the engine sets the container up.
type pauseReader struct {
	cmd    *exec.Cmd
	end    context.CancelFunc
	name   io.WriteCloser
	data   io.ReadCloser
	stderr bytes.Buffer
}

// newPauseReader starts a reader that waits for the file's name.
func newPauseReader(ctx context.Context, runtimeDir string) (*pauseReader, error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &pauseReader{end: cancel}
	cmd, err := inPause(ctx, runtimeDir, "sh", "-c", `IFS= read -r file && exec cat -- "$file"`)
	if err == nil {
		r.cmd, cmd.Stderr = cmd, &limitedWriter{&r.stderr, maxError}
		r.name, err = cmd.StdinPipe()
	}
	if err == nil {
		r.data, err = cmd.StdoutPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("entering Podman's namespace: %w", err)
	}
	return r, nil
}

// read names the file, returns what is in it and ends the reader.
func (r *pauseReader) read(file string) ([]byte, error) {
	defer r.end()
	if strings.ContainsAny(file, "\n\x00") {
		r.close()
		return nil, errors.New("entering Podman's namespace: the file's name holds a line break")
	}
	slow := time.AfterFunc(nsenterLimit, r.end)
	defer slow.Stop()
	_, werr := io.WriteString(r.name, file+"\n")
	r.name.Close()
	data, rerr := readBounded(r.data, maxOCIConfig)
	if rerr != nil {
		r.end()
	}
	if err := r.cmd.Wait(); err != nil && rerr == nil {
		rerr = fmt.Errorf("entering Podman's namespace: %w: %s", errors.Join(err, werr), printable(r.stderr.String()))
	}
	return data, rerr
}

// close ends a reader that was not needed.
func (r *pauseReader) close() {
	r.end()
	_ = r.cmd.Wait() // it was killed
}

// readInPause reads a file as Podman sees it.
func readInPause(ctx context.Context, runtimeDir, file string) ([]byte, error) {
	r, err := newPauseReader(ctx, runtimeDir)
	if err != nil {
		return nil, err
	}
	return r.read(file)
}

// Mounted is the device and the inode of what is mounted at target in the container
// of a waiting process, as Podman sees it: directories of the image that are not the
// caller's are no obstacle.
func (ev *Evidence) Mounted(ctx context.Context, pid int, target string) (dev, ino uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, nsenterLimit)
	defer cancel()
	cmd, err := inPause(ctx, ev.runtimeDir, "stat", "-L", "-c", "%d %i", "--", filepath.Join("/proc", strconv.Itoa(pid), "root", target))
	if err != nil {
		return 0, 0, err
	}
	out, err := cmd.Output()
	if err == nil {
		_, err = fmt.Sscan(string(out), &dev, &ino)
	}
	return dev, ino, err
}

// limitedWriter keeps the first left bytes and drops the rest.
type limitedWriter struct {
	to   *bytes.Buffer
	left int
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	w.to.Write(p[:n])
	return len(p), nil
}

// Prepare readies what [Evidence.OCIConfig] will need of a container of this user's,
// while the engine is busy. That it cannot is no failure yet.
func (ev *Evidence) Prepare(ctx context.Context) {
	if !ev.local {
		return
	}
	r, err := newPauseReader(context.WithoutCancel(ctx), ev.runtimeDir)
	if err != nil {
		return
	}
	if old := ev.standby.Swap(r); old != nil {
		old.close()
	}
}
