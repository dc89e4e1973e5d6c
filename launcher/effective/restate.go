package effective

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Restate states for one engine what a spec that was stated for another means: each setting
// of a plan that the two would give different defaults is said. to is nil where nobody knows
// what holds by itself: then all that is known is said. What the first engine leaves to its
// host stays unstated.
func Restate(s *container.Spec, from Engine, to *Engine) *container.Spec {
	want, out := Complete(s, from), container.Clone(s)
	if to == nil {
		to = &Engine{Observed: true}
	}
	got := Complete(s, *to)
	for _, row := range container.Rows {
		if !row.Derived() && len(row.Settings(want)) > 0 && !container.Equal(row, want, got) {
			row.Copy(out, want)
		}
	}
	if n, m, known := container.PidsLimit.Get(out); known && n == 0 { // which not every runtime takes for no limit
		container.PidsLimit.Set(out, -1, m)
	}
	restateCapabilities(out, want, Complete(out, Engine{Kind: to.Kind, Version: to.Version}))
	return out
}

// restateCapabilities adds and drops by name what the engines give each by itself.
func restateCapabilities(out, want, got *container.Spec) {
	have, _, known := container.Capabilities.Get(got)
	need, m, wanted := container.Capabilities.Get(want)
	if !known || !wanted {
		return
	}
	for _, c := range []struct {
		row  container.Field[[]string]
		more []string
	}{{container.CapAdd, without(need, have)}, {container.CapDrop, without(have, need)}} {
		if had, _, _ := c.row.Get(out); len(c.more) > 0 {
			c.row.Set(out, append(slices.Clone(had), c.more...), m)
		}
	}
}

// without are the elements of a that b has not.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(v string) bool { return slices.Contains(b, v) })
}
