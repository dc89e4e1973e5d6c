// Package cdi reads specifications of the Container Device Interface (CDI, version 1.0): files in
// which a vendor says what a container is given that asks for a device by name, as
// podman-run's --device nvidia.com/gpu=0 does. They are root's words about every
// rootless run: nodes, mounts, variables, and programs that run outside of it.
//
// The package does no input or output and imports nothing else of zlaunch; whoever
// finds the files hands their text to [Parse] and what came out to [Resolve]. What
// Podman's own library (tags.cncf.io/container-device-interface) would refuse is
// refused, and so is what nobody here could hold a container against.
package cdi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"
)

// MaxFile bounds a specification in bytes; one of NVIDIA's for eight cards has some
// 100 KiB.
const MaxFile = 1 << 20

// Spec is one specification: the devices of one kind.
type Spec struct {
	Version     string            `yaml:"cdiVersion"` // of the format, "0.5.0"
	Kind        string            `yaml:"kind"`       // "nvidia.com/gpu"
	Annotations map[string]string `yaml:"annotations"`
	Devices     []SpecDevice      `yaml:"devices"`
	Edits       Edits             `yaml:"containerEdits"` // for whoever asks for any of the devices
}

// SpecDevice is one device of a specification.
type SpecDevice struct {
	Name        string            `yaml:"name"`
	Annotations map[string]string `yaml:"annotations"`
	Edits       Edits             `yaml:"containerEdits"`
}

// Edits are what a container is given.
type Edits struct {
	Env    []string `yaml:"env"` // "NAME=value"
	Nodes  []Node   `yaml:"deviceNodes"`
	Mounts []Mount  `yaml:"mounts"`
	Hooks  []Hook   `yaml:"hooks"`
	GIDs   []uint32 `yaml:"additionalGids"`

	// What no row of a container spec can hold; that it is there is all that counts.
	IntelRdt any `yaml:"intelRdt"`
	Net      any `yaml:"netDevices"`
}

// Node is a device node. Type and numbers are those of the host's node where the
// specification leaves them out.
type Node struct {
	Path     string  `yaml:"path"`     // in the container
	HostPath string  `yaml:"hostPath"` // "" is Path
	Type     string  `yaml:"type"`     // b, c, u or p; "" is the host's
	Major    int64   `yaml:"major"`    // with Minor 0: the host's
	Minor    int64   `yaml:"minor"`
	FileMode *uint32 `yaml:"fileMode"`
	Access   string  `yaml:"permissions"` // of r, w, m; "" is all three
	UID      *uint32 `yaml:"uid"`
	GID      *uint32 `yaml:"gid"`
}

// Mount is a mount, as the runtime-spec has them.
type Mount struct {
	HostPath      string   `yaml:"hostPath"`
	ContainerPath string   `yaml:"containerPath"`
	Options       []string `yaml:"options"`
	Type          string   `yaml:"type"`
}

// Hook is a program of the host that the runtime runs as its caller, outside of the
// container or before its walls stand.
type Hook struct {
	Stage   string   `yaml:"hookName"` // one of Stages
	Path    string   `yaml:"path"`
	Args    []string `yaml:"args"` // the program's own name first
	Env     []string `yaml:"env"`
	Timeout *int     `yaml:"timeout"` // seconds
}

// Stages are the moments a hook can ask for (runtime-spec, config.md). Treat it as a
// constant.
var Stages = []string{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}

// Parse reads a specification in YAML, which JSON is too. A key that it does not know
// is an error, as it is to Podman.
func Parse(text []byte) (*Spec, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("larger than %d bytes", MaxFile)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	s := &Spec{}
	if err := d.Decode(s); errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	} else if err != nil {
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	return s, s.check()
}

// Bind tells whether the mount is a bind of a path of the host, with options that a
// container can be held against. Podman takes any type, and any option.
func (m Mount) Bind() bool {
	if !clean(m.HostPath) || m.Type != "" && m.Type != "none" && m.Type != "bind" {
		return false
	}
	return slices.ContainsFunc(m.Options, isBind) && !slices.ContainsFunc(m.Options, func(o string) bool { return !slices.Contains(plainOptions, o) })
}

func isBind(o string) bool { return o == "bind" || o == "rbind" }

// plainOptions are those of mount(8) that a row of volumes holds, and the propagation
// that is podman's own.
var plainOptions = []string{"bind", "rbind", "ro", "rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "private", "rprivate"}

// Has tells whether the mount ends up with an option, of which the later one counts.
func (m Mount) Has(option, opposite string) bool {
	has := false
	for _, o := range m.Options {
		has = o == option || has && o != opposite
	}
	return has
}

// Unheld names what of the edits no row of a container spec can hold. The group 0 is
// passed over by Podman.
func (e *Edits) Unheld() []string {
	var out []string
	if e.IntelRdt != nil {
		out = append(out, "intelRdt")
	}
	if e.Net != nil {
		out = append(out, "netDevices")
	}
	if slices.ContainsFunc(e.GIDs, func(g uint32) bool { return g != 0 }) {
		out = append(out, "additionalGids")
	}
	return out
}
