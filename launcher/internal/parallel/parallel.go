// Package parallel does what takes a processor, on all of them.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Do calls do for 0 to n-1, as many at a time as there are processors, and returns when
// all are done.
func Do(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		}()
	}
	wg.Wait()
}
