package launch

import (
	"context"
	"fmt"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// members are the plans of a stack under way. Each has a transaction of its own, which is
// a part of the stack's, so that several may be made at once.
type members struct {
	stack    *record.Stack
	launches []*launch                // in the order of the plans
	serves   map[string]chan struct{} // by member; closed once it does
	turns    *turns

	stop  context.CancelFunc
	once  sync.Once
	cause error // the first failure
}

func (st Stacks) newMembers(tx *transaction, s *record.Stack, plans []*plan.Plan) *members {
	ms := &members{stack: s, serves: map[string]chan struct{}{}, turns: newTurns(st.r, len(plans))}
	own := map[string]bool{}
	for i, p := range plans {
		la := ms.turns.runner(i).newLaunch(p, tx.part())
		la.box.stack, la.own = s.Token, own
		ms.launches = append(ms.launches, la)
		ms.serves[p.Options.InStack.Member] = make(chan struct{})
	}
	return ms
}

// start readies all members in their order, starts each when those that it waits for
// serve, and records all when all do.
func (ms *members) start(ctx context.Context) ([]*Run, error) {
	for _, la := range ms.launches {
		if err := carryOut(ctx, la.begin, la.pull, la.networks, la.rehearse); err != nil {
			return nil, ofMember(la.plan.Options.InStack, err)
		}
	}
	if err := ms.startAll(ctx); err != nil {
		return nil, err
	}
	var runs []*Run
	for _, la := range ms.launches {
		if err := la.record(ctx); err != nil {
			return nil, err
		}
		runs = append(runs, la.run)
		ms.stack.Members = append(ms.stack.Members, record.Member{Name: la.run.Member, Launch: la.run.Launch, ID: la.run.ID, Container: la.run.Name})
	}
	return runs, nil
}

// startAll starts the members, those at once of which none waits for another. The first
// that fails stops the others; it returns when none is at work any more.
func (ms *members) startAll(ctx context.Context) error {
	ctx, ms.stop = context.WithCancel(ctx)
	defer ms.stop()
	ms.turns.begin()
	var all sync.WaitGroup
	for i, la := range ms.launches {
		all.Add(1)
		go func() {
			defer all.Done()
			defer ms.turns.end(i)
			if err := ms.startOne(ctx, la); err != nil {
				ms.failed(ofMember(la.plan.Options.InStack, err))
			}
		}()
	}
	all.Wait()
	return ms.cause
}

func (ms *members) failed(err error) {
	ms.once.Do(func() {
		ms.cause = err
		ms.stop()
	})
}

func (ms *members) startOne(ctx context.Context, la *launch) error {
	in := la.plan.Options.InStack
	for _, other := range in.After {
		select {
		case <-ms.serves[other]:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := carryOut(ctx, la.configure, la.box.place, la.prover.prove, la.start, la.serve); err != nil {
		return err
	}
	la.r.tell(fmt.Sprintf("%s of %s serves", in.Member, in.Stack))
	close(ms.serves[in.Member])
	return nil
}
