package podman

import "context"

// Session is a command somebody runs in a container beside its workload.
type Session struct {
	ID         string
	User       string // as it was typed; "" is the container's own
	Privileged bool
}

// Session looks at an exec session of a container. The user and what it may do
// are what was asked for, not what the kernel shows.
func (e *Engine) Session(ctx context.Context, id string) (Session, error) {
	var r struct {
		ProcessConfig struct {
			Privileged bool   `json:"privileged"`
			User       string `json:"user"`
		}
	}
	req := request{doing: "inspecting exec session " + short(id), method: "GET", path: escaped("exec", id) + "/json", limit: queryLimit}
	_, err := e.do(ctx, req, &r)
	return Session{ID: id, User: r.ProcessConfig.User, Privileged: r.ProcessConfig.Privileged}, err
}

// VolumeOptions are what the driver of a named volume was told to mount: device, type
// and o, by podman-volume-create(1); empty for a volume of the engine's own.
func (e *Engine) VolumeOptions(ctx context.Context, name string) (map[string]string, error) {
	var r struct {
		Options map[string]string
	}
	req := request{doing: "inspecting volume " + printable(name), method: "GET", path: escaped("volumes", name) + "/json", limit: queryLimit}
	_, err := e.do(ctx, req, &r)
	return r.Options, err
}
