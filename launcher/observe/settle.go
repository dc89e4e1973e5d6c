package observe

import (
	"cmp"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Settle lays the rungs over each other: of each flag the best evidence counts, but
// of a wall the worse of what the configuration granted and what the kernel shows
// (see [Walls]): a process that gave its rights away was free to hand them on first.
// The differences say where a lower rung claims otherwise: Planned is its value,
// Got and Evidence are those of the higher one. Nil rungs are skipped; without
// any nothing is known.
//
// Read the higher rung with the lower one as [Context.Planned], so that two
// spellings of one fact are not taken for a disagreement.
func Settle(rungs ...*container.Spec) (*container.Spec, []container.Difference) {
	rungs = slices.DeleteFunc(slices.Clone(rungs), func(s *container.Spec) bool { return s == nil })
	slices.SortStableFunc(rungs, func(a, b *container.Spec) int { return cmp.Compare(height(a), height(b)) })
	out := &container.Spec{}
	var differences []container.Difference
	for _, rung := range rungs {
		for _, d := range container.Diff(out, rung) {
			if knows(out, d.Path) {
				differences = append(differences, d)
			}
		}
		lay(out, rung)
	}
	for _, rung := range rungs {
		if height(rung) == container.OCI {
			worsen(out, rung, true)
		}
		if claimed, m, _ := container.Privileged.Get(rung); claimed { // by whatever rung
			container.Privileged.Set(out, true, m)
		}
	}
	return out, differences
}

// lay puts what rung knows over s. A complete collection replaces the one in s,
// another one adds to it.
func lay(s, rung *container.Spec) {
	container.Overlay(s, rung)
	for _, r := range container.All() {
		if _, ok := rung.MarkOf(container.Path{Key: r.Key()}); ok {
			r.Copy(s, rung)
		}
	}
}

// height is the best evidence of a rung.
func height(s *container.Spec) container.Evidence {
	best := container.Unknown
	for _, set := range container.Settings(s) {
		best = max(best, set.Mark.Evidence)
	}
	return best
}

// knows tells whether s says anything of a flag: its value, or by a complete
// collection that it is not there.
func knows(s *container.Spec, p container.Path) bool {
	_, ok := s.MarkOf(p)
	_, complete := s.MarkOf(container.Path{Key: p.Key})
	return ok || complete
}
