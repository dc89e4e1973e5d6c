package ecr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tally counts the findings that a report lists, by the word for their severity.
type tally map[string]struct{ active, all int }

// maxWords is how many words for a severity a report has; Inspector has six.
const maxWords = 64

// add counts a finding, which may be one that somebody suppressed: whether the report's own counts have
// those nobody says.
func (t tally) add(label string, active bool) error {
	label = strings.ToUpper(label)
	n := t[label]
	if n.all++; active {
		n.active++
	}
	if t[label] = n; len(t) > maxWords {
		return fmt.Errorf("more than %d words for a severity", maxWords)
	}
	return nil
}

// counts reads how many findings of each severity the report says that there are.
func (d *reader) counts() error {
	return d.Object(func(key string) error {
		n := 0
		err := d.Int(&n)
		if d.said == nil {
			d.said = map[string]int{}
		}
		d.said[strings.ToUpper(key)] += n
		return err
	})
}

// disagrees says where what a report counts is not what it lists; "" nowhere, or it does not count.
func (t tally) disagrees(said map[string]int) string {
	if said == nil {
		return ""
	}
	words := slices.Sorted(maps.Keys(said))
	words = append(words, slices.Sorted(maps.Keys(t))...)
	for _, word := range words {
		if n, lists := said[word], t[word]; n < lists.active || n > lists.all {
			return fmt.Sprintf("it counts %d findings of severity %.40q and lists %d", n, word, lists.all)
		}
	}
	return ""
}
