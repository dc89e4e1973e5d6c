package preflight

import (
	"fmt"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// The least that makes sense, in bytes: what Docker asks for, below which the OCI
// runtime itself does not fit, and a page.
const (
	leastMemory = 6 << 20
	leastPage   = 4 << 10
)

// Sizes refuses what is not meant: a number without a unit is one of bytes, and swap
// counts memory in. What no memory is there for is told only: the workload may never fill
// it. It stands apart from [Check], since what is meant shows before limits are left out.
func Sizes(s *container.Spec) []audit.Problem {
	var out []audit.Problem
	ask := func(at container.Path, n, least int64) {
		if n <= 0 || n >= least {
			return
		}
		meant := fmt.Sprintf("%dg", n)
		switch {
		case n > leastPage: // a number that nobody means so many gigabytes by
			meant = "512m"
		case n >= 64:
			meant = fmt.Sprintf("%dm", n)
		}
		out = append(out, audit.Problem{Setting: at, Fatal: true, Hint: fmt.Sprintf("did you mean %s? A size without a unit is in bytes", meant),
			Message: fmt.Sprintf("%s is %d bytes, in which nothing runs", at, n)})
	}
	memory, _, _ := container.Memory.Get(s)
	shm, _, _ := container.ShmSize.Get(s)
	ask(at(container.Memory), memory, leastMemory)
	ask(at(container.ShmSize), shm, leastPage)
	for _, target := range container.TmpfsAt.Keys(s) {
		t, _, _ := container.TmpfsAt.Get(s, target)
		ask(container.Path{Key: container.TmpfsAt.Key(), Elem: target}, t.Size, leastPage)
	}
	if memory < leastMemory { // none, or one that is not meant
		return out
	}
	return append(out, outgrown(s, memory)...)
}

// outgrown finds the sizes that do not go with the memory, in bytes.
func outgrown(s *container.Spec, memory int64) []audit.Problem {
	var out []audit.Problem
	if swap, _, _ := container.MemorySwap.Get(s); swap > 0 && swap < memory {
		out = append(out, audit.Problem{Setting: at(container.MemorySwap), Fatal: true, Hint: "leave it away, which is no swap; or give memory and swap together, at least " + units.BytesSize(float64(memory)),
			Message: fmt.Sprintf("memory_swap is %s and counts the memory of %s in: podman refuses less", units.BytesSize(float64(swap)), units.BytesSize(float64(memory)))})
	}
	tell := func(at container.Path, n int64) {
		if n > memory {
			out = append(out, audit.Problem{Setting: at, Hint: "more memory: --memory SIZE, or memory in the profile; or a smaller " + at.String(),
				Message: fmt.Sprintf("%s is %s, and the memory it counts towards %s: a workload that fills it is killed", at, units.BytesSize(float64(n)), units.BytesSize(float64(memory)))})
		}
	}
	shm, _, _ := container.ShmSize.Get(s)
	tell(at(container.ShmSize), shm)
	for _, target := range container.TmpfsAt.Keys(s) {
		t, _, _ := container.TmpfsAt.Get(s, target)
		tell(container.Path{Key: container.TmpfsAt.Key(), Elem: target}, t.Size)
	}
	return out
}
