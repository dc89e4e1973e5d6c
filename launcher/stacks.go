package launcher

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model/store"
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
		o := memberOptions(s, m, every)
		err := st.guard(s, m, &o, out)
		var p *Plan
		if err == nil {
			p, err = st.l.Plan(ctx, o)
		}
		if err != nil {
			return nil, fmt.Errorf("planning member %s of %s: %w", m.Name, s.Name, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// guard says of the gateway's own member what it is in front of, which is planned by then.
func (st Stacks) guard(s *stack.Stack, m stack.Member, o *Options, before []*Plan) error {
	g := s.Gateway
	if g == nil || m.Name != stack.Proxy {
		return nil
	}
	i := slices.IndexFunc(before, func(p *Plan) bool { return p.Options.InStack.Member == g.Backend })
	if i < 0 {
		return fmt.Errorf("its backend %s does not start before it", g.Backend)
	}
	behind := before[i].Profile
	if len(behind.Gateway) == 0 {
		return hint.Errorf("[profile."+behind.Name+".gateway.http] in a profile that extends it; zlaunch help profiles",
			"the profile %s does not say what may be called through a gateway", behind.Name)
	}
	front, err := g.Settings.Of(s.Name, behind.Gateway)
	if err != nil {
		return err
	}
	dir, err := files.Root(st.l.Dirs.State).Gateway(s.Name)
	if err != nil {
		return err
	}
	o.InStack.Gateway = &plan.Gateway{
		Front: *front, Backend: s.Container(g.Backend), Network: s.Network(stack.InnerNetwork), Files: dir.Path(files.Mounted),
	}
	return nil
}

// BehindGateway tells whether every run of the profile that o names stands behind a gateway: what
// is run then is the stack that [Guarded] gives. An unknown profile does not; its plan says so.
func (st Stacks) BehindGateway(o Options) bool {
	if st.l.Catalog == nil || st.l.Host == nil {
		return false
	}
	p, err := planner(st.l).Profile(o)
	return err == nil && p.BehindGateway
}

// Guarded is the stack of the run that o asks for and a gateway in front of it, which is
// published as o says. What a stack has no word for is an error.
func Guarded(o Options, settings gateway.Settings) (*stack.Stack, error) {
	for option, given := range map[string]bool{
		"--image": o.Image != "", "--pull": o.Pull != "", "--podman-arg": len(o.PodmanArgs) > 0, "--network": o.Network != "", "--interactive": o.Interactive, "--tty": o.Tty,
	} {
		if given {
			return nil, hint.Errorf("say it in a profile that extends "+o.Profile, "%s does not go with --gateway", option)
		}
	}
	s := &stack.Stack{File: "--gateway", Networks: nil}
	name := cmp.Or(o.Name, o.Profile[strings.LastIndexByte(o.Profile, '/')+1:])
	if err := s.Rename(name); err != nil {
		return nil, hint.Wrap(err, "--name NAME")
	}
	m := stack.Member{Name: "server", Profile: o.Profile, Models: o.Models, Output: o.Output, Env: o.Env, Secrets: o.Secret, GPU: o.GPU, Memory: o.Memory, Cpus: o.Cpus, Args: o.Args}
	s.Members = []stack.Member{m}
	s.Gateway = &stack.Gateway{Backend: m.Name, Publish: o.Publish, Settings: settings}
	s.Guard()
	return s, nil
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
				in.Networks = append(in.Networks, plan.Network{Name: s.Network(name), Internal: n.Internal, NoDNS: n.NoDNS})
			}
		}
	}
	o.InStack, o.Detach, o.Profile = in, true, m.Profile
	o.Models, o.Output = s.Beside(m.Models), s.Beside(m.Output)
	if store.IsRef(m.Models) {
		o.Models = m.Models
	}
	if m.Models == "" { // they are another member's
		o.ModelDigest, o.ModelTrust = "", plan.ModelTrust{}
	}
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
