package podman

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Container is what inspection shows of one container. Raw is the whole of it.
type Container struct {
	ID            string
	Name          string
	Image         string // the reference it was created from
	ImageID       string
	Labels        map[string]string
	State         State
	OCIConfigPath string // on the engine's host; "" before init
	CgroupPath    string // "" before the runtime has reported it
	LogPath       string
	Ports         []Port
	Command       []string          // the podman line it was made by, as the engine keeps it: a claim, with secrets in it
	Execs         []string          // exec sessions that are open
	Networks      []string          // named networks, sorted; none where a mode stands for them
	Addresses     map[string]string // by named network, of IPv4 where it has both; "" while it does not run
	NetworkMode   string            // bridge, none, host, slirp4netns, container:ID …
	UsernsMode    string            // "" the engine's, private, container:ID
	Raw           json.RawMessage
}

// State is where a container is in its life.
type State struct {
	Status    string // created, initialized, running, stopped, exited, …
	Pid       int    // of the first process on the engine's host; 0: none
	ExitCode  int
	OOMKilled bool
	Error     string
	Started   time.Time
	Finished  time.Time
}

// Port is one published port.
type Port struct {
	Container uint16
	Protocol  string
	HostIP    string // "" is all addresses
	HostPort  uint16
}

// The engine reads /proc of a workload that may end meanwhile, and then fails the
// whole inspection; soon after it has noticed, and answers.
const (
	inspectTries = 10
	inspectPause = 20 * time.Millisecond
)

// Inspect reports on one container. The error is [ErrNoContainer] where there is
// none.
func (cs Containers) Inspect(ctx context.Context, id string) (*Container, error) {
	var raw json.RawMessage
	doing := "inspecting container " + short(id)
	for try := 1; ; try++ {
		_, err := cs.api.do(ctx, request{doing: doing, method: "GET", path: escaped("containers", id) + "/json", limit: queryLimit}, &raw)
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "no such process") || try == inspectTries {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(inspectPause):
		}
	}
	c, err := parseContainer(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: reading the reply: %w", doing, err)
	}
	return c, nil
}

// parseContainer reads libpod's inspection; see libpod/define/container_inspect.go.
func parseContainer(raw []byte) (*Container, error) {
	var r struct {
		ID            string `json:"Id"`
		Name          string
		Image         string
		ImageName     string
		OCIConfigPath string
		LogPath       string
		ExecIDs       []string
		Config        struct {
			Labels        map[string]string
			CreateCommand []string
		}
		HostConfig struct {
			LogConfig               struct{ Path string }
			NetworkMode, UsernsMode string
		}
		State struct {
			Status, Error, CgroupPath string
			Pid, ExitCode             int
			OOMKilled                 bool
			StartedAt, FinishedAt     time.Time
		}
		NetworkSettings struct {
			Ports    map[string][]struct{ HostIP, HostPort string }
			Networks map[string]struct{ IPAddress, GlobalIPv6Address string }
		}
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	if !isID(r.ID) {
		return nil, fmt.Errorf("%q is no container ID", r.ID)
	}
	c := &Container{
		ID: r.ID, Name: r.Name, Image: r.ImageName, ImageID: r.Image, Labels: r.Config.Labels,
		OCIConfigPath: r.OCIConfigPath, CgroupPath: r.State.CgroupPath, LogPath: cmp.Or(r.LogPath, r.HostConfig.LogConfig.Path), Raw: raw,
		Command: r.Config.CreateCommand, Execs: r.ExecIDs,
		Networks: slices.Sorted(maps.Keys(r.NetworkSettings.Networks)), NetworkMode: r.HostConfig.NetworkMode, UsernsMode: r.HostConfig.UsernsMode,
		State: State{r.State.Status, r.State.Pid, r.State.ExitCode, r.State.OOMKilled, r.State.Error, r.State.StartedAt, r.State.FinishedAt},
	}
	for name, n := range r.NetworkSettings.Networks {
		if c.Addresses == nil {
			c.Addresses = map[string]string{}
		}
		c.Addresses[name] = cmp.Or(n.IPAddress, n.GlobalIPv6Address)
	}
	for key, hosts := range r.NetworkSettings.Ports {
		port, proto, _ := strings.Cut(key, "/")
		for _, h := range hosts {
			c.Ports = append(c.Ports, Port{portNumber(port), proto, h.HostIP, portNumber(h.HostPort)})
		}
	}
	slices.SortFunc(c.Ports, func(a, b Port) int {
		return cmp.Or(cmp.Compare(a.Container, b.Container), cmp.Compare(a.Protocol, b.Protocol),
			cmp.Compare(a.HostIP, b.HostIP), cmp.Compare(a.HostPort, b.HostPort))
	})
	return c, nil
}

// portNumber reads a port; what is none is 0.
func portNumber(s string) uint16 {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// Listed is one line of a list of containers.
type Listed struct {
	ID      string `json:"Id"`
	Names   []string
	Image   string
	ImageID string
	State   string
	Labels  map[string]string
	Created time.Time
	Pid     int
	PodName string
	Ports   []ListedPort
}

// Name is the first name of the container, its id where it has none.
func (l Listed) Name() string {
	if len(l.Names) == 0 {
		return l.ID
	}
	return l.Names[0]
}

// ListedPort is a range of published ports.
type ListedPort struct {
	HostIP        string `json:"host_ip"`
	ContainerPort uint16 `json:"container_port"`
	HostPort      uint16 `json:"host_port"`
	Range         uint16 `json:"range"`
	Protocol      string `json:"protocol"`
}

// List lists the containers, in any state, that carry all labels; a label
// without a value matches any. They come in the order of their creation.
func (cs Containers) List(ctx context.Context, labels map[string]string) ([]Listed, error) {
	var want []string
	for k, v := range labels {
		if v != "" {
			k += "=" + v
		}
		want = append(want, k)
	}
	slices.Sort(want)
	query := url.Values{"all": {"true"}}
	if len(want) > 0 {
		filters, err := json.Marshal(map[string][]string{"label": want})
		if err != nil {
			return nil, err
		}
		query.Set("filters", string(filters))
	}
	var list []Listed
	_, err := cs.api.do(ctx, request{doing: "listing containers", method: "GET", path: "/containers/json", query: query, limit: queryLimit}, &list)
	slices.SortFunc(list, func(a, b Listed) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return list, err
}
