package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// Containers is what a plan asks of other containers: nothing in it changes one.
type Containers interface {
	Inspect(ctx context.Context, id string) (*podman.Container, error)
}

// joinedProblems refuses the run whose namespace is that of a container which is not
// there or does not run: the runtime would end with an error of its own.
func joinedProblems(ctx context.Context, others Containers, s *container.Spec) (out []audit.Problem, err error) {
	refuse := func(key, of, what, next string) {
		out = append(out, audit.Problem{Setting: container.Path{Key: key}, Fatal: true, Hint: next,
			Message: fmt.Sprintf("it joins the %s namespace of container %q, which %s", key, of, what)})
	}
	for _, j := range joins(s) {
		c, err := others.Inspect(ctx, j.of)
		switch {
		case errors.Is(err, podman.ErrNoContainer):
			refuse(j.key, j.of, "is not there", "podman ps --format '{{.Names}}'; or leave it away: a namespace of its own is the default")
		case err != nil:
			return nil, err
		case c.State.Pid == 0:
			refuse(j.key, j.of, "does not run: "+c.State.Status, "podman start "+c.Name+"; or leave it away: a namespace of its own is the default")
		}
	}
	return out, nil
}

// join is a namespace that a run shares with a container.
type join struct{ key, of string }

func joins(s *container.Spec) (out []join) {
	add := func(key, value string) {
		if of, ok := strings.CutPrefix(value, "container:"); ok {
			out = append(out, join{key, of})
		}
	}
	for _, f := range []container.Field[string]{container.Userns, container.Ipc, container.Pid, container.Uts, container.Cgroupns} {
		value, _, _ := f.Get(s)
		add(f.Key(), value)
	}
	networks, _, _ := container.Network.Get(s)
	for _, n := range networks {
		add(container.Network.Key(), n)
	}
	return out
}
