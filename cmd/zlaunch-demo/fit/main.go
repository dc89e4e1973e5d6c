// Command fit computes the demo's iris model and prints it as model.json:
//
//	go run ./cmd/zlaunch-demo/fit > cmd/zlaunch-demo/server/models/iris/1/model.json
//
// The model is Fisher's linear discriminant in closed form. It needs no data
// set, only the means and the within-species sums of squares and products that
// R. A. Fisher published ("The use of multiple measurements in taxonomic
// problems", Annals of Eugenics 7, 1936, for 50 plants of each species). With
// equal priors the probability of species k is softmax(W x + b)[k], where
// W[k] = S⁻¹ μ[k], b[k] = -½ μ[k]·S⁻¹ μ[k], and S is the pooled covariance.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
)

const features = 4

// means of sepal length, sepal width, petal length and petal width, in
// centimetres, by species in the order of the labels.
var means = [3][features]float64{
	{5.006, 3.428, 1.462, 0.246},
	{5.936, 2.770, 4.260, 1.326},
	{6.588, 2.974, 5.552, 2.026},
}

// within holds the sums of squares and products within the species.
var within = [features][features]float64{
	{38.9562, 13.6300, 24.6246, 5.6450},
	{13.6300, 16.9620, 8.1208, 4.8084},
	{24.6246, 8.1208, 27.2226, 6.2718},
	{5.6450, 4.8084, 6.2718, 6.1566},
}

// freedom is what within is divided by: 150 plants less 3 means.
const freedom = 147

// document is the model file; its fields are the server's.
type document struct {
	Kind     string      `json:"kind"`
	Features []string    `json:"features"`
	Labels   []string    `json:"labels"`
	Weights  [][]float64 `json:"weights"`
	Bias     []float64   `json:"bias"`
}

func main() {
	if err := json.NewEncoder(os.Stdout).Encode(fit()); err != nil {
		fmt.Fprintln(os.Stderr, "fit: error: writing the model:", err)
		os.Exit(1)
	}
}

// fit computes the model, its numbers rounded to four decimals so that every
// processor, with or without fused multiply-add, prints the same file.
func fit() document {
	d := document{
		Kind:     "linear-softmax",
		Features: []string{"sepal length in cm", "sepal width in cm", "petal length in cm", "petal width in cm"},
		Labels:   []string{"setosa", "versicolor", "virginica"},
	}
	for _, mu := range means {
		w := solve(within, mu)
		bias := 0.0
		row := make([]float64, features)
		for j := range w {
			bias -= w[j] * freedom * mu[j] / 2
			row[j] = round(w[j] * freedom)
		}
		d.Weights = append(d.Weights, row)
		d.Bias = append(d.Bias, round(bias))
	}
	return d
}

// solve returns x with a x = b, by Gauss-Jordan elimination. It pivots on the
// diagonal, which never vanishes for a positive definite a.
func solve(a [features][features]float64, b [features]float64) [features]float64 {
	for i := range a {
		for r := range a {
			if r == i {
				continue
			}
			factor := a[r][i] / a[i][i]
			for c := range a {
				a[r][c] -= factor * a[i][c]
			}
			b[r] -= factor * b[i]
		}
	}
	for i := range b {
		b[i] /= a[i][i]
	}
	return b
}

func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }
