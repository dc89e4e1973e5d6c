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

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
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

// Built is an image that was built. It has no name yet.
type Built struct {
	ID   string
	room *scratch.Dir
}

// Named lets go of what was needed to build. Until then the image, where it has no name,
// is removed by the next zlaunch if this one is killed.
func (b *Built) Named() error { return b.room.Remove() }

// Build builds an image of a Containerfile alone: nothing of the host is in its reach, its
// base has to be here, and it gets no name. It is one more layer. The caller's podman builds it,
// for a build by the API is another program's, with other rights, where the engine is not local.
func (im Images) Build(ctx context.Context, o BuildOptions) (*Built, error) {
	room, err := im.e.scratch.Make(scratch.Claim{Kind: ofBuild, For: im.e.Place()})
	if err != nil {
		return nil, fmt.Errorf("building the image: %w", err)
	}
	id, err := im.buildIn(ctx, room.Path, o)
	if err != nil {
		return nil, fmt.Errorf("building the image: %w", errors.Join(err, room.Remove()))
	}
	return &Built{id, room}, nil
}

// buildIn builds in a directory, and leaves no image with an error.
func (im Images) buildIn(ctx context.Context, dir string, o BuildOptions) (id string, err error) {
	file, empty := filepath.Join(dir, "Containerfile"), filepath.Join(dir, "context")
	if err := errors.Join(os.WriteFile(file, []byte(o.Containerfile), 0o600), os.Mkdir(empty, 0o700), os.Mkdir(asideOf(dir), 0o700)); err != nil {
		return "", err
	}
	args := []string{"build", "--force-rm", "--pull=never", "--no-cache", "--layers=false", "--format=oci", "--iidfile", idIn(dir), "--file", file}
	if o.Docker {
		args[5] = "--format=docker"
	}
	if o.Network != "" {
		args = append(args, "--network="+o.Network)
	}
	cmd := im.e.CLI(context.WithoutCancel(ctx), append(args, empty)...)
	cmd.Env = keepingAside(cmd.Env, im.e.env, asideOf(dir))
	said, err := newSaid(filepath.Join(dir, "said"))
	if err != nil {
		return "", err
	}
	defer said.Close()
	cmd.Stdout, cmd.Stderr = said.to, said.to
	stop := said.follow(o.Said)
	err = im.untilEnd(ctx, cmd)
	stop()
	if err != nil && ctx.Err() == nil {
		return "", hint.Wrap(err, buildHint(o.Network))
	}
	data, err := os.ReadFile(idIn(dir))
	id = strings.TrimPrefix(strings.TrimSpace(string(data)), "sha256:")
	if cerr := ctx.Err(); cerr != nil { // it may have been over already
		if isID(id) {
			cerr = errors.Join(cerr, im.Remove(ctx, id))
		}
		return "", cerr
	}
	if err == nil && !isID(id) {
		err = fmt.Errorf("podman names it %.80q, which is no id", id)
	}
	return id, err
}

// idIn is the file that podman writes the image's id to, and tells a build from others.
func idIn(dir string) string { return filepath.Join(dir, "id") }

// asideOf is where podman keeps its temporary files.
func asideOf(dir string) string { return filepath.Join(dir, "tmp") }

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
	cmd.WaitDelay = endGrace
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
