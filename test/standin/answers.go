package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// inference is KServe v2 over HTTP, of one model.
func inference(name string) func(model) http.Handler {
	return func(m model) http.Handler {
		mux := http.NewServeMux()
		for _, path := range []string{"/v2/health/live", "/v2/health/ready", "/v2/models/" + name + "/ready"} {
			mux.HandleFunc("GET "+path, func(http.ResponseWriter, *http.Request) {})
		}
		type tensor struct {
			Name     string `json:"name"`
			Shape    []int  `json:"shape"`
			Datatype string `json:"datatype"`
			Data     []int  `json:"data"`
		}
		mux.HandleFunc("POST /v2/models/"+name+"/infer", func(w http.ResponseWriter, r *http.Request) {
			var in struct{ Inputs []tensor }
			if !read(w, r, &in) {
				return
			}
			for i := range in.Inputs {
				in.Inputs[i].Data = m.times(in.Inputs[i].Data)
			}
			answer(w, map[string]any{"model_name": name, "outputs": in.Inputs})
		})
		return mux
	}
}

// predictions is TF Serving's REST interface.
func predictions(m model) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models/model", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"model_version_status": []any{map[string]string{"version": "1", "state": "AVAILABLE"}}})
	})
	mux.HandleFunc("GET /v1/models/model/metadata", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"model_spec": map[string]string{"name": "model", "version": "1"}})
	})
	mux.HandleFunc("POST /v1/models/model:predict", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Instances []int }
		if read(w, r, &in) {
			answer(w, map[string]any{"predictions": m.times(in.Instances)})
		}
	})
	return mux
}

// completions is an OpenAI-style server, which here says the prompt again.
func completions(path string) func(model) http.Handler {
	return func(m model) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			var in struct{ Prompt string }
			if read(w, r, &in) {
				text := strings.Repeat(in.Prompt, m.factor)
				answer(w, map[string]any{"content": text, "choices": []any{map[string]string{"text": text}}})
			}
		})
		return mux
	}
}

// notebook is Jupyter's: /api is open, everything else asks for the token, which
// stands in the log and in a file of the runtime directory.
func notebook(m model) http.Handler {
	token := rand.Text()
	runtime := filepath.Join(m.facts.env["HOME"], ".local/share/jupyter/runtime", fmt.Sprintf("jpserver-%d.json", m.facts.pid))
	if err := os.WriteFile(runtime, fmt.Appendf(nil, `{"token":%q}`, token), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
	}
	fmt.Printf("http://127.0.0.1:8888/lab?token=%s\n", token)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]string{"version": "2.0"}) })
	mux.HandleFunc("GET /api/status", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("token") != token {
			http.Error(w, "Forbidden", http.StatusForbidden)
			return
		}
		answer(w, map[string]int{"kernels": m.factor})
	})
	return mux
}

// metrics is what Prometheus reads.
func metrics(model) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, `requests{model="add"} 1`) })
	return mux
}

func (m model) times(in []int) []int {
	out := make([]int, len(in))
	for i, v := range in {
		out[i] = v * m.factor
	}
	return out
}

func read(w http.ResponseWriter, r *http.Request, in any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, out any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(out)
}
