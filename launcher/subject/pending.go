package subject

import (
	"context"
	"runtime"
	"sync"
)

// Pending is a subject that was read and is not judged yet. It is judged once.
type Pending func() *Audited

// Done is a subject that was judged already.
func Done(a *Audited) Pending { return func() *Audited { return a } }

// Each judges subjects, as many at a time as there are processors, and has each of
// them prepared. What that returns is called in the order of the subjects, while those
// behind are still judged; its first error ends it all. in is emptied on the way.
func Each(ctx context.Context, in []Pending, prepare func(*Audited) (add func() error)) error {
	return inOrder(ctx, len(in), func(i int) func() error {
		judge := in[i]
		in[i] = nil
		return prepare(judge())
	})
}

// inOrder does n things, as many at a time as there are processors, and calls what each
// of them returns in their order, while those behind are still done; the first error
// ends it all. What was begun then is waited for: it may hold what the caller lets go of.
func inOrder(ctx context.Context, n int, do func(i int) (then func() error)) error {
	var begun sync.WaitGroup
	defer begun.Wait()
	stop := make(chan struct{})
	defer close(stop)
	ahead := make(chan chan func() error, runtime.GOMAXPROCS(0)) // what is done and has its turn later
	begun.Add(1)
	go func() {
		defer begun.Done()
		defer close(ahead)
		for i := range n {
			done := make(chan func() error, 1)
			select {
			case ahead <- done:
				begun.Add(1)
				go func() {
					defer begun.Done()
					done <- do(i)
				}()
			case <-stop:
				return
			}
		}
	}()
	for done := range ahead {
		if err := (<-done)(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
