package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestServers(t *testing.T) {
	t.Run("nginx", serveFiles)
	t.Run("onnx", serveONNX)
	t.Run("llama", serveLlama)
	t.Run("jupyter", serveNotebooks)
}

func serveFiles(t *testing.T) {
	models := imageModels(t, "nginx")
	s := launchServer(t, "nginx", "--models", models)
	s.mounts = []string{"/models"}
	t.Run("bytes", func(t *testing.T) {
		p := shows(t, "servers", "nginx: the bytes of a model file arrive as they are on the host, and none can be put")
		want, err := os.ReadFile(filepath.Join(models, "sequence.gz"))
		if err != nil {
			t.Fatal(err)
		}
		status, got := s.ask("GET", "/sequence.gz", nil)
		if status != http.StatusOK || !bytes.Equal(got, want) || len(want) == 0 {
			t.Errorf("status %d, %d bytes, %d on the host", status, len(got), len(want))
		}
		put, _ := s.ask("PUT", "/model.txt", "other")
		none, _ := s.ask("GET", "/etc/passwd", nil)
		if put != http.StatusForbidden || none != http.StatusNotFound {
			t.Errorf("PUT is answered with %d, a file of the image with %d", put, none)
		}
		p.saw("%d equal bytes; PUT %d; /etc/passwd %d", len(got), put, none)
	})
	s.inspected(t)
}

// v2tensor is one of the KServe v2 protocol.
type v2tensor struct {
	Name     string    `json:"name"`
	Datatype string    `json:"datatype"`
	Shape    []int     `json:"shape"`
	Data     []float64 `json:"data"`
}

type irises struct {
	Classes                 []string
	Measures, Probabilities [][]float64
	Labels                  []int
	Accuracy                float64
}

func serveONNX(t *testing.T) {
	var want irises
	imageAnswers(t, "onnx", &want)
	s := launchServer(t, "onnx", "--models", imageModels(t, "onnx"))
	s.mounts = []string{"/models"}
	t.Run("infer", func(t *testing.T) { inferIrises(t, s, want) })
	t.Run("refusals", func(t *testing.T) { refuseIrises(t, s) })
	s.inspected(t)
}

func inferIrises(t *testing.T, s *server, want irises) {
	p := shows(t, "servers", "onnx: ONNX Runtime gives the probabilities that the fitted weights give by hand")
	in := v2tensor{"measures", "FP32", []int{len(want.Measures), 4}, slices.Concat(want.Measures...)}
	status, text := s.ask("POST", "/v2/models/iris/infer", map[string]any{"inputs": []v2tensor{in}, "id": "all"})
	var got struct {
		Outputs []v2tensor `json:"outputs"`
		ID      string     `json:"id"`
	}
	if err := json.Unmarshal(text, &got); err != nil || status != http.StatusOK || len(got.Outputs) != 1 || got.ID != "all" {
		t.Fatalf("status %d, %v: %.300s", status, err, text)
	}
	out := got.Outputs[0]
	if !slices.Equal(out.Shape, []int{len(want.Measures), 3}) || len(out.Data) != 3*len(want.Measures) {
		t.Fatalf("%d numbers of shape %v for %d flowers", len(out.Data), out.Shape, len(want.Measures))
	}
	right, worst := 0, 0.0
	for i, row := range want.Probabilities {
		has := out.Data[3*i : 3*i+3]
		for j := range row {
			worst = max(worst, math.Abs(row[j]-has[j]))
		}
		if slices.Index(has, slices.Max(has)) == want.Labels[i] {
			right++
		}
	}
	if worst > 1e-5 || math.Abs(float64(right)/float64(len(want.Labels))-want.Accuracy) > 1e-9 {
		t.Errorf("off by %g, %d right", worst, right)
	}
	p.saw("%d of %d flowers right, no probability off by more than %.1e; %v of %s is %.6f", right, len(want.Labels), worst,
		want.Measures[0], want.Classes[0], out.Data[0])
}

func refuseIrises(t *testing.T, s *server) {
	p := shows(t, "servers", "onnx: the protocol's other endpoints answer, and what is wrong is refused with 400 or 404")
	infer := func(in v2tensor) map[string]any { return map[string]any{"inputs": []v2tensor{in}} }
	cases := []struct {
		method, path string
		body         any
		status       int
	}{
		{"GET", "/v2/health/live", nil, 200},
		{"GET", "/v2/health/ready", nil, 200},
		{"GET", "/v2", nil, 200},
		{"GET", "/v2/models/iris/versions/1/ready", nil, 200},
		{"GET", "/v2/models/iris/versions/2", nil, 404},
		{"GET", "/v2/models/roses", nil, 404},
		{"POST", "/v2/models/roses/infer", infer(v2tensor{}), 404},
		{"POST", "/v2/models/iris/infer", "no object", 400},
		{"POST", "/v2/models/iris/infer", infer(v2tensor{"measures", "FP32", []int{1, 3}, []float64{1, 2, 3}}), 400},
		{"POST", "/v2/models/iris/infer", infer(v2tensor{"measures", "FP32", []int{2, 4}, []float64{1, 2, 3}}), 400},
		{"POST", "/v2/models/iris/infer", infer(v2tensor{"petals", "FP32", []int{1, 4}, []float64{1, 2, 3, 4}}), 400},
	}
	for _, c := range cases {
		if status, text := s.ask(c.method, c.path, c.body); status != c.status {
			t.Errorf("%s %s %v: %d %s, want %d", c.method, c.path, c.body, status, text, c.status)
		}
	}
	_, text := s.ask("GET", "/v2/models/iris", nil)
	p.saw("%d requests as expected; metadata %s", len(cases), text)
}

func serveLlama(t *testing.T) {
	var want struct {
		Prompt, Tokens []int
		Lead           float64
		Order          string
	}
	imageAnswers(t, "llama", &want)
	s := launchServer(t, "llama", "--models", filepath.Join(imageModels(t, "llama"), "model.gguf"))
	s.mounts = []string{"/models/model.gguf"}
	t.Run("completion", func(t *testing.T) {
		p := shows(t, "servers", "llama: the greedy continuation has the tokens that the weights give by hand")
		var got struct {
			Tokens    []int
			Predicted int `json:"tokens_predicted"`
			Evaluated int `json:"tokens_evaluated"`
		}
		status, text := s.ask("POST", "/completion", map[string]any{"prompt": want.Prompt, "n_predict": len(want.Tokens), "temperature": 0,
			"seed": 42, "ignore_eos": true, "return_tokens": true})
		if err := json.Unmarshal(text, &got); err != nil || status != http.StatusOK {
			t.Fatalf("status %d, %v: %.300s", status, err, text)
		}
		if !slices.Equal(got.Tokens, want.Tokens) || got.Predicted != len(want.Tokens) || got.Evaluated != len(want.Prompt) {
			t.Errorf("%d tokens from %d: %v, want %v", got.Predicted, got.Evaluated, got.Tokens, want.Tokens)
		}
		p.saw("%s-endian GGUF; %d tokens after %d: %s", want.Order, got.Predicted, got.Evaluated, fmt.Sprint(got.Tokens))
	})
	t.Run("closed", func(t *testing.T) {
		p := shows(t, "servers", "llama: other callers' prompts (slots) are not served")
		if status, text := s.ask("GET", "/slots", nil); status < 400 {
			t.Errorf("/slots: %d %s", status, text)
		} else {
			p.saw("GET /slots: %d", status)
		}
	})
	s.inspected(t)
}
