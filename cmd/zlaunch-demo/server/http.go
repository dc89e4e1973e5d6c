package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
)

// server answers for its models until it is draining.
type server struct {
	models   []*classifier // sorted by name
	draining atomic.Bool
}

// names lists the models as "NAME (version N)", for a person.
func (s *server) names() string {
	var list []string
	for _, m := range s.models {
		list = append(list, m.name+" (version "+m.version+")")
	}
	return strings.Join(list, ", ")
}

// httpHandler routes the KServe v2 HTTP endpoints.
func (s *server) httpHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2", s.about)
	mux.HandleFunc("GET /v2/health/live", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]bool{"live": true})
	})
	mux.HandleFunc("GET /v2/health/ready", s.ready)
	for _, path := range []string{"/v2/models/{name}", "/v2/models/{name}/versions/{version}"} {
		mux.HandleFunc("GET "+path, s.withModel(metadata))
		mux.HandleFunc("GET "+path+"/ready", s.withModel(s.modelReady))
		mux.HandleFunc("POST "+path+"/infer", s.withModel(infer))
	}
	return mux
}

func (s *server) about(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, struct {
		Name       string   `json:"name"`
		Version    string   `json:"version"`
		Extensions []string `json:"extensions"`
	}{"zlaunch-demo", version, []string{}})
}

// ready says whether the server takes requests: not any more once it drains.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	status := http.StatusOK
	if s.draining.Load() {
		status = http.StatusServiceUnavailable
	}
	answer(w, status, map[string]bool{"ready": status == http.StatusOK})
}

func (s *server) modelReady(w http.ResponseWriter, r *http.Request, m *classifier) {
	s.ready(w, r)
}

// withModel hands the model of the path to h, or answers 404.
func (s *server) withModel(h func(http.ResponseWriter, *http.Request, *classifier)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		wanted := r.PathValue("version")
		for _, m := range s.models {
			if m.name == r.PathValue("name") && (wanted == "" || wanted == m.version) {
				h(w, r, m)
				return
			}
		}
		refuse(w, http.StatusNotFound, "no such model or version")
	}
}

// metadata describes a model's tensors; -1 is the batch of any size.
func metadata(w http.ResponseWriter, _ *http.Request, m *classifier) {
	type tensor struct {
		Name     string `json:"name"`
		Datatype string `json:"datatype"`
		Shape    []int  `json:"shape"`
	}
	answer(w, http.StatusOK, struct {
		Name     string   `json:"name"`
		Versions []string `json:"versions"`
		Platform string   `json:"platform"`
		Inputs   []tensor `json:"inputs"`
		Outputs  []tensor `json:"outputs"`
	}{
		m.name, []string{m.version}, m.Kind,
		[]tensor{{inputName, "FP32", []int{-1, len(m.Features)}}},
		[]tensor{{labelName, "BYTES", []int{-1}}, {probabilityName, "FP32", []int{-1, len(m.Labels)}}},
	})
}

// answer writes v as JSON. What fails here is the connection: nobody is left to tell.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// refuse answers in the protocol's form of an error.
func refuse(w http.ResponseWriter, status int, reason string) {
	answer(w, status, map[string]string{"error": reason})
}
