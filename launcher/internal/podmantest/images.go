package podmantest

import (
	"net/http"
	"strings"
)

func (s *Server) image(w http.ResponseWriter, r *http.Request, ref string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	img, ok := s.Images[ref]
	if !ok || img.Remote {
		Fail(http.StatusNotFound, ref+": image not known")(w, r)
		return
	}
	reply(w, map[string]any{"Id": img.ID, "Architecture": img.Arch, "Os": "linux", "RepoTags": []string{ref}, "Config": img.Config})
}

func (s *Server) pull(w http.ResponseWriter, r *http.Request, _ string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ref := r.URL.Query().Get("reference")
	img, ok := s.Images[ref]
	if !ok {
		reply(w, map[string]any{"error": "reading manifest of " + ref + ": manifest unknown"})
		return
	}
	img.Remote = false
	s.Images[ref] = img
	reply(w, map[string]any{"stream": "Copying blob"})
	reply(w, map[string]any{"images": []string{img.ID}, "id": img.ID})
}

func (s *Server) volume(w http.ResponseWriter, r *http.Request, name string) {
	options, ok := s.volumes[name]
	if !ok {
		Fail(http.StatusNotFound, "no such volume")(w, r)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/exists") {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	reply(w, map[string]any{"Name": name, "Options": options})
}

func (s *Server) secret(w http.ResponseWriter, r *http.Request, name string) {
	driver, ok := s.secrets[name]
	if !ok {
		Fail(http.StatusNotFound, "no such secret")(w, r)
		return
	}
	reply(w, map[string]any{"Spec": map[string]any{"Name": name, "Driver": map[string]any{"Name": driver}}})
}
