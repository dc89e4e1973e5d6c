package trivy

import (
	"fmt"
	"maps"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// ratings are what sources say of one vulnerability, by source.
type ratings map[string]scan.Rating

// labels are trivy's numbers for a severity.
var labels = []string{"unknown", "low", "medium", "high", "critical"}

// level reads the number that a source's severity is.
func (s ratings) level(d *jsonwalk.Reader, source string) error {
	var n int
	if err := d.Int(&n); err != nil {
		return err
	}
	if n < 0 || n >= len(labels) {
		return fmt.Errorf("%d is no severity", n)
	}
	known := s[source]
	s[source] = scan.NewRating(source, labels[n], known.Vector, known.Score)
	return s.bounded()
}

// cvss reads the vectors and scores of a source. The highest score of any version counts, with its vector; a
// vector without a score says nothing where another version has one.
func (s ratings) cvss(d *jsonwalk.Reader, source string) error {
	var vectors [3]string
	var scores [3]float64
	at := map[string]int{"V40Vector": 0, "V3Vector": 1, "V2Vector": 2, "V40Score": 0, "V3Score": 1, "V2Score": 2}
	err := d.Object(func(key string) error {
		i, known := at[key]
		switch {
		case !known:
			return d.Skip()
		case key[len(key)-1] == 'r':
			return d.Text(&vectors[i])
		}
		return d.Number(&scores[i])
	})
	if err != nil {
		return err
	}
	vector, score := "", 0.0
	for i, n := range scores {
		switch {
		case scan.Score(n) > score:
			vector, score = vectors[i], scan.Score(n)
		case score == 0 && vector == "":
			vector = vectors[i]
		}
	}
	if vector != "" || score > 0 {
		s[source] = scan.NewRating(source, s[source].Label, vector, score)
	}
	return s.bounded()
}

func (s ratings) bounded() error {
	if len(s) >= scan.MaxList {
		return fmt.Errorf("more than %d ratings", scan.MaxList)
	}
	return nil
}

// list has them by source.
func (s ratings) list() []scan.Rating {
	var out []scan.Rating
	for _, source := range slices.Sorted(maps.Keys(s)) {
		out = append(out, s[source])
	}
	return out
}
