package podman

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

// maxOCIConfig bounds an OCI configuration; 4.3 and 5.4 write some 20 KiB.
const maxOCIConfig = 4 << 20

// Evidence is what this host shows of an engine's containers beside what the engine says:
// the files it and the runtime keep, and the processes in /proc.
type Evidence struct {
	local      bool // see [Engine.Local]
	runtimeDir string
	standby    atomic.Pointer[pauseReader] // made by Prepare, taken by OCIConfig
}

func (ev *Evidence) close() {
	if r := ev.standby.Swap(nil); r != nil {
		r.close()
	}
}

// OCIConfig reads the configuration the OCI runtime was given for c, which must
// have been initialised. The error is [ErrNoEvidence] where it cannot be read,
// as from a remote engine.
func (ev *Evidence) OCIConfig(ctx context.Context, c *Container) ([]byte, error) {
	if err := ev.canSee(c); err != nil {
		return nil, err
	}
	data, err := ev.podmanConfig(ctx, c)
	if err != nil {
		if own, rerr := ev.RuntimeConfig(ctx, c); rerr == nil {
			return own, nil
		}
		return nil, fmt.Errorf("reading the OCI configuration of container %s: %w: %w", short(c.ID), ErrNoEvidence, err)
	}
	return data, nil
}

// podmanConfig reads the file Podman wrote, through Podman's own namespaces
// where keep-id has given its directory to another uid.
func (ev *Evidence) podmanConfig(ctx context.Context, c *Container) ([]byte, error) {
	if c.OCIConfigPath == "" {
		return nil, errors.New("the container has not been initialised")
	}
	if !configOf(c) {
		return nil, fmt.Errorf("%q is not where Podman keeps the configuration of this container", c.OCIConfigPath)
	}
	data, err := readFile(c.OCIConfigPath, maxOCIConfig)
	if err == nil || !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	if r := ev.standby.Swap(nil); r != nil {
		if data, err := r.read(c.OCIConfigPath); err == nil {
			return data, nil
		}
	}
	return readInPause(ctx, ev.runtimeDir, c.OCIConfigPath)
}

// configOf tells whether the path that the engine names is one of this container:
// DRIVER-containers/ID/userdata/config.json below the store, as the storage library
// lays it out.
func configOf(c *Container) bool {
	store, name := filepath.Split(strings.TrimSuffix(c.OCIConfigPath, "/"+filepath.Join(c.ID, "userdata", "config.json")))
	return filepath.IsAbs(c.OCIConfigPath) && filepath.Clean(c.OCIConfigPath) == c.OCIConfigPath && store != "" && strings.HasSuffix(name, "-containers")
}

// RuntimeConfig reads the OCI runtime's own copy of the configuration: crun keeps
// what it read. The error is [ErrNoEvidence] where there is none, as with runc.
func (ev *Evidence) RuntimeConfig(_ context.Context, c *Container) ([]byte, error) {
	if err := ev.canSee(c); err != nil {
		return nil, err
	}
	data, err := readFile(filepath.Join(ev.runtimeDir, "crun", c.ID, "config.json"), maxOCIConfig)
	if err != nil {
		return nil, fmt.Errorf("reading crun's configuration of container %s: %w: %w", short(c.ID), ErrNoEvidence, err)
	}
	return data, nil
}

// RuntimeState reads the state that runc keeps of a container, which holds what it
// was really given; see [observe.Runc]. The error is [ErrNoEvidence] where there is
// none, as with crun.
func (ev *Evidence) RuntimeState(_ context.Context, c *Container) ([]byte, error) {
	if err := ev.canSee(c); err != nil {
		return nil, err
	}
	data, err := readFile(filepath.Join(ev.runtimeDir, "runc", c.ID, "state.json"), maxOCIConfig)
	if err != nil {
		return nil, fmt.Errorf("reading runc's state of container %s: %w: %w", short(c.ID), ErrNoEvidence, err)
	}
	return data, nil
}

func (ev *Evidence) canSee(c *Container) error {
	if !ev.local {
		return hint.Wrap(fmt.Errorf("looking at container %s: %w: the engine is not on this host", short(c.ID), ErrNoEvidence),
			"run zlaunch on the engine's host")
	}
	if !isID(c.ID) {
		return fmt.Errorf("looking at container %s: %w: not an ID", short(c.ID), ErrNoEvidence)
	}
	return nil
}

// Kernel reads the kernel's record of the container's first process, which must
// exist, and makes sure that the process is the container's: its cgroup or its
// mounts must name the container.
func (ev *Evidence) Kernel(c *Container) (observe.Record, error) {
	if err := ev.canSee(c); err != nil {
		return observe.Record{}, err
	}
	r, err := KernelRecord(c.State.Pid)
	if err != nil {
		return observe.Record{}, fmt.Errorf("reading the kernel's record of container %s: %w: %w", short(c.ID), ErrNoEvidence, err)
	}
	if !strings.Contains(r.Cgroup, c.ID) && !strings.Contains(r.Mountinfo, c.ID) {
		return observe.Record{}, fmt.Errorf("reading the kernel's record of container %s: %w: process %d is not its own", short(c.ID), ErrNoEvidence, c.State.Pid)
	}
	return r, nil
}
