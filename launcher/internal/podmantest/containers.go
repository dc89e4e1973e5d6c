package podmantest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// Container is one container of the server.
type Container struct {
	ID      string
	State   string // created, initialized, running, exited
	Code    int    // of its exit
	Log     string // what it wrote
	Started time.Time
	Request Request
	ended   chan struct{}
}

// Request is what of a create request the server understands; see libpod's
// SpecGenerator.
type Request struct {
	Name          string
	Image         string
	RawImageName  string `json:"raw_image_name"`
	Env           map[string]string
	Labels        map[string]string
	Command       []string `json:"containerCreateCommand"`
	Privileged    bool
	Remove        bool
	Init          bool
	Stdin         bool
	StopTimeout   int64  `json:"stop_timeout"`
	RestartPolicy string `json:"restart_policy"`
	HealthConfig  *struct{ Test []string }
	NetNS         struct{ NSMode string }
	Networks      map[string]any
	PortMappings  []struct {
		HostIP        string `json:"host_ip"`
		HostPort      int    `json:"host_port"`
		ContainerPort int    `json:"container_port"`
		Protocol      string
	}
	User             string
	Umask            string
	Hostname         string
	WorkDir          string   `json:"work_dir"`
	Entrypoint       []string `json:"entrypoint"`
	Argv             []string `json:"command"`
	Terminal         bool
	ReadOnly         bool  `json:"read_only_filesystem"`
	NoNewPrivs       bool  `json:"no_new_privileges"`
	ShmSize          int64 `json:"shm_size"`
	UserNS           struct{ NSMode, Value string }
	PidNS            struct{ NSMode string }
	IpcNS            struct{ NSMode string }
	UtsNS            struct{ NSMode string }
	CgroupNS         struct{ NSMode string }
	Mounts           []specs.Mount
	Limits           specs.LinuxResources `json:"resource_limits"`
	LogConfiguration struct {
		Driver string
		Size   int64
	} `json:"log_configuration"`
}

// containers are those that a server has.
type containers struct {
	mu   sync.Mutex
	list []*Container
	made int // so far: their ids count
}

// find is the container of a name, an id or the beginning of one.
func (cs *containers) find(name string) *Container {
	for _, c := range cs.list {
		if c.ID == name || c.Request.Name == name || len(name) >= 12 && strings.HasPrefix(c.ID, name) {
			return c
		}
	}
	return nil
}

// any tells whether there is one such.
func (cs *containers) any(such func(*Container) bool) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return slices.ContainsFunc(cs.list, such)
}

// with does something with a container while nobody else does.
func (cs *containers) with(w http.ResponseWriter, r *http.Request, name string, do func(c *Container)) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c := cs.find(name); c != nil {
		do(c)
		return
	}
	Fail(http.StatusNotFound, "no container with name or ID "+name+" found: no such container")(w, r)
}

func (cs *containers) create(w http.ResponseWriter, r *http.Request, _ string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.made++
	c := &Container{ID: fmt.Sprintf("%064x", cs.made+1<<20), State: "created", ended: make(chan struct{})}
	if err := json.NewDecoder(r.Body).Decode(&c.Request); err != nil {
		Fail(http.StatusBadRequest, err.Error())(w, r)
		return
	}
	if cs.find(c.Request.Name) != nil {
		Fail(http.StatusInternalServerError, "creating container storage: the container name is in use: that name is already in use")(w, r)
		return
	}
	cs.list = append(cs.list, c)
	w.WriteHeader(http.StatusCreated)
	reply(w, map[string]any{"Id": c.ID, "Warnings": []string{}})
}

// step moves a container on, and gives the one that began to run.
func (cs *containers) step(to string, w http.ResponseWriter, r *http.Request, name string) (started *Container) {
	cs.with(w, r, name, func(c *Container) {
		if c.State == to {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if to == "running" {
			started, c.Started = c, time.Now()
		}
		if c.State = to; to == "exited" {
			c.end()
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return started
}

func (c *Container) end() {
	select {
	case <-c.ended:
	default:
		close(c.ended)
	}
}

func (cs *containers) exit(c *Container, code int, log string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c.State, c.Code, c.Log = "exited", code, log
	c.end()
}

func (cs *containers) wait(w http.ResponseWriter, r *http.Request, name string) {
	var found *Container
	cs.with(w, r, name, func(c *Container) { found = c })
	if found == nil {
		return
	}
	select {
	case <-found.ended:
		cs.mu.Lock()
		defer cs.mu.Unlock()
		fmt.Fprintln(w, found.Code)
	case <-r.Context().Done():
	}
}

func (cs *containers) logs(w http.ResponseWriter, r *http.Request, name string) {
	cs.with(w, r, name, func(c *Container) {
		head := make([]byte, 8)
		head[0] = 1
		binary.BigEndian.PutUint32(head[4:], uint32(len(c.Log)))
		w.Write(append(head, c.Log...))
	})
}

func (cs *containers) exists(w http.ResponseWriter, r *http.Request, name string) {
	cs.with(w, r, name, func(*Container) { w.WriteHeader(http.StatusNoContent) })
}

func (cs *containers) remove(w http.ResponseWriter, r *http.Request, name string) {
	cs.with(w, r, name, func(c *Container) {
		if c.State == "running" && r.URL.Query().Get("force") != "true" {
			Fail(http.StatusConflict, "container is running: container state improper")(w, r)
			return
		}
		c.end()
		cs.list = slices.DeleteFunc(cs.list, func(other *Container) bool { return other == c })
		reply(w, []map[string]any{{"Id": c.ID}})
	})
}

func (cs *containers) show(w http.ResponseWriter, r *http.Request, _ string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	var filters struct{ Label []string }
	_ = json.Unmarshal([]byte(r.URL.Query().Get("filters")), &filters)
	out := []map[string]any{}
	for _, c := range cs.list {
		if !slices.ContainsFunc(filters.Label, func(want string) bool { return !c.bears(want) }) {
			out = append(out, map[string]any{"Id": c.ID, "Names": []string{c.Request.Name}, "Image": c.Request.Image, "State": c.State, "Labels": c.Request.Labels})
		}
	}
	reply(w, out)
}

// bears tells whether a container has a label: NAME, or NAME=VALUE.
func (c *Container) bears(want string) bool {
	name, value, exact := strings.Cut(want, "=")
	has, ok := c.Request.Labels[name]
	return ok && (!exact || has == value)
}
