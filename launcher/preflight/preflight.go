// Package preflight judges a plan against the facts of the host, the engine, the
// image and the models, before anything is created. It reads nothing itself:
// [Check] is a function of the [Subject].
//
// A problem says what to type next. A fatal one stops the run; where its control
// is waived, the caller lets it pass.
package preflight

import (
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// Subject is what is judged. A nil or zero part was not looked at, and nothing
// is said of it.
type Subject struct {
	Plan     *container.Spec
	Kind     string // server, job, notebook, shell
	Detached bool   // the container outlives zlaunch
	Host     *host.Facts
	Engine   Engine
	Image    Image
	Trees    []Tree
}

// Engine is what the Podman service says of itself.
type Engine struct {
	Version       string // "" when no engine was asked
	Arch          string // in Go's words
	Rootless      bool
	Remote        bool   // it runs on another machine: the host facts say nothing of it
	CgroupVersion string // v1 or v2, as podman info has it
	Controllers   []string
	CgroupManager string // systemd or cgroupfs
	Runtime       string // name of the OCI runtime
	IDs           int64  // uids its user namespace maps; 0 unknown
	GraphDriver   string
	GraphRoot     string
	GraphFree     int64 // bytes free at GraphRoot; 0 unknown
	// ShiftsIDs: the storage shows an image under other ids without copying it,
	// as fuse-overlayfs does.
	ShiftsIDs bool
}

// Image is what the engine knows of the image.
type Image struct {
	Present bool
	Ref     string
	Arch    string // in Go's words
	Size    int64  // bytes
	UID     int64  // the image's own user, as a number; -1 unknown
	// Copied: the copy of its layers under the ids of the plan exists already.
	Copied bool
}

// Tree is a host directory that the plan mounts.
type Tree struct {
	Target   string          // path in the container
	Result   *model.Result   // nil for an output directory
	Problems []audit.Problem // as found by package model
	Disk     host.Disk       // the file system it lies on
}

// checks in the order of the report: who runs, where, what, on which data.
// Not here: which ports are free, which a launch finds out, and the audit of the plan itself.
var checks = []func(Subject) []audit.Problem{
	rootless, engineVersion, userNamespace, subIDs, idMaps, runtimeDir, limits, linger,
	selinux, apparmor, runtimes, programs, hooks, annotations, hostDefaults, mountsConf,
	image, imageUser, disk, trees, relabel, ports,
}

// Check lists the problems of s in a fixed order.
func Check(s Subject) []audit.Problem {
	if s.Plan == nil {
		s.Plan = &container.Spec{}
	}
	var out []audit.Problem
	for _, check := range checks {
		out = append(out, check(s)...)
	}
	return out
}

// Fatal tells whether one of the problems stops the run.
func Fatal(problems []audit.Problem) bool {
	for _, p := range problems {
		if p.Fatal {
			return true
		}
	}
	return false
}

// local tells whether the host facts are those of the engine's machine.
func (s Subject) local() bool { return s.Host != nil && !s.Engine.Remote }

func at(row container.Row) container.Path { return container.Path{Key: row.Key()} }
