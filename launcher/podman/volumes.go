package podman

import (
	"context"
	"encoding/json"
	"time"
)

// broughtVolumes tells whether no volume of a container is older than it is. Podman
// removes every anonymous volume with the container that nothing else uses, also
// one that another container had brought and that this one was given by its name.
func (cs Containers) broughtVolumes(ctx context.Context, id string) bool {
	c, err := cs.Inspect(ctx, id)
	if err != nil {
		return false
	}
	var r struct {
		Created time.Time
		Mounts  []struct{ Type, Name string }
	}
	if json.Unmarshal(c.Raw, &r) != nil {
		return false
	}
	for _, m := range r.Mounts {
		if m.Type != "volume" {
			continue
		}
		var v struct{ CreatedAt time.Time }
		req := request{doing: "inspecting volume " + printable(m.Name), method: "GET", path: escaped("volumes", m.Name) + "/json", limit: queryLimit}
		if _, err := cs.api.do(ctx, req, &v); err != nil || v.CreatedAt.Before(r.Created) {
			return false
		}
	}
	return true
}

// Volume tells whether the engine holds the named volume, and what its driver was told to
// mount: device, type and o, by podman-volume-create(1); nothing for one of the engine's
// own.
func (e *Engine) Volume(ctx context.Context, name string) (options map[string]string, exists bool, err error) {
	var r struct {
		Options map[string]string
	}
	req := request{doing: "inspecting volume " + printable(name), method: "GET", path: escaped("volumes", name) + "/json", limit: queryLimit}
	_, err = e.api.do(ctx, req, &r)
	if isNotFound(err) {
		return nil, false, nil
	}
	return r.Options, err == nil, err
}
