package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	// waive lets a launch go on where limits cannot be enforced; both sides then
	// go without them.
	waive = "ZL-104=a benchmark"
	// prefix begins the name of everything this program makes.
	prefix = "zlaunch-bench"
	// image is what all launches run; test/demo-image/build makes it.
	image = "localhost/zlaunch-demo:latest"
	// empty is an image without content: its containers cost no disk.
	empty = "localhost/" + prefix + "-empty:latest"
)

// bed is the place where all is measured: a directory of its own with the program,
// models and settings, and the environment both sides get.
type bed struct {
	dir    string
	zl     string // the program under test
	models string
	config string // XDG_CONFIG_HOME of all processes
	env    []string
	socket string // where zlaunch and podman look for the user's own service
	out    io.Writer
}

// newBed makes the place. The caller calls close, also after an error.
func newBed(ctx context.Context, out io.Writer) (*bed, error) {
	dir, err := os.MkdirTemp("", prefix+"-")
	if err != nil {
		return nil, err
	}
	b := &bed{dir: dir, zl: filepath.Join(dir, "zlaunch"), models: filepath.Join(dir, "models"), config: filepath.Join(dir, "config"), out: out}
	b.socket = filepath.Join(runtimeDir(), "podman/podman.sock")
	b.env = append(os.Environ(), "XDG_CONFIG_HOME="+b.config, "XDG_STATE_HOME="+filepath.Join(dir, "state"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	if err := b.settings(b.config, benchProfiles); err != nil {
		return b, err
	}
	b.progress("building")
	if err := build(ctx, "", b.zl); err != nil {
		return b, err
	}
	if err := os.CopyFS(b.models, os.DirFS("cmd/zlaunch-demo/server/models")); err != nil {
		return b, err
	}
	return b, b.do(ctx, "podman", "image", "exists", image)
}

// settings makes a configuration directory with files of profiles and with the
// user's own settings of Podman, which both sides need.
func (b *bed) settings(dir string, files ...string) error {
	profiles := filepath.Join(dir, "zlaunch/profiles.d")
	if err := os.MkdirAll(profiles, 0o700); err != nil {
		return err
	}
	for i, file := range files {
		if err := os.WriteFile(filepath.Join(profiles, number(i)+".toml"), []byte(file), 0o600); err != nil {
			return err
		}
	}
	own := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(own) {
		own = filepath.Join(os.Getenv("HOME"), ".config")
	}
	return os.Symlink(filepath.Join(own, "containers"), filepath.Join(dir, "containers"))
}

func runtimeDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return dir
	}
	return fmt.Sprintf("/run/user/%d", os.Getuid())
}

// build compiles zlaunch as it is released, for arch or, where that is "", for
// this machine.
func build(ctx context.Context, arch, out string) error {
	cmd := exec.CommandContext(ctx, goCommand(), "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, "./cmd/zlaunch")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if arch != "" {
		cmd.Env = append(cmd.Env, "GOOS=linux", "GOARCH="+arch)
	}
	text, err := cmd.CombinedOutput()
	return ended(cmd, err, nil, string(text))
}

func goCommand() string {
	if g := os.Getenv("GO"); g != "" {
		return g
	}
	return "go"
}

// close takes away all that is left, also of a measurement that was broken off.
func (b *bed) close() {
	b.progress("cleaning up")
	b.sweep()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	b.do(ctx, "podman", "network", "rm", "-f", prefix)
	b.do(ctx, "podman", "image", "rm", "-f", empty)
	os.RemoveAll(b.dir)
	b.progress("")
}

// sweep removes the containers of a topic. It does not stop at what is not there.
func (b *bed) sweep() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	names, _ := b.command(ctx, "podman", "ps", "-a", "--filter", "name=^"+prefix, "--format", "{{.Names}}").Output()
	left := strings.Fields(string(names))
	for _, name := range left {
		if !strings.Contains(name, "-idle-") {
			b.do(ctx, b.zl, "stop", name)
		}
	}
	if len(left) > 0 {
		b.do(ctx, append([]string{"podman", "rm", "-f", "-i", "-t", "0"}, left...)...)
	}
}

// progress shows, on one line of a terminal, what goes on.
func (b *bed) progress(format string, a ...any) {
	text := fmt.Sprintf(format, a...)
	if f, ok := b.out.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprintf(f, "\r\x1b[K%.100s", text)
			return
		}
	}
	if text != "" && !strings.Contains(text, ": round ") || strings.Contains(text, ": round 0 ") {
		fmt.Fprintln(b.out, text)
	}
}
