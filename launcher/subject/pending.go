package subject

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// Pending is a subject that was read and is not judged yet. It is judged once.
type Pending func() *Audited

// Done is a subject that was judged already.
func Done(a *Audited) Pending { return func() *Audited { return a } }

// Drained yields what is in a list, which is emptied on the way.
func Drained(in []Pending) iter.Seq[Pending] {
	return func(yield func(Pending) bool) {
		for i, p := range in {
			in[i] = nil
			if !yield(p) {
				return
			}
		}
	}
}

// Each judges subjects, as many at a time as there are processors, and has each of
// them prepared. What that returns is called in the order of the subjects, while those
// behind are still read and judged; its first error ends it all.
func Each(ctx context.Context, in iter.Seq[Pending], prepare func(*Audited) (add func() error)) error {
	return called(ctx, ahead(in, func(judge Pending) func() error { return prepare(judge()) }))
}

// called calls one after the other; the first error ends it all.
func called(ctx context.Context, in iter.Seq[func() error]) error {
	for then := range in {
		if err := then(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return ctx.Err()
}

// ahead does each of in, as many at a time as there are processors, and yields what came
// of them in their order, while those behind are still done. What was begun is waited for:
// it may hold what the caller lets go of.
func ahead[In, Out any](in iter.Seq[In], do func(In) Out) iter.Seq[Out] {
	return func(yield func(Out) bool) {
		var begun sync.WaitGroup
		defer begun.Wait()
		stop := make(chan struct{})
		defer close(stop)
		queue := make(chan chan Out, runtime.GOMAXPROCS(0)) // what is done and has its turn later
		begun.Add(1)
		go func() {
			defer begun.Done()
			defer close(queue)
			for one := range in {
				done := make(chan Out, 1)
				select {
				case queue <- done:
					begun.Add(1)
					go func() {
						defer begun.Done()
						done <- do(one)
					}()
				case <-stop:
					return
				}
			}
		}()
		for done := range queue {
			if !yield(<-done) {
				return
			}
		}
	}
}
