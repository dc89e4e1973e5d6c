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
func (cs Containers) Session(ctx context.Context, id string) (Session, error) {
	var r struct {
		ProcessConfig struct {
			Privileged bool   `json:"privileged"`
			User       string `json:"user"`
		}
	}
	req := request{doing: "inspecting exec session " + short(id), method: "GET", path: escaped("exec", id) + "/json", limit: queryLimit}
	_, err := cs.api.do(ctx, req, &r)
	return Session{ID: id, User: r.ProcessConfig.User, Privileged: r.ProcessConfig.Privileged}, err
}
