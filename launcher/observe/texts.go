package observe

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Texts is the evidence of one container as it was fetched and not yet understood, so
// that it can be read beside a plan and without one.
type Texts struct {
	Context Context // all but Planned
	Inspect []byte
	Configs [][]byte  // what Podman wrote and, with crun, what the runtime took
	State   []byte    // runc's own; nil with another runtime
	Kernel  *Record   // nil: out of reach
	Others  Processes // all processes but the first
	Blind   string    // why the higher rungs are out of reach; "" they are not
	Missing error     // what of a container that has processes could not be read; nil: nothing
}

// Rungs are the specs of one container; nil ones were out of reach.
type Rungs struct {
	Inspect *container.Spec
	Configs []*container.Spec
	Given   *container.Spec // what runc kept of it
	Kernel  *container.Spec
}

// All lists them, lowest first.
func (r Rungs) All() []*container.Spec {
	return append(append([]*container.Spec{r.Inspect}, r.Configs...), r.Given, r.Kernel)
}

// Read understands each text in the words of the rungs below it, and of planned
// where that has any; notes are what no row can hold.
func (t *Texts) Read(planned *container.Spec) (r Rungs, notes []string, err error) {
	return t.read(func(below *container.Spec) *container.Spec {
		if below == nil {
			return planned
		}
		out := container.Clone(below)
		container.Overlay(out, planned)
		if m, ok := planned.Mark(container.DeviceNodeAt); ok { // what the devices bring is known, be it nothing
			container.DeviceNodeAt.SetComplete(out, m)
		}
		return out
	})
}

// Prove understands every text in the words of the plan alone.
func (t *Texts) Prove(plan *container.Spec) (*Proof, error) {
	r, notes, err := t.read(func(*container.Spec) *container.Spec { return plan })
	if err != nil {
		return nil, err
	}
	p := &Proof{Notes: notes, Blind: t.Blind}
	for _, rung := range r.All() {
		if rung != nil {
			p.Rungs = append(p.Rungs, rung)
		}
	}
	if t.Kernel != nil {
		p.Open = UnprovedTmpfs(*t.Kernel, plan)
	}
	return p, nil
}

// read understands the texts one after the other, each in the words that words makes
// of what the ones before it show; nil: it is the first.
func (t *Texts) read(words func(below *container.Spec) *container.Spec) (r Rungs, notes []string, err error) {
	in := t.Context
	in.Planned = words(nil)
	if r.Inspect, err = Inspect(t.Inspect, in); err != nil {
		return r, nil, err
	}
	below := container.Clone(r.Inspect)
	for _, data := range t.Configs {
		in.Planned = words(below)
		config, more, err := OCI(data, in)
		if err != nil {
			return r, nil, err
		}
		notes, r.Configs = append(notes, more...), append(r.Configs, config)
		container.Overlay(below, config)
	}
	in.Planned = words(below)
	if t.State != nil {
		var more []string
		if r.Given, more, err = Runc(t.State, in); err != nil {
			return r, nil, err
		}
		notes = append(notes, more...)
	}
	if t.Kernel != nil {
		r.Kernel, err = Container(*t.Kernel, t.Others, in)
	}
	return r, notes, err
}

// UnprovedTmpfs are notes on tmpfs whose permission bits are not those of s.
func (t *Texts) UnprovedTmpfs(s *container.Spec) (notes []string) {
	if t.Kernel == nil {
		return nil
	}
	open := UnprovedTmpfs(*t.Kernel, s)
	for _, at := range slices.Sorted(maps.Keys(open)) {
		notes = append(notes, container.Path{Key: container.TmpfsAt.Key(), Elem: at}.String()+": "+open[at])
	}
	return notes
}

// Seccomp are the filters the configurations ask for, one each; nil: none is in it, or
// it cannot be read.
func (t *Texts) Seccomp() []*specs.LinuxSeccomp {
	var out []*specs.LinuxSeccomp
	for _, text := range t.Configs {
		var c struct {
			Linux struct{ Seccomp *specs.LinuxSeccomp }
		}
		if json.Unmarshal(text, &c) != nil {
			c.Linux.Seccomp = nil
		}
		out = append(out, c.Linux.Seccomp)
	}
	return out
}
