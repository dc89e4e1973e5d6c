package launcher

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// texts is the evidence of one container as it was read, so that it can be
// understood beside a plan and without one.
type texts struct {
	in      observe.Context
	inspect []byte
	configs [][]byte // what Podman wrote and, with crun, what the runtime took
	state   []byte   // runc's own, nil with another runtime
	kernel  *observe.Record
	others  observe.Processes
	blind   string // why there is no kernel
}

// elsewhere says why nothing of an engine's kernel is seen.
const elsewhere = "the engine runs on another host, or is another user's"

// texts fetches what is within reach. A container that does not run has nothing
// but what inspect says.
func (l *Launcher) texts(ctx context.Context, c *podman.Container) (*texts, error) {
	t := &texts{inspect: c.Raw, in: observe.Context{ID: c.ID, Audit: true, VolumeDirs: observe.VolumeDirs(c.Raw)}}
	waiting := c.State.Status == "initialized"
	switch {
	case !l.Engine.Local():
		t.blind = elsewhere
		return t, nil
	case !waiting && c.State.Pid <= 0: // running, paused or being stopped: what has a process runs
		t.blind = "the container is " + c.State.Status + " and has no process"
		return t, nil
	}
	var err error
	if t.in.Self, err = podman.KernelRecord(os.Getpid()); err != nil {
		return nil, err
	}
	t.in.Started = !waiting
	config, err := l.Engine.OCIConfig(ctx, c)
	if err == nil {
		t.configs = [][]byte{config}
		if own, err := l.Engine.RuntimeConfig(ctx, c); err == nil {
			t.configs = append(t.configs, own)
		}
	} else if !errors.Is(err, podman.ErrNoEvidence) {
		return nil, err
	}
	if state, err := l.Engine.RuntimeState(ctx, c); err == nil {
		t.state = state
	}
	record, err := l.Engine.Kernel(c)
	if err != nil {
		t.blind, t.others.Unread = err.Error(), []string{"the first cannot be looked at"}
		return t, nil
	}
	t.kernel, t.others = &record, l.Engine.Processes(c, record)
	return t, nil
}

// rungs are the specs of one container; nil ones were out of reach.
type rungs struct {
	inspect *container.Spec
	configs []*container.Spec
	given   *container.Spec // what runc kept of it
	kernel  *container.Spec
}

func (r rungs) all() []*container.Spec {
	return append(append([]*container.Spec{r.inspect}, r.configs...), r.given, r.kernel)
}

// read understands the texts in the words of planned, which takes its place in
// [observe.Context]; notes are what no row can hold.
func (t *texts) read(planned *container.Spec) (r rungs, notes []string, err error) {
	in := t.in
	in.Planned = planned
	if r.inspect, err = observe.Inspect(t.inspect, in); err != nil {
		return r, nil, err
	}
	below := container.Clone(r.inspect)
	for _, data := range t.configs {
		in.Planned = said(below, planned)
		config, more, err := observe.OCI(data, in)
		if err != nil {
			return r, nil, err
		}
		notes = append(notes, more...)
		r.configs = append(r.configs, config)
		container.Overlay(below, config)
	}
	if t.state != nil {
		in.Planned = said(below, planned)
		given, more, err := observe.Runc(t.state, in)
		if err != nil {
			return r, nil, err
		}
		notes = append(notes, more...)
		r.given = given
	}
	if t.kernel == nil {
		return r, notes, nil
	}
	in.Planned = said(below, planned)
	r.kernel, err = observe.Container(*t.kernel, t.others, in)
	return r, notes, err
}

// unprovedTmpfs are notes on tmpfs whose permission bits are not those of the spec.
func (t *texts) unprovedTmpfs(s *container.Spec) (notes []string) {
	if t.kernel == nil {
		return nil
	}
	open := observe.UnprovedTmpfs(*t.kernel, s)
	for _, at := range slices.Sorted(maps.Keys(open)) {
		notes = append(notes, container.Path{Key: container.TmpfsAt.Key(), Elem: at}.String()+": "+open[at])
	}
	return notes
}

// said is what the rungs below show, in the words of planned where it has any.
func said(below, planned *container.Spec) *container.Spec {
	out := container.Clone(below)
	container.Overlay(out, planned)
	return out
}

// seccomp is the filter the runtime was given; nil where no configuration was
// within reach or there is none in it.
func (t *texts) seccomp() *specs.LinuxSeccomp {
	var c struct {
		Linux struct{ Seccomp *specs.LinuxSeccomp }
	}
	if len(t.configs) == 0 || json.Unmarshal(t.configs[len(t.configs)-1], &c) != nil {
		return nil
	}
	return c.Linux.Seccomp
}
