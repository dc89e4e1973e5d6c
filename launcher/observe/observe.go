// Package observe reads what a container really is: the OCI configuration its
// runtime got, the kernel's record of its process, and what podman inspect says.
//
// Each reader gives one [container.Spec] at its own rung of evidence; [Settle]
// lays the rungs over each other and reports where they disagree. A row that a
// reader could not see stays unmarked. What the engine itself adds to every
// container (/proc, /etc/hosts, HOSTNAME …) is left out, by tables that also say
// what such an addition must look like; anything else is listed.
//
// The package is pure parsing: others fetch the texts. All of them are hostile.
package observe

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Bounds on what is read, in bytes. Real texts have 20 KB to 60 KB.
const (
	maxConfig = 8 << 20
	maxText   = 4 << 20
)

// Context is what a reader must know beside the text. The zero value works: more
// is then reported, nothing less.
type Context struct {
	// Planned is what the observation will be compared with: the plan, or in an
	// audit the spec of the rung below. Where one fact can be written in several
	// ways - a memory limit rounded to pages, two names of one directory, the
	// split of argv into entrypoint and arguments - the reader takes Planned's
	// way. It never takes a value from Planned that the text contradicts, but for a
	// tmpfs with fewer permission bits, which [UnprovedTmpfs] tells.
	Planned *container.Spec

	// ID is the container's full id. The files Podman makes for a container are
	// known by it.
	ID string

	// Joined are the ids of the containers whose network or shared memory this one has, as
	// podman inspect names them: a pod's infra container. Podman mounts their files.
	Joined []string

	// Self is the record of the observing process: its namespaces tell "host"
	// from "private", its mounts give devices their host paths.
	Self Record

	// VolumeDirs are the directories of named volumes (podman info: volumePath):
	// DIR/NAME/_data is then the volume NAME.
	VolumeDirs []string

	// Started tells that the workload runs. Before, crun has not loaded the
	// seccomp filter yet, and a kernel without one says nothing.
	Started bool

	// Audit asks for all that a text shows, also what a proof has no plan to hold
	// against: foreign options, facts, and at the rung of inspect what better
	// evidence settles.
	Audit bool

	mounts hostMounts      // of Self
	joined map[string]bool // namespaces shared with the host, by podman's option
}

// host is the mounts of the observing process.
func (in *Context) host() hostMounts { return in.mounts }

// with completes a copy of in for one reading.
func (in Context) with(joined map[string]bool) (*Context, error) {
	mounts, err := readMountinfo(in.Self.Mountinfo)
	if err != nil {
		return nil, fmt.Errorf("reading the host's mounts: %w", err)
	}
	in.mounts, in.joined = mounts, joined
	return &in, nil
}

// shares tells whether the namespace that a kernel file system belongs to is the
// host's.
func (in *Context) shares(fstype string) bool {
	return in.joined[map[string]string{"proc": "pid", "sysfs": "network", "mqueue": "ipc"}[fstype]]
}

// seen is the mark of everything a rung shows.
func seen(e container.Evidence) container.Mark { return container.Mark{Evidence: e} }

// planned returns the plan's value of a row, where there is one.
func planned[T any](in *Context, row container.Field[T]) (v T, known bool) {
	if in.Planned == nil {
		return v, false
	}
	v, _, known = row.Get(in.Planned)
	return v, known
}

// plannedAt is [planned] for an element.
func plannedAt[T any](in *Context, row container.Map[T], elem string) (v T, known bool) {
	if in.Planned == nil {
		return v, false
	}
	v, _, known = row.Get(in.Planned, elem)
	return v, known
}

func bounded(what string, size, limit int) error {
	if size > limit {
		return fmt.Errorf("reading %s: %d bytes, more than %d", what, size, limit)
	}
	return nil
}
