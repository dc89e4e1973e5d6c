package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// Bounds on a model file: far above any linear classifier worth serving, far
// below what would hurt a small container.
const (
	maxModelBytes = 1 << 20
	maxModelWidth = 1024
)

// classifier is a linear model with a softmax on top: the probability of label
// k for the features x is softmax(Weights·x + Bias)[k].
type classifier struct {
	Kind     string      `json:"kind"` // "linear-softmax"
	Features []string    `json:"features"`
	Labels   []string    `json:"labels"`
	Weights  [][]float64 `json:"weights"` // one row per label, one column per feature
	Bias     []float64   `json:"bias"`    // one per label

	name    string // of its directory in the repository
	version string
}

// readClassifier reads a model file and checks that its parts fit together.
func readClassifier(r io.Reader) (*classifier, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxModelBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxModelBytes {
		return nil, fmt.Errorf("larger than %d bytes", maxModelBytes)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	m := new(classifier)
	if err := dec.Decode(m); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, errors.New("data after the model")
	}
	return m, m.check()
}

// check says whether the dimensions agree.
func (m *classifier) check() error {
	wide, high := len(m.Features), len(m.Labels)
	switch {
	case m.Kind != "linear-softmax":
		return fmt.Errorf("kind %q is not linear-softmax", m.Kind)
	case wide == 0 || wide > maxModelWidth:
		return fmt.Errorf("%d features: want 1 to %d", wide, maxModelWidth)
	case high < 2 || high > maxModelWidth:
		return fmt.Errorf("%d labels: want 2 to %d", high, maxModelWidth)
	case len(m.Weights) != high || len(m.Bias) != high:
		return fmt.Errorf("%d rows of weights and %d biases for %d labels", len(m.Weights), len(m.Bias), high)
	}
	for k, row := range m.Weights {
		if len(row) != wide {
			return fmt.Errorf("row %d has %d weights for %d features", k, len(row), wide)
		}
	}
	return nil
}

// predict returns the probability of every label for one row of features. It
// fails where the arithmetic leaves the range of float64.
func (m *classifier) predict(x []float64) ([]float64, error) {
	p := make([]float64, len(m.Labels))
	top := math.Inf(-1)
	for k, row := range m.Weights {
		p[k] = m.Bias[k]
		for j, w := range row {
			p[k] += w * x[j]
		}
		top = math.Max(top, p[k])
	}
	sum := 0.0
	for k := range p {
		p[k] = math.Exp(p[k] - top) // minus the largest: the exponential cannot overflow
		sum += p[k]
	}
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return nil, errors.New("the features are out of range")
	}
	for k := range p {
		p[k] /= sum
	}
	return p, nil
}

// likeliest returns the label with the highest probability, the first of equals.
func (m *classifier) likeliest(p []float64) string {
	best := 0
	for k := range p {
		if p[k] > p[best] {
			best = k
		}
	}
	return m.Labels[best]
}
