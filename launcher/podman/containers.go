package podman

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Containers are those that an engine holds, each called by its name or ID.
type Containers struct {
	api      *api
	evidence *Evidence
}

// Create makes a container of spec that runs nothing yet and returns its ID and
// what the engine warned of. command is recorded as the line that made it, for
// people; it decides nothing. A context that ends meanwhile may leave the
// container behind: its name and labels are how to find it.
func (cs Containers) Create(ctx context.Context, spec *container.Spec, command []string) (id string, warnings []string, err error) {
	body, err := createRequest(spec, command)
	if err != nil {
		return "", nil, err
	}
	return create(ctx, cs.api, "creating the container", body)
}

func create(ctx context.Context, a *api, doing string, body any) (id string, warnings []string, err error) {
	var r struct {
		ID       string `json:"Id"`
		Warnings []string
	}
	if _, err := a.do(ctx, request{doing: doing, method: "POST", path: "/containers/create", body: body}, &r); err != nil {
		return "", nil, err
	}
	if !isID(r.ID) {
		return "", nil, fmt.Errorf("%s: the engine named no container", doing)
	}
	for i, w := range r.Warnings {
		r.Warnings[i] = printable(w)
	}
	return r.ID, r.Warnings, nil
}

// Init has the OCI runtime set the container up: its namespaces, mounts and
// first process exist, its workload has not run. [ErrCommandNotFound] and
// [ErrCommandCannotRun] may come from here or from [Containers.Start], as the
// runtime has it.
func (cs Containers) Init(ctx context.Context, id string) error {
	return cs.step(ctx, id, "initialising", "init", nil)
}

// Start lets the workload run.
func (cs Containers) Start(ctx context.Context, id string) error {
	return cs.step(ctx, id, "starting", "start", nil)
}

// Stop asks the workload to end and kills it after timeout. A container that
// does not run is left as it is.
func (cs Containers) Stop(ctx context.Context, id string, timeout time.Duration) error {
	err := cs.step(ctx, id, "stopping", "stop", url.Values{"timeout": {strconv.Itoa(int(timeout.Seconds()))}})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// Signal sends a signal to the first process of a container: "USR2".
func Signal(ctx context.Context, cs Containers, id, name string) error {
	return cs.step(ctx, id, "signalling", "kill", url.Values{"signal": {name}})
}

// Address is that of a running container in a named network.
func Address(ctx context.Context, cs Containers, id, network string) (string, error) {
	c, err := cs.Inspect(ctx, id)
	if err != nil {
		return "", err
	}
	a, err := netip.ParseAddr(c.Addresses[network])
	if err != nil {
		return "", fmt.Errorf("container %s has no address in network %s", short(id), printable(network))
	}
	return a.String(), nil
}

// errUnchanged: the engine found the container in the wanted state already.
var errUnchanged = errors.New("it is so already")

// step moves a container to another state.
func (cs Containers) step(ctx context.Context, id, doing, verb string, query url.Values) error {
	doing += " container " + short(id)
	status, err := cs.api.do(ctx, request{doing: doing, method: "POST", path: escaped("containers", id, verb), query: query}, nil)
	if err == nil && status == http.StatusNotModified {
		err = fmt.Errorf("%s: %w", doing, errUnchanged)
	}
	return err
}

// RemoveOptions says what to remove with a container.
type RemoveOptions struct {
	Force   bool // also one that runs: killed at once
	Volumes bool // the anonymous volumes that it brought, see [Containers.broughtVolumes]
}

// Remove removes a container. The error is [ErrNoContainer] where there is none.
func (cs Containers) Remove(ctx context.Context, id string, o RemoveOptions) error {
	volumes := o.Volumes && cs.broughtVolumes(ctx, id)
	query := url.Values{"force": {strconv.FormatBool(o.Force)}, "volumes": {strconv.FormatBool(volumes)}} // "v" is for Docker's API alone
	if o.Force {
		query.Set("timeout", "0")
	}
	doing := "removing container " + short(id)
	var reports json.RawMessage // nothing, or one report for each container
	_, err := cs.api.do(ctx, request{doing: doing, method: "DELETE", path: escaped("containers", id), query: query}, &reports)
	if err != nil {
		return err
	}
	var list []struct{ Err any }
	if json.Unmarshal(reports, &list) == nil {
		for _, r := range list {
			if text, ok := r.Err.(string); ok && text != "" {
				return fmt.Errorf("%s: %w", doing, parseError([]byte(text), http.StatusInternalServerError))
			}
		}
	}
	return nil
}

// Exists tells whether there is a container of that name or ID.
func (cs Containers) Exists(ctx context.Context, id string) (bool, error) {
	return cs.api.exists(ctx, "looking for container "+short(id), escaped("containers", id)+"/exists")
}

// Wait waits until a container that was started has ended and returns its exit
// code. Podman answers 0 for one that never ran, so that is asked first; call
// Wait right after [Containers.Start], without a condition no earlier end is missed.
func (cs Containers) Wait(ctx context.Context, id string) (int, error) {
	c, err := cs.Inspect(ctx, id)
	if err != nil {
		return 0, err
	}
	switch c.State.Status {
	case "created", "configured", "initialized":
		return 0, fmt.Errorf("waiting for container %s: %w", short(id), ErrNeverRan)
	}
	doing := "waiting for container " + short(id)
	var code json.RawMessage
	// Podman looks every 250 ms unless told otherwise.
	_, err = cs.api.do(ctx, request{doing: doing, method: "POST", path: escaped("containers", id, "wait"), query: url.Values{"interval": {"5ms"}}}, &code)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(string(code))
	if err != nil {
		return 0, fmt.Errorf("%s: reading the exit code: %w", doing, err)
	}
	return n, nil
}

// short is an ID as people see it; a name stays whole.
func short(id string) string {
	if isID(id) {
		return id[:12]
	}
	return printable(id)
}
