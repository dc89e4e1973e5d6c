package podmantest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// network is a named network.
type network struct {
	Name   string            `json:"name"`
	ID     string            `json:"id"`
	Driver string            `json:"driver"`
	Labels map[string]string `json:"labels"`
}

func (s *Server) createNetwork(w http.ResponseWriter, r *http.Request, _ string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := &network{}
	if err := json.NewDecoder(r.Body).Decode(n); err != nil {
		Fail(http.StatusBadRequest, err.Error())(w, r)
		return
	}
	if s.networks[n.Name] != nil {
		Fail(http.StatusConflict, "network name "+n.Name+" already used: network already exists")(w, r)
		return
	}
	n.ID = fmt.Sprintf("%064x", len(s.calls))
	s.networks[n.Name] = n
	reply(w, n)
}

func (s *Server) network(w http.ResponseWriter, r *http.Request, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.networks[name]; n != nil {
		reply(w, n)
		return
	}
	Fail(http.StatusNotFound, "network not found")(w, r)
}

func (s *Server) removeNetwork(w http.ResponseWriter, r *http.Request, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.containers {
		if _, uses := c.Request.Networks[name]; uses {
			Fail(http.StatusInternalServerError, name+" has associated containers with it: network is being used")(w, r)
			return
		}
	}
	delete(s.networks, name)
	reply(w, []map[string]any{{"Name": name, "Err": nil}})
}
