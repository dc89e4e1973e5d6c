package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// Cost is a setting that is lost, and the controls that are no longer met without it.
type Cost struct {
	form.Loss
	Controls []*audit.Control // in the order of the catalogue; nil: none looks at it
}

func (c Cost) String() string {
	if len(c.Controls) == 0 {
		return c.Loss.String()
	}
	return fmt.Sprintf("%s (%s)", c.Loss, strings.Join(ids(c.Controls), ", "))
}

func ids(controls []*audit.Control) []string {
	var out []string
	for _, c := range controls {
		out = append(out, c.ID)
	}
	return out
}

// allowed tells whether a cost may be: its setting is named, or every control of it.
func (c Cost) allowed(names []string) bool {
	for _, n := range []string{c.At.Key, c.At.String(), c.Place} {
		if n != "" && slices.Contains(names, n) {
			return true
		}
	}
	return len(c.Controls) > 0 && !slices.ContainsFunc(c.Controls, func(k *audit.Control) bool { return !slices.Contains(names, k.ID) })
}

// LossError is what a form would lose and nobody allowed.
type LossError struct {
	Form, Run string
	Costs     []Cost // there is one at least
}

func (e *LossError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "writing %s as %s would lose:", e.Run, e.Form)
	for _, c := range e.Costs {
		fmt.Fprintf(&b, "\n  %s", c)
	}
	return b.String()
}

// Allows is what must be named for it.
func (e *LossError) Allows() []string {
	var names []string
	for _, c := range e.Costs {
		add := ids(c.Controls)
		switch {
		case c.Place != "":
			add = []string{c.Place}
		case len(add) == 0:
			add = []string{c.At.Key}
		}
		for _, n := range add {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
}

// refused is the error of the costs that are not allowed; nil: there are none.
func refused(costs []Cost, allow []string) *LossError {
	costs = slices.DeleteFunc(slices.Clone(costs), func(c Cost) bool { return c.allowed(allow) })
	if len(costs) == 0 {
		return nil
	}
	return &LossError{Costs: costs}
}

// costsOf judges each loss by itself: the controls that pass as planned, and do not by what
// the form says instead, or where nobody knows the setting.
func costsOf(planned *container.Spec, lost []form.Loss) []Cost {
	if len(lost) == 0 {
		return nil
	}
	met := passed(planned)
	var out []Cost
	for _, l := range lost {
		less, older := passed(without(planned, l)), met
		if l.Older != nil {
			s := container.Clone(planned)
			l.Older(s)
			older = passed(s)
		}
		cost := Cost{Loss: l}
		for _, c := range audit.Catalogue() {
			if met[c] && !(less[c] && older[c]) {
				cost.Controls = append(cost.Controls, c)
			}
		}
		out = append(out, cost)
	}
	return out
}

// passed are the controls that pass, and have no finding that does not.
func passed(s *container.Spec) map[*audit.Control]bool {
	out := map[*audit.Control]bool{}
	for _, f := range audit.Judge(s) {
		ok, seen := out[f.Control]
		out[f.Control] = f.Verdict == audit.Pass && (ok || !seen)
	}
	return out
}

// without is a spec of which one setting is what the form says instead, or not known; what
// an engine derives of it is not known.
func without(s *container.Spec, l form.Loss) *container.Spec {
	out := container.Clone(s)
	row := container.ByKey(l.At.Key)
	switch {
	case l.Instead != nil:
		l.Instead(out)
	case row != nil:
		row.Clear(out) // of one element, all: rather a control too many than one too few
	}
	for _, r := range follows[l.At.Key] {
		r.Clear(out)
	}
	return out
}

// follows are the rows that an engine derives of others.
var follows = map[string][]container.Row{
	container.Privileged.Key():     {container.Capabilities, container.SeccompFilter, container.ProcessLabel},
	container.CapDrop.Key():        {container.Capabilities},
	container.CapAdd.Key():         {container.Capabilities},
	container.User.Key():           {container.UidMap, container.GidMap, container.Capabilities},
	container.Userns.Key():         {container.UidMap, container.GidMap},
	container.SeccompProfile.Key(): {container.SeccompFilter},
	container.SecurityLabel.Key():  {container.ProcessLabel},
}
