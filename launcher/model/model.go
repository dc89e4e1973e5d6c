// Package model judges a model file or directory before it is mounted into a
// container: where it lies, who can change it, whether the workload can read it,
// what is in it, and whether the framework will recognise it.
//
// [Check] walks the tree once through directory descriptors and opens no file
// but the few whose header decides something. It follows no symbolic link.
package model

import (
	"context"
	"fmt"
	"os"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Tree is what [Check] looks at.
type Tree struct {
	Path     string // as the user wrote it
	Layout   Layout // what the framework expects
	Arch     string // of the image, in Go's words; "" is not known
	NNPA     string // whether this host has that accelerator: [NNPANo], [NNPAUnknown]; else nothing is to be said
	Identity Identity
	Reader   *Identity // the workload, where it is not the caller; nil: it is
	Places   Places
	// SELinux asks for the labels of all files; say it only where SELinux is on.
	SELinux bool
	// MountInfo is the file with the caller's mounts; "" is /proc/self/mountinfo.
	MountInfo string
}

// What a host can lack of the accelerator of IBM Z, as package host has it.
const (
	NNPANo      = "no"
	NNPAUnknown = "unknown"
)

// Identity is the caller, or the workload as the host sees it after the mapping of the
// user namespace: these ids, no other groups and no capabilities.
type Identity struct {
	UID, GID uint32
	Also     []uint32 // supplementary groups of the workload
	// Groups are those of the caller that the workload lacks; they only tell why the
	// caller can read what the workload cannot.
	Groups []int
}

// NoID is an id that no file has: of a workload that becomes one of the caller's
// sub-ids, nobody knows which.
const NoID = 1<<32 - 1

func (id Identity) String() string {
	if id.UID == NoID {
		return "one of your sub-uids"
	}
	return fmt.Sprintf("uid %d", id.UID)
}

// mapped is the hint where a user namespace of the run's own keeps the caller's files
// from the workload.
const mapped = "leave userns away, and the workload is you"

// reader is who has to read the tree.
func (t Tree) reader() Identity {
	if t.Reader != nil {
		return *t.Reader
	}
	return t.Identity
}

// Result is what is known about a tree.
type Result struct {
	Path     string // absolute, without symbolic links: what to mount
	Dir      bool
	Dev, Ino uint64 // of Path, to see later that it is still the same

	Files, Dirs, Links int64
	Bytes              int64 // sum of the sizes of all regular files

	// Foreign counts entries that belong neither to the workload's uid nor to
	// root.
	Foreign int64
	// Unlabelled counts entries without a container type of SELinux at level s0;
	// always 0 where labels were not asked for. A tree with none needs no relabel.
	Unlabelled int64

	Layout Layout
	// Models names what the framework will serve: the models of a Triton
	// repository, the versions of a TF Serving one. Sorted.
	Models []string
	// File is the one file to serve of a GGUF tree, relative to Path, "" when
	// Path is that file.
	File string
	// Code lists formats in the tree that run code when they are loaded. Sorted.
	Code []string
}

// Check judges t. The result is nil when the tree could not be walked; then
// there is at least one fatal problem. Problems come in a fixed order.
func Check(ctx context.Context, t Tree) (*Result, []audit.Problem) {
	real, p := Resolve(t.Path, t.Places)
	if p != nil {
		return nil, []audit.Problem{*p}
	}
	problems := parents(real, t.Identity)
	w := newWalk(ctx, t)
	res, err := w.run(real)
	if err != nil {
		return nil, append(problems, unreadableRoot(real, err))
	}
	problems = append(problems, w.problems(res)...)
	problems = append(problems, subMounts(t, real)...)
	problems = append(problems, res.layout(t, w)...)
	problems = append(problems, code(res, t, w)...)
	return res, problems
}

func unreadableRoot(real string, err error) audit.Problem {
	p := audit.Problem{Control: audit.ModelNotWritable.ID, Message: fmt.Sprintf("reading the models %q: %v", real, cause(err)), Hint: "check the path: ls -ld " + Quote(real), Fatal: true}
	if os.IsPermission(err) {
		p.Hint = "give yourself access, or copy the models: cp -rL " + Quote(real) + " ~/models"
	}
	return p
}

// cause is an error without the path that the message already has.
func cause(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}
