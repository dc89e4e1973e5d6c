package launcher

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

// Stacks is where l starts and ends several profiles as one.
type Stacks struct{ l *Launcher }

// Stacks is where l starts and ends several profiles as one.
func (l *Launcher) Stacks() Stacks { return Stacks{l} }

// Plans works out the members of a stack, in the order in which they start. every is what
// holds for all of them: waivers, what stops a run, how long a member may take.
func (st Stacks) Plans(ctx context.Context, s *stack.Stack, every Options) ([]*Plan, error) {
	var out []*Plan
	for _, m := range s.Members {
		p, err := st.l.Plan(ctx, memberOptions(s, m, every))
		if err != nil {
			return nil, fmt.Errorf("planning member %s of %s: %w", m.Name, s.Name, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// Up carries the plans of a stack out as one; see [launch.Stacks.Up].
func (st Stacks) Up(ctx context.Context, plans ...*Plan) ([]*Run, error) {
	r, err := runner(st.l, "starting a stack")
	if err != nil {
		return nil, err
	}
	return r.Stacks().Up(ctx, plans...)
}

// Down ends a stack and returns the names of the containers that it ended; see
// [launch.Stacks.Down].
func (st Stacks) Down(ctx context.Context, name string) ([]string, error) {
	r, err := runner(st.l, "ending the stack "+name)
	if err != nil {
		return nil, err
	}
	return r.Stacks().Down(ctx, name)
}

// memberOptions are what a member's own run would be asked for.
func memberOptions(s *stack.Stack, m stack.Member, o Options) Options {
	in := &plan.InStack{Stack: s.Name, Member: m.Name, File: s.File, Container: s.Container(m.Name), After: m.After}
	for _, name := range m.Networks {
		for _, n := range s.Networks {
			if n.Name == name {
				in.Networks = append(in.Networks, plan.Network{Name: s.Network(name), Internal: n.Internal})
			}
		}
	}
	beside := func(path string) string {
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(s.Dir, path)
	}
	o.InStack, o.Detach, o.Profile = in, true, m.Profile
	o.Models, o.Output = beside(m.Models), beside(m.Output)
	o.Publish, o.Secret, o.GPU, o.Memory, o.Cpus = m.Publish, m.Secrets, m.GPU, m.Memory, m.Cpus
	o.Env, o.Args = nil, nil
	for _, kv := range m.Env {
		o.Env = append(o.Env, s.Filled(kv))
	}
	for _, a := range m.Args {
		o.Args = append(o.Args, s.Filled(a))
	}
	return o
}
