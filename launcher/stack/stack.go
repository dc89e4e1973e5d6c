// Package stack reads stacks: profiles that are started, proved and ended as one, each in
// a container of its own, on networks that only they are in.
//
// A stack says of each member what options of zlaunch run say of one run, and nothing that
// a person has to answer for: no waiver, no image, no option of Podman's, and no value of
// the caller's environment. It publishes what it names and nothing else.
package stack

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Name is that of the file which zlaunch up looks for.
const Name = "stack.toml"

const (
	// MaxMembers bounds the members of a stack, and its networks.
	MaxMembers = 64
	// maxName bounds a name in characters, see nameLike: that of a container, which others resolve, is a
	// label of DNS of 63 (RFC 1035), and has "zlaunch-", the stack's and the member's in it.
	maxName = 24
)

// Stack is a file.
type Stack struct {
	Name     string    // what its containers and networks are called by
	About    string    // a line about it
	Networks []Network // sorted by name
	Members  []Member  // in the order in which they start
	Gateway  *Gateway  // in front of a member; nil: there is none

	File string // the path that it was read from, as it was given
	Dir  string // of that; an absolute path, to which those of members are relative
}

// Network is one that only members are in.
type Network struct {
	Name     string // in the stack
	Internal bool   // it has no route to the outside
	NoDNS    bool   // no names are resolved on it, either way
}

// Member is one container.
type Member struct {
	Name     string   // in the stack
	Profile  string   // as zlaunch run takes it
	After    []string // members that serve before it starts
	Networks []string // the stack's, that it is in
	Models   string   // a path of the host, in the file relative to it; "" none
	Output   string   // likewise
	Publish  []string // [ADDRESS:]HOST:NAME; what the profile publishes of itself is not
	Env      []string // NAME=VALUE, sorted by name
	Secrets  []string // as podman-run takes them
	GPU      []string // names of the Container Device Interface
	Memory   string   // "8g"; "" the profile's
	Cpus     float64  // 0: the profile's
	Args     []string // the workload's
}

// Container is what a member's container is called; others of its networks reach it so.
func (s *Stack) Container(member string) string { return "zlaunch-" + s.Name + "-" + member }

// Network is what the engine knows a network of the stack by.
func (s *Stack) Network(name string) string { return "zlaunch-" + s.Name + "-" + name }

// Member is the member of that name; nil: there is none.
func (s *Stack) Member(name string) *Member {
	i := slices.IndexFunc(s.Members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Members[i]
}

// Rename gives the stack another name, before anything was asked of it.
func (s *Stack) Rename(name string) error {
	if err := named(name); err != nil {
		return err
	}
	s.Name = name
	return nil
}

// Beside is a path of the file, which is relative to where that stands.
func (s *Stack) Beside(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.Dir, path)
}

// host is {MEMBER.host} in a value: what that member's container is called.
var host = lazyregexp.New(`\{([a-z0-9-]+)\.host\}`)

// Filled is a value of a member with the names of containers in it.
func (s *Stack) Filled(value string) string {
	return host().ReplaceAllStringFunc(value, func(m string) string {
		return s.Container(strings.TrimSuffix(m[1:], ".host}"))
	})
}
