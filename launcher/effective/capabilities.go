package effective

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// capabilities derives the bounding set. Where it would depend on an engine
// default that is not known, the row stays unknown.
func capabilities(s *container.Spec, engine []string) {
	privileged, _, _ := container.Privileged.Get(s)
	drop, _, _ := container.CapDrop.Get(s)
	add, _, _ := container.CapAdd.Get(s)
	drop, add = names(drop), names(add)
	switch {
	case privileged, slices.Contains(add, "all"):
		return // the caller's whole set, which is not ours to know
	case slices.Contains(drop, "all"):
		container.Capabilities.Set(s, add, derived("cap_drop, cap_add"))
	case engine != nil:
		set := slices.DeleteFunc(names(engine), func(c string) bool { return slices.Contains(drop, c) })
		set = append(set, add...)
		slices.Sort(set)
		container.Capabilities.Set(s, slices.Compact(set), derived("engine default, cap_drop, cap_add"))
	}
}

// names writes capability names the way [container.Spec] does: "CAP_NET_RAW" and
// "net_raw" are one.
func names(in []string) []string {
	out := make([]string, 0, len(in))
	for _, c := range in {
		c = strings.ToLower(c)
		if c != "cap_all" { // no capability, and not all of them: the engines refuse it
			c = strings.TrimPrefix(c, "cap_")
		}
		out = append(out, c)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
