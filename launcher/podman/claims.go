package podman

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

// Place names whose containers the engine has, for claims: two ways to the same
// storage of this user's are one place, another storage is another.
func (e *Engine) Place() string {
	if e.service == nil && e.url.String() != "unix://"+defaultSocket(runtimeDir(e.env)) {
		return e.url.Redacted()
	}
	home, config := e.env("HOME"), e.env("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	conf := filepath.Join(config, "containers/storage.conf")
	if _, err := os.Stat(conf); err != nil {
		conf = ""
	}
	return strings.Join([]string{"storage", home, e.env("XDG_DATA_HOME"), conf,
		e.env("CONTAINERS_STORAGE_CONF"), e.env("STORAGE_DRIVER"), e.env("STORAGE_OPTS")}, "\n")
}

// Claimed inspects the container of a claim. The error is [ErrNoContainer] where
// there is none; another of the claimed name is none.
func (cs Containers) Claimed(ctx context.Context, c claim.Claim) (*Container, error) {
	found, err := cs.Inspect(ctx, cmp.Or(c.ID, c.Name))
	if err != nil {
		return nil, err
	}
	if !c.Is(found.ID, found.Name, found.Labels[c.Kind.Label()]) {
		return nil, fmt.Errorf("finding container %s: another has its name: %w", printable(c.Name), ErrNoContainer)
	}
	return found, nil
}

// RemoveUnstarted removes the container of a claim unless it was ever started, and
// what a service left of it that was killed. It tells whether there is none now.
func (cs Containers) RemoveUnstarted(ctx context.Context, c claim.Claim) (gone bool, err error) {
	found, err := cs.Claimed(ctx, c)
	if err == nil && found.everStarted() {
		return false, nil
	}
	// Without force: the engine refuses one that somebody starts meanwhile.
	return cs.removeFound(ctx, c, found, err, RemoveOptions{Volumes: true})
}

// RemoveClaimed removes the container of a claim, running or not.
func (cs Containers) RemoveClaimed(ctx context.Context, c claim.Claim) (gone bool, err error) {
	found, err := cs.Claimed(ctx, c)
	return cs.removeFound(ctx, c, found, err, RemoveOptions{Force: true, Volumes: true})
}

func (cs Containers) removeFound(ctx context.Context, c claim.Claim, found *Container, err error, how RemoveOptions) (gone bool, _ error) {
	if err == nil {
		err = cs.Remove(ctx, found.ID, how)
		c.ID = found.ID
	}
	if err != nil && !errors.Is(err, ErrNoContainer) {
		return false, err
	}
	cs.evidence.EndOrphans(c.ID)
	return true, nil
}

// everStarted tells whether the workload has run, or may have: what is in no state
// from before a start is taken for started.
func (c *Container) everStarted() bool {
	switch c.State.Status {
	case "created", "configured", "initialized":
		return !c.State.Started.IsZero()
	}
	return true
}
