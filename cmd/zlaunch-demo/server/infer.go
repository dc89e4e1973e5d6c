package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
)

// Names of the tensors every model here takes and gives.
const (
	inputName       = "features"
	labelName       = "label"
	probabilityName = "probabilities"
)

// Bounds on one inference request.
const (
	maxRequestBytes = 1 << 20
	maxBatch        = 1024
)

type inferRequest struct {
	ID      string        `json:"id"`
	Inputs  []inputTensor `json:"inputs"`
	Outputs []struct {
		Name string `json:"name"`
	} `json:"outputs"`
}

type inputTensor struct {
	Name     string          `json:"name"`
	Shape    []int64         `json:"shape"`
	Datatype string          `json:"datatype"`
	Data     json.RawMessage `json:"data"` // flat or nested, row by row
}

type inferResponse struct {
	Model   string         `json:"model_name"`
	Version string         `json:"model_version"`
	ID      string         `json:"id,omitempty"`
	Outputs []outputTensor `json:"outputs"`
}

type outputTensor struct {
	Name     string `json:"name"`
	Datatype string `json:"datatype"`
	Shape    []int  `json:"shape"`
	Data     any    `json:"data"`
}

// infer answers one inference request.
func infer(w http.ResponseWriter, r *http.Request, m *classifier) {
	if r.Header.Get("Inference-Header-Content-Length") != "" {
		refuse(w, http.StatusBadRequest, "binary tensors are not supported: send JSON")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the request is larger than %d bytes", maxRequestBytes))
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "the request could not be read")
		return
	}
	response, err := m.infer(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusOK, response)
}

// infer decodes a request, predicts every row, and encodes the outputs asked
// for; all of them when none is named.
func (m *classifier) infer(body []byte) (*inferResponse, error) {
	var req inferRequest
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	if len(req.Inputs) != 1 || req.Inputs[0].Name != inputName {
		return nil, fmt.Errorf("want one input, named %q", inputName)
	}
	values, err := req.Inputs[0].values(len(m.Features))
	if err != nil {
		return nil, fmt.Errorf("input %q: %w", inputName, err)
	}
	outputs, err := m.outputs(values)
	if err != nil {
		return nil, err
	}
	if len(req.Outputs) > 0 {
		if outputs, err = chosen(outputs, req); err != nil {
			return nil, err
		}
	}
	return &inferResponse{m.name, m.version, req.ID, outputs}, nil
}

// values returns the tensor's numbers, a whole number of rows of the given width.
func (t inputTensor) values(width int) ([]float64, error) {
	if t.Datatype != "FP32" && t.Datatype != "FP64" {
		return nil, fmt.Errorf("datatype %q: want FP32 or FP64", t.Datatype)
	}
	if len(t.Shape) != 2 || t.Shape[1] != int64(width) || t.Shape[0] < 1 || t.Shape[0] > maxBatch {
		return nil, fmt.Errorf("shape %v: want [N,%d] with N from 1 to %d", t.Shape, width, maxBatch)
	}
	values, err := flatten(t.Data)
	if err != nil {
		return nil, err
	}
	if int64(len(values)) != t.Shape[0]*t.Shape[1] {
		return nil, fmt.Errorf("%d values for the shape %v", len(values), t.Shape)
	}
	for _, v := range values {
		if t.Datatype == "FP32" && math.Abs(v) > math.MaxFloat32 {
			return nil, errors.New("a value is out of the range of FP32")
		}
	}
	return values, nil
}

// flatten reads the numbers of a JSON array of any nesting, in order.
func flatten(data json.RawMessage) ([]float64, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	var values []float64
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the data: %w", err)
		}
		switch v := token.(type) {
		case float64:
			values = append(values, v)
		case json.Delim:
			if v != '[' && v != ']' {
				return nil, errors.New("the data is not an array of numbers")
			}
		default:
			return nil, errors.New("the data is not an array of numbers")
		}
	}
}

// outputs predicts row by row.
func (m *classifier) outputs(values []float64) ([]outputTensor, error) {
	rows := len(values) / len(m.Features)
	labels := make([]string, 0, rows)
	probabilities := make([]float32, 0, rows*len(m.Labels))
	for row := range slices.Chunk(values, len(m.Features)) {
		p, err := m.predict(row)
		if err != nil {
			return nil, err
		}
		labels = append(labels, m.likeliest(p))
		for _, v := range p {
			probabilities = append(probabilities, float32(v))
		}
	}
	return []outputTensor{
		{labelName, "BYTES", []int{rows}, labels},
		{probabilityName, "FP32", []int{rows, len(m.Labels)}, probabilities},
	}, nil
}

// chosen keeps the outputs the request names, in its order.
func chosen(all []outputTensor, req inferRequest) ([]outputTensor, error) {
	var kept []outputTensor
	for _, want := range req.Outputs {
		at := slices.IndexFunc(all, func(t outputTensor) bool { return t.Name == want.Name })
		if at < 0 {
			return nil, fmt.Errorf("no output is named %q", want.Name)
		}
		if len(kept) == len(all) {
			return nil, errors.New("an output is named twice")
		}
		kept = append(kept, all[at])
	}
	return kept, nil
}
