package podman

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Images are what changes the images of an engine.
type Images struct{ e *Engine }

// BuildOptions say how an image is built.
type BuildOptions struct {
	Containerfile string
	Docker        bool      // in Docker's format and not in OCI's
	Network       string    // of its commands, as podman-build's --network; "" is podman's own
	Said          io.Writer // what the build prints
}

// buildGrace is how long a build that was ended has to take its container away.
const buildGrace = 20 * time.Second

// Build builds an image of a Containerfile alone: nothing of the host is in its reach, its
// base has to be here, and it gets no name. It is one more layer. The caller's podman builds it,
// for a build by the API is another program's, with other rights, where the engine is not local.
func (im Images) Build(ctx context.Context, o BuildOptions) (id string, err error) {
	dir, err := os.MkdirTemp("", "zlaunch-build-")
	if err != nil {
		return "", fmt.Errorf("building the image: %w", err)
	}
	defer os.RemoveAll(dir)
	file, named := filepath.Join(dir, "Containerfile"), filepath.Join(dir, "id")
	empty := filepath.Join(dir, "context")
	if err := errors.Join(os.WriteFile(file, []byte(o.Containerfile), 0o600), os.Mkdir(empty, 0o700)); err != nil {
		return "", fmt.Errorf("building the image: %w", err)
	}
	args := []string{"build", "--pull=never", "--no-cache", "--layers=false", "--format", "oci", "--iidfile", named, "--file", file}
	if o.Docker {
		args[5] = "docker"
	}
	if o.Network != "" {
		args = append(args, "--network="+o.Network)
	}
	if err := im.run(ctx, o.Said, append(args, empty)...); err != nil {
		return "", hint.Wrap(fmt.Errorf("building the image: %w", err), buildHint(o.Network))
	}
	data, err := os.ReadFile(named)
	id = strings.TrimPrefix(strings.TrimSpace(string(data)), "sha256:")
	if err == nil && !isID(id) {
		err = fmt.Errorf("podman names it %.80q, which is no id", id)
	}
	if err != nil {
		return "", fmt.Errorf("building the image: %w", err)
	}
	return id, nil
}

func buildHint(network string) string {
	if network == "none" {
		return "the build has no network, and a package manager asks its archive: leave --network none away"
	}
	return "what it says stands above; its archive has to be in reach: --network host where only this host reaches it, HTTPS_PROXY where a proxy does"
}

// run runs podman in a session of its own: a Ctrl-C is sent on by the end of ctx, as an
// interrupt, by which podman takes away what it was working in.
func (im Images) run(ctx context.Context, said io.Writer, args ...string) error {
	var last bytes.Buffer
	cmd := im.e.CLI(ctx, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = buildGrace
	cmd.Stdout, cmd.Stderr = said, said
	if said == nil {
		cmd.Stdout, cmd.Stderr = nil, &last
	}
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if text := strings.TrimSpace(last.String()); err != nil && text != "" {
		err = fmt.Errorf("%w: %.300s", err, printable(text))
	}
	return err
}

// Tag gives an image a name that none here has. The error is [ErrTaken] where one has.
func (im Images) Tag(ctx context.Context, id, name string) error {
	switch _, err := inspectImage(ctx, im.e.api, name); {
	case err == nil:
		return fmt.Errorf("naming the image %.12s %s: %w", id, name, ErrTaken)
	case !errors.Is(err, ErrNoImage):
		return err
	}
	if err := im.run(ctx, nil, "tag", id, name); err != nil {
		return fmt.Errorf("naming the image %.12s %s: %w", id, name, err)
	}
	return nil
}

// LayersSize is how many bytes the layers of an image have, each counted once. The size that the
// engine tells of an image ([effective.Image]) counts its layers again for each mapping of ids
// under which it was run; it is taken where the engine has no history of the image, as Podman
// fails to tell that of one whose entries have no date.
func (im Images) LayersSize(ctx context.Context, img *effective.Image) int64 {
	var steps []struct{ Size int64 }
	req := request{doing: fmt.Sprintf("asking for the history of the image %.12s", img.ID), method: "GET", path: escaped("images", img.ID) + "/history", limit: queryLimit}
	if _, err := im.e.api.do(ctx, req, &steps); err != nil {
		return img.Size
	}
	var n int64
	for _, s := range steps {
		n += min(max(0, s.Size), img.Size)
	}
	if n == 0 {
		return img.Size
	}
	return min(n, img.Size)
}

// ErrTaken is the error where a name is another image's.
var ErrTaken = errors.New("an image has that name")

// Remove removes a name of an image, and the image with its last one. One that a
// container uses stays, and is an error.
func (im Images) Remove(ctx context.Context, name string) error {
	if err := im.run(context.WithoutCancel(ctx), nil, "rmi", name); err != nil {
		return fmt.Errorf("removing the image %s: %w", name, err)
	}
	return nil
}
