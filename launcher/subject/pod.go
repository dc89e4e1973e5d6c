package subject

import (
	"context"
	"errors"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// pod adds what a container of a pod has of the pod's infra container. Where that
// cannot be read, what the pod decides stays open.
func (a surroundings) pod(ctx context.Context) error {
	s := a.spec
	pod, _, _ := container.Pod.Get(s)
	id := observe.Infra(s)
	if pod == "" || id == "" {
		return nil
	}
	infra, err := a.engine.Containers.Inspect(ctx, id)
	if errors.Is(err, podman.ErrNoContainer) {
		return nil
	}
	if err != nil {
		return err
	}
	of, err := observe.Inspect(infra.Raw, observe.Context{Audit: true})
	if err != nil {
		return err
	}
	if theirs, _, _ := container.Pod.Get(of); theirs != pod {
		return nil // another container's, beside the pod's
	}
	observe.InPod(s, of, id)
	a.networks(ctx, infra)
	return nil
}
