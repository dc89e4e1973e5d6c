package podmantest

import "net/http"

// imageOf is the image of a reference that is here.
func (s *Server) imageOf(ref string) (Image, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	img, ok := s.Images[ref]
	return img, ok && !img.Remote
}

func (s *Server) image(w http.ResponseWriter, r *http.Request, ref string) {
	img, ok := s.imageOf(ref)
	if !ok {
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
