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

// RemoveClaimed removes the container of a claim, one that was ever started only where
// started says so, and what a service left of it that was killed. It tells whether there is
// none now.
func (cs Containers) RemoveClaimed(ctx context.Context, c claim.Claim, started bool) (gone bool, err error) {
	found, err := cs.Claimed(ctx, c)
	if err == nil && !started && found.everStarted() {
		return false, nil
	}
	if err == nil {
		// Without force the engine refuses one that somebody starts meanwhile.
		err = cs.Remove(ctx, found.ID, RemoveOptions{Force: started, Volumes: true})
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
