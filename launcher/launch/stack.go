package launch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Stacks brings stacks up and down.
type Stacks struct{ r *Runner }

// Stacks is where a runner brings stacks up and down.
func (l *Runner) Stacks() Stacks { return Stacks{l} }

// Up carries out the plans of one stack, detached, each when those that it comes after serve.
// They are one transaction, which a single file ends: the record of the stack. On an
// error, the end of ctx included, everything they made is gone again; what a killed call
// leaves is removed by [Runner.Reap], running or not.
func (st Stacks) Up(ctx context.Context, plans ...*plan.Plan) ([]*Run, error) {
	in, err := oneStack(plans)
	if err != nil {
		return nil, err
	}
	lock, err := st.lock(in.Stack)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	if s, err := st.find(in.Stack); s != nil || err != nil {
		return nil, errors.Join(err, upAlready(s))
	}
	s := &record.Stack{Schema: record.StackSchema, Token: claim.NewToken(), Name: in.Stack, File: in.File}
	tx := &transaction{}
	runs, err := st.newMembers(tx, s, plans).start(ctx)
	if err == nil {
		s.Time = st.r.now().UTC()
		err = st.r.Dirs.Stacks().Save(s)
	}
	if err != nil {
		return nil, tx.abandon(ctx, err)
	}
	tx.done()
	return runs, nil
}

// oneStack is what plans are of. Each comes behind those that it waits for.
func oneStack(plans []*plan.Plan) (*plan.InStack, error) {
	if len(plans) == 0 {
		return nil, errors.New("starting a stack: it has no members")
	}
	var before []string
	for _, p := range plans {
		in := p.Options.InStack
		if in == nil || in.Stack != plans[0].Options.InStack.Stack || !p.Options.Detach {
			return nil, fmt.Errorf("starting a stack: the plan of %s is of none, of another, or attached", p.Profile.Name)
		}
		for _, other := range in.After {
			if !slices.Contains(before, other) {
				return nil, fmt.Errorf("starting a stack: %s waits for %s, which is not before it", in.Member, other)
			}
		}
		before = append(before, in.Member)
		if err := p.Refusal(); err != nil {
			return nil, ofMember(in, err)
		}
	}
	return plans[0].Options.InStack, nil
}

// ofMember says whose error it is.
func ofMember(in *plan.InStack, err error) error {
	return fmt.Errorf("starting member %s of %s: %w", in.Member, in.Stack, err)
}

// lock keeps others from the stack of that name while it comes up or goes down.
func (st Stacks) lock(name string) (*record.Lock, error) {
	k, err := st.r.Dirs.Locks().Try("stack-" + name)
	if errors.Is(err, record.ErrHeld) {
		return nil, hint.Errorf("wait until that is over, and look: zlaunch ps", "another zlaunch brings the stack %s up or down", name)
	}
	return k, err
}

// find is the record of a stack; nil: it is not up.
func (st Stacks) find(name string) (*record.Stack, error) {
	all, err := st.r.Dirs.Stacks().All()
	i := slices.IndexFunc(all, func(s record.Stack) bool { return s.Name == name })
	if i < 0 {
		return nil, err
	}
	return &all[i], nil
}

func upAlready(s *record.Stack) error {
	if s == nil {
		return nil
	}
	return hint.Errorf("this one anew: zlaunch down "+s.Name+"\nanother beside it: zlaunch up --name NAME", "the stack %s is up already", s.Name)
}

// Down ends the stack of that name: its members, those that started last first, and their
// networks. From the removal of its record on, whoever reaps removes what a killed call
// leaves. It returns the names of the containers that it ended.
func (st Stacks) Down(ctx context.Context, name string) ([]string, error) {
	lock, err := st.lock(name)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	s, err := st.find(name)
	if s == nil {
		return nil, errors.Join(err, hint.Errorf("zlaunch ps", "no stack %s is up", name))
	}
	list, err := st.r.Runs(ctx)
	if err != nil {
		return nil, err
	}
	if err := st.r.Dirs.Stacks().Forget(s.Token); err != nil {
		return nil, err
	}
	var ended []string
	var errs []error
	for _, m := range slices.Backward(s.Members) {
		i := slices.IndexFunc(list.Runs, func(r Running) bool { return r.ID == m.ID })
		if i < 0 {
			continue // somebody stopped it
		}
		if err := st.r.Stop(context.WithoutCancel(ctx), list.Runs[i]); err != nil {
			errs = append(errs, fmt.Errorf("stopping %s: %w", m.Container, err))
			continue
		}
		ended = append(ended, m.Container)
	}
	return ended, errors.Join(errs...)
}
