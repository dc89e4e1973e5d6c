// Package seccomp reads seccomp profiles in the format of containers/common,
// resolves them into the filter a container gets, and tells filters apart.
//
// It does what go.podman.io/common/pkg/seccomp does, without the build tags and
// the C library that package needs; the tests hold the result against filters
// real Podman engines wrote. It does no input or output.
//
// Podman takes the first of these as a container's profile: --security-opt
// seccomp=PATH; seccomp_profile in containers.conf; /etc/containers/seccomp.json;
// /usr/share/containers/seccomp.json; the profile compiled into it.
package seccomp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// maxProfile bounds a profile in bytes; Podman's default has 20 KB.
const maxProfile = 1 << 20

// Profile is a seccomp profile, not yet resolved for a machine and a set of
// capabilities.
type Profile struct {
	DefaultAction    specs.LinuxSeccompAction `json:"defaultAction"`
	DefaultErrnoRet  *uint                    `json:"defaultErrnoRet,omitempty"`
	DefaultErrno     string                   `json:"defaultErrno,omitempty"`
	Architectures    []specs.Arch             `json:"architectures,omitempty"`
	ArchMap          []Architecture           `json:"archMap,omitempty"`
	Syscalls         []Syscall                `json:"syscalls"`
	Flags            []specs.LinuxSeccompFlag `json:"flags,omitempty"`
	ListenerPath     string                   `json:"listenerPath,omitempty"`
	ListenerMetadata string                   `json:"listenerMetadata,omitempty"`
}

// Architecture is a machine and the further ABIs allowed with it.
type Architecture struct {
	Arch      specs.Arch   `json:"architecture"`
	SubArches []specs.Arch `json:"subArchitectures"`
}

// Syscall is one rule for a group of calls.
type Syscall struct {
	Name     string                   `json:"name,omitempty"`
	Names    []string                 `json:"names,omitempty"`
	Action   specs.LinuxSeccompAction `json:"action"`
	Args     []Arg                    `json:"args"`
	Comment  string                   `json:"comment"`
	Includes Filter                   `json:"includes"`
	Excludes Filter                   `json:"excludes"`
	ErrnoRet *uint                    `json:"errnoRet,omitempty"`
	Errno    string                   `json:"errno,omitempty"`
}

// Arg is a condition on one argument of a call.
type Arg struct {
	Index    uint                       `json:"index"`
	Value    uint64                     `json:"value"`
	ValueTwo uint64                     `json:"valueTwo"`
	Op       specs.LinuxSeccompOperator `json:"op"`
}

// Filter says where a rule holds. Arches are libseccomp's names (amd64, arm64,
// ppc64le, s390x), Caps full capability names. MinKernel is Docker's; Podman
// accepts and ignores it, and so does [Profile.Resolve].
type Filter struct {
	Caps      []string `json:"caps,omitempty"`
	Arches    []string `json:"arches,omitempty"`
	MinKernel string   `json:"minKernel,omitempty"`
}

// Read decodes a profile. It refuses unknown fields, which Podman skips: a
// misspelt condition would silently widen the filter.
func Read(data []byte) (*Profile, error) {
	if len(data) > maxProfile {
		return nil, fmt.Errorf("reading seccomp profile: larger than %d bytes", maxProfile)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	p := &Profile{}
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("reading seccomp profile: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading seccomp profile: more than one JSON value")
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("reading seccomp profile: %w", err)
	}
	return p, nil
}

// check finds what Podman would refuse when it resolves p.
func (p *Profile) check() error {
	if len(p.Architectures) != 0 && len(p.ArchMap) != 0 {
		return errors.New("both architectures and archMap are given")
	}
	if err := checkErrno(p.DefaultErrno); err != nil {
		return err
	}
	for i, s := range p.Syscalls {
		if s.Name != "" && len(s.Names) != 0 {
			return fmt.Errorf("rule %d: both name and names are given", i)
		}
		if err := checkErrno(s.Errno); err != nil {
			return fmt.Errorf("rule %d: %w", i, err)
		}
	}
	return nil
}
