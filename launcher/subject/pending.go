package subject

import (
	"context"
	"runtime"
)

// Pending is a subject that was read and is not judged yet. It is judged once.
type Pending func() *Audited

// Done is a subject that was judged already.
func Done(a *Audited) Pending { return func() *Audited { return a } }

// Each judges subjects, as many at a time as there are processors, and has each of
// them prepared. What that returns is called in the order of the subjects, while those
// behind are still judged; its first error ends it all. in is emptied on the way.
func Each(ctx context.Context, in []Pending, prepare func(*Audited) (add func() error)) error {
	stop := make(chan struct{})
	defer close(stop)
	ahead := make(chan chan func() error, runtime.GOMAXPROCS(0)) // what is judged and has its turn later
	go func() {
		defer close(ahead)
		for i := range in {
			judge, done := in[i], make(chan func() error, 1)
			in[i] = nil
			select {
			case ahead <- done:
				go func() { done <- prepare(judge()) }()
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
