package observe

import (
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Proved is a setting that was seen to hold, and the highest rung that shows it.
type Proved struct {
	Setting  container.Path     `json:"setting"`
	Evidence container.Evidence `json:"evidence"`
}

// Unproved is a setting of the plan that no rung within reach shows.
type Unproved struct {
	Setting container.Path `json:"setting"`
	Why     string         `json:"why"`
}

// Proof is what every rung within reach shows of one container, each read in the
// words of the plan it is held against.
type Proof struct {
	Rungs []*container.Spec // lowest first
	Notes []string          // what no row can hold, such as a hook
	Blind string            // why the higher rungs are out of reach; "" they are not
	Open  map[string]string // why a tmpfs is not proved, by target; see [UnprovedTmpfs]
}

// Differences holds the plan against every rung: each setting that is not as planned
// once, with the strongest evidence of it.
func (p *Proof) Differences(plan *container.Spec) []container.Difference {
	var all []container.Difference
	for i := len(p.Rungs) - 1; i >= 0; i-- {
		all = AddDifferences(all, container.Diff(plan, p.Rungs[i]))
	}
	return all
}

// AddDifferences adds those of more whose settings are not in list yet.
func AddDifferences(list, more []container.Difference) []container.Difference {
	for _, d := range more {
		if !slices.ContainsFunc(list, func(have container.Difference) bool { return have.Path == d.Path }) {
			list = append(list, d)
		}
	}
	return list
}

// Verdicts lists for each setting of the plan the highest rung that shows it, or
// why none does.
func (p *Proof) Verdicts(plan *container.Spec) ([]Proved, []Unproved) {
	var proved []Proved
	var open []Unproved
	for _, row := range container.Rows {
		for _, s := range row.Settings(plan) {
			why, unproved := p.Open[s.Path.Elem]
			switch best := p.highest(s.Path); {
			case unproved && row.Key() == container.TmpfsAt.Key():
				open = append(open, Unproved{s.Path, why})
			case best != container.Unknown:
				proved = append(proved, Proved{s.Path, best})
			case row.Proof() >= container.OCI:
				why := "no rung shows it here"
				if p.Blind != "" {
					why = p.Blind
				}
				open = append(open, Unproved{s.Path, why})
			}
		}
	}
	return proved, open
}

func (p *Proof) highest(at container.Path) container.Evidence {
	best := container.Unknown
	for _, r := range p.Rungs {
		if m, ok := r.MarkOf(at); ok && m.Evidence > best {
			best = m.Evidence
		}
	}
	return best
}

// Told is a value for people: nothing, or as Go prints it with names.
func Told(v any) string {
	if v == nil {
		return "nothing"
	}
	return fmt.Sprintf("%+v", v)
}
