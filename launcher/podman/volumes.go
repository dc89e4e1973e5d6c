package podman

import (
	"context"
	"encoding/json"
	"time"
)

// broughtVolumes tells whether no volume of a container is older than it is. Podman
// removes every anonymous volume with the container that nothing else uses, also
// one that another container had brought and that this one was given by its name.
func (e *Engine) broughtVolumes(ctx context.Context, id string) bool {
	c, err := e.Inspect(ctx, id)
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
		if _, err := e.do(ctx, req, &v); err != nil || v.CreatedAt.Before(r.Created) {
			return false
		}
	}
	return true
}
