package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// ask sends one request to a server of the iris model.
func ask(t *testing.T, s *server, method, path, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.httpHandler().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, strings.TrimSpace(w.Body.String())
}

const twoPlants = `{"id":"7","inputs":[{"name":"features","shape":[2,4],"datatype":"FP32","data":[[5.1,3.5,1.4,0.2],[6.3,2.5,5,1.9]]}]}`

func TestEndpoints(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"GET", "/v2", "", 200, `"name":"zlaunch-demo"`},
		{"GET", "/v2/health/live", "", 200, `{"live":true}`},
		{"GET", "/v2/health/ready", "", 200, `{"ready":true}`},
		{"GET", "/v2/models/iris", "", 200, `"inputs":[{"name":"features","datatype":"FP32","shape":[-1,4]}]`},
		{"GET", "/v2/models/iris/ready", "", 200, `{"ready":true}`},
		{"GET", "/v2/models/iris/versions/1/ready", "", 200, `{"ready":true}`},
		{"GET", "/v2/models/iris/versions/2/ready", "", 404, `"error"`},
		{"GET", "/v2/models/rose", "", 404, `"error"`},
		{"POST", "/v2/health/ready", "", 405, ""},
		{"GET", "/v2/models/iris/infer", "", 405, ""},
		{"GET", "/metrics", "", 404, ""},
		{"POST", "/v2/models/iris/infer", twoPlants, 200, `"data":["setosa","virginica"]`},
		{"POST", "/v2/models/iris/versions/1/infer", twoPlants, 200, `"id":"7"`},
	} {
		status, body := ask(t, &server{models: []*classifier{iris(t)}}, c.method, c.path, c.body)
		if status != c.status || !strings.Contains(body, c.contains) {
			t.Errorf("%s %s: %d %s, want %d with %s", c.method, c.path, status, body, c.status, c.contains)
		}
	}
}

func TestInferTakesFlatDataAndChoosesOutputs(t *testing.T) {
	status, body := ask(t, &server{models: []*classifier{iris(t)}}, "POST", "/v2/models/iris/infer",
		`{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP64","data":[5.1,3.5,1.4,0.2]}],"outputs":[{"name":"probabilities"}]}`)
	var response struct {
		Outputs []struct {
			Name string
			Data []float64
		}
	}
	if err := json.Unmarshal([]byte(body), &response); err != nil || status != 200 {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	if len(response.Outputs) != 1 || response.Outputs[0].Name != "probabilities" || len(response.Outputs[0].Data) != 3 {
		t.Errorf("got %s", body)
	}
}

func TestInferRefusals(t *testing.T) {
	for name, change := range map[string][2]string{
		"not JSON":        {`{"id"`, `{id`},
		"other input":     {`"features"`, `"pixels"`},
		"other datatype":  {`FP32`, `BYTES`},
		"wrong width":     {`[2,4]`, `[2,5]`},
		"negative shape":  {`[2,4]`, `[-2,4]`},
		"huge shape":      {`[2,4]`, `[4611686018427387905,4]`},
		"too few values":  {`,1.9]`, `]`},
		"strings as data": {`5.1`, `"5.1"`},
		"object as data":  {`[5.1,3.5,1.4,0.2]`, `{"a":5.1}`},
		"beyond FP32":     {`5.1`, `1e39`},
		"beyond FP64":     {`5.1`, `1e400`},
		"unknown output":  {`]}]}`, `]}],"outputs":[{"name":"x"}]}`},
		"too large":       {`"7"`, `"` + strings.Repeat("7", maxRequestBytes) + `"`},
	} {
		status, body := ask(t, &server{models: []*classifier{iris(t)}}, "POST", "/v2/models/iris/infer",
			strings.Replace(twoPlants, change[0], change[1], 1))
		if status < 400 || status > 499 || !strings.HasPrefix(body, `{"error":`) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestBinaryTensorsAreRefused(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/v2/models/iris/infer", strings.NewReader(twoPlants))
	r.Header.Set("Inference-Header-Content-Length", "10")
	(&server{models: []*classifier{iris(t)}}).httpHandler().ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest {
		t.Errorf("got %d", w.Code)
	}
}

func TestDrainingServerIsNotReadyButAlive(t *testing.T) {
	s := &server{models: []*classifier{iris(t)}}
	s.draining.Store(true)
	if status, body := ask(t, s, "GET", "/v2/health/ready", ""); status != 503 || body != `{"ready":false}` {
		t.Errorf("ready: %d %s", status, body)
	}
	if status, _ := ask(t, s, "GET", "/v2/health/live", ""); status != 200 {
		t.Errorf("live: %d", status)
	}
}

func FuzzInfer(f *testing.F) {
	f.Add(twoPlants)
	f.Add(`{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP64","data":[[[[]]],1,2,3,4]}],"outputs":[{"name":"label"},{"name":"label"},{"name":"label"}]}`)
	m := iris(f)
	f.Fuzz(func(t *testing.T, body string) {
		response, err := m.infer([]byte(body))
		if err != nil {
			return
		}
		if _, err := json.Marshal(response); err != nil {
			t.Errorf("answering: %v", err)
		}
	})
}
