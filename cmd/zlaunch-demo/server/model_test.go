package server

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// iris loads the model of this repository.
func iris(t testing.TB) *classifier {
	t.Helper()
	models, err := loadRepository("models")
	if err != nil {
		t.Fatal(err)
	}
	return models[0]
}

// The probabilities are those R's MASS::lda gives for three plants of Fisher's
// data that it finds hard, and one that is easy.
func TestPredictAgreesWithLinearDiscriminantAnalysis(t *testing.T) {
	for _, c := range []struct {
		x     [4]float64
		label string
		p     float64 // of that label
	}{
		{[4]float64{5.1, 3.5, 1.4, 0.2}, "setosa", 1},
		{[4]float64{5.9, 3.2, 4.8, 1.8}, "virginica", 0.747},
		{[4]float64{6.0, 2.7, 5.1, 1.6}, "virginica", 0.857},
		{[4]float64{6.3, 2.8, 5.1, 1.5}, "versicolor", 0.729},
	} {
		m := iris(t)
		p, err := m.predict(c.x[:])
		if err != nil {
			t.Fatal(err)
		}
		top := math.Max(p[0], math.Max(p[1], p[2]))
		if m.likeliest(p) != c.label || math.Abs(top-c.p) > 0.002 {
			t.Errorf("%v: got %s with %v, want %s with %v", c.x, m.likeliest(p), p, c.label, c.p)
		}
	}
}

const tiny = `{"kind":"linear-softmax","features":["a"],"labels":["x","y"],"weights":[[1],[-1]],"bias":[0,0]}`

func TestPredictRefusesWhatLeavesTheRange(t *testing.T) {
	m, err := readClassifier(strings.NewReader(strings.ReplaceAll(tiny, "1]", "1e308]")))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := m.predict([]float64{1e308}); err == nil {
		t.Errorf("got %v, want an error", p)
	}
}

func TestReadClassifierRefusesMisfits(t *testing.T) {
	for name, change := range map[string][2]string{
		"kind":          {"linear-softmax", "pickle"},
		"unknown key":   {`"kind"`, `"extra":1,"kind"`},
		"no features":   {`["a"]`, `[]`},
		"one label":     {`["x","y"]`, `["x"]`},
		"missing row":   {`[[1],[-1]]`, `[[1]]`},
		"short row":     {`[[1],[-1]]`, `[[1],[]]`},
		"missing bias":  {`"bias":[0,0]`, `"bias":[0]`},
		"no number":     {`[[1]`, `[["1"]`},
		"trailing data": {`[0,0]}`, `[0,0]}{}`},
		"truncated":     {`[0,0]}`, ``},
		"too large":     {`"a"`, `"` + strings.Repeat("a", maxModelBytes) + `"`},
	} {
		text := strings.Replace(tiny, change[0], change[1], 1)
		if _, err := readClassifier(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestRepositoryServesTheNewestVersionByNumber(t *testing.T) {
	models, err := loadModels(fstest.MapFS{
		"b/9/model.json":      {Data: []byte(tiny)},
		"b/10/model.json":     {Data: []byte(tiny)},
		"b/notes/x":           {},
		"a/1/model.json":      {Data: []byte(tiny)},
		".cache/1/model.json": {Data: []byte("no")},
		"README":              {},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := server{models: models}
	if got, want := s.names(), "a (version 1), b (version 10)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRepositoryRefusals(t *testing.T) {
	for name, tree := range map[string]fstest.MapFS{
		"empty":         {},
		"only files":    {"model.json": {Data: []byte(tiny)}},
		"no version":    {"m/model.json": {Data: []byte(tiny)}},
		"version zero":  {"m/0/model.json": {Data: []byte(tiny)}},
		"no model file": {"m/1/other": {}},
		"bad model":     {"m/1/model.json": {Data: []byte("{}")}},
		"bad name":      {"m\x1b[2J/1/model.json": {Data: []byte(tiny)}},
		"directory":     {"m/1/model.json/x": {}},
	} {
		if _, err := loadModels(tree); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestRepositoryFollowsNoLinkOutOfIt(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "m", "1"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(outside, "model.json")
	if err := os.WriteFile(file, []byte(tiny), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, filepath.Join(dir, "m", "1", "model.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := loadRepository(dir); err == nil {
		t.Error("a link out of the repository was followed")
	}
}

func FuzzReadClassifier(f *testing.F) {
	f.Add(tiny)
	f.Add(`{"kind":"linear-softmax","features":[""],"labels":["",""],"weights":[[1e308],[0]],"bias":[1e308,0]}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := readClassifier(strings.NewReader(text))
		if err != nil {
			return
		}
		p, err := m.predict(make([]float64, len(m.Features)))
		if err == nil && len(p) != len(m.Labels) {
			t.Errorf("%d probabilities for %d labels", len(p), len(m.Labels))
		}
	})
}
