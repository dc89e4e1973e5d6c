package podmantest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// network is a named network.
type network struct {
	Name   string            `json:"name"`
	ID     string            `json:"id"`
	Driver string            `json:"driver"`
	Labels map[string]string `json:"labels"`
}

// networks are those that a server has.
type networks struct {
	mu     sync.Mutex
	byName map[string]*network
	made   int // so far: their ids count
}

func (ns *networks) create(w http.ResponseWriter, r *http.Request, _ string) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	n := &network{}
	if err := json.NewDecoder(r.Body).Decode(n); err != nil {
		Fail(http.StatusBadRequest, err.Error())(w, r)
		return
	}
	if ns.byName[n.Name] != nil {
		Fail(http.StatusConflict, "network name "+n.Name+" already used: network already exists")(w, r)
		return
	}
	ns.made++
	n.ID = fmt.Sprintf("%064x", ns.made)
	ns.byName[n.Name] = n
	reply(w, n)
}

func (ns *networks) show(w http.ResponseWriter, r *http.Request, name string) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if n := ns.byName[name]; n != nil {
		reply(w, n)
		return
	}
	Fail(http.StatusNotFound, "network not found")(w, r)
}

// remove takes away a network that none of cs is in.
func (ns *networks) remove(cs *containers) answer {
	return func(w http.ResponseWriter, r *http.Request, name string) {
		if cs.any(func(c *Container) bool { _, in := c.Request.Networks[name]; return in }) {
			Fail(http.StatusInternalServerError, name+" has associated containers with it: network is being used")(w, r)
			return
		}
		ns.mu.Lock()
		defer ns.mu.Unlock()
		delete(ns.byName, name)
		reply(w, []map[string]any{{"Name": name, "Err": nil}})
	}
}
