package container

import (
	"fmt"
	"slices"
	"strings"
)

// Path names one flag: a row's key and, in a keyed collection, the element.
// {"memory",""} is a scalar, {"tmpfs","/tmp"} an element. A marked {"tmpfs",""}
// says that the collection is complete: these elements and no others.
type Path struct{ Key, Elem string }

// String writes the path as reports do: memory, tmpfs[/tmp].
func (p Path) String() string {
	if p.Elem == "" {
		return p.Key
	}
	return fmt.Sprintf("%s[%s]", p.Key, p.Elem)
}

// MarshalText makes a Path a JSON string.
func (p Path) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Mark says who decided a flag, how we know its value, and why it is set.
type Mark struct {
	Origin   []Origin // the deciding one first, then those it replaced
	Evidence Evidence
	Why      string // the reason given where it was set
	By       string // of what was observed: the process that shows it, where it is not the first one
}

// From makes a Mark for a value decided at o.
func From(o Origin) Mark { return Mark{Origin: []Origin{o}, Evidence: Planned} }

// The options of a run that bring data which preflight walks.
const (
	OptionModels = "--models"
	OptionOutput = "--output"
	OptionScan   = "--scan" // what a scanner looks at, which no command line of a run names
)

// Walked tells whether the row is the mount of what one of these options brought from the
// command line: preflight has walked that tree.
func (m Mark) Walked() bool {
	if len(m.Origin) == 0 || m.Origin[0].Layer != LayerCommandLine {
		return false
	}
	o := m.Origin[0]
	if o.File != "" { // member.NAME.models of a stack
		o.Key = "--" + o.Key[strings.LastIndexByte(o.Key, '.')+1:]
	}
	return o.Key == OptionModels || o.Key == OptionOutput || o.Key == OptionScan
}

// Origin is the place that decided a value: a layer and, where it has one, its
// file and the key in it.
type Origin struct {
	Layer Layer  `json:"layer"`
	File  string `json:"file,omitempty"`
	Key   string `json:"key,omitempty"`
}

// String writes an origin for people: "profiles/base.toml: container.read_only".
func (o Origin) String() string {
	switch {
	case o.File != "" && o.Key != "":
		return o.File + ": " + o.Key
	case o.Key != "":
		return string(o.Layer) + ": " + o.Key
	case o.File != "":
		return o.File
	}
	return string(o.Layer)
}

// Layer is where a value was written.
type Layer string

// The layers, from far to near, then those that nobody writes for zlaunch.
const (
	LayerBuiltIn     Layer = "built-in"
	LayerSystem      Layer = "system"
	LayerBundle      Layer = "bundle" // a locked set of profiles
	LayerUser        Layer = "user"
	LayerProject     Layer = "project"
	LayerCommandLine Layer = "command line"
	LayerPolicy      Layer = "policy" // a file of the policy: no layer of profiles, it permits by waivers alone
	LayerImage       Layer = "image"
	LayerHost        Layer = "host"
	LayerEngine      Layer = "engine"
	LayerCDI         Layer = "cdi"     // a specification of the Container Device Interface
	LayerDerived     Layer = "derived" // zlaunch worked it out of other values
)

// Evidence is a rung of the ladder: how far a value is from the kernel.
type Evidence uint8

// The rungs, lowest first. A higher one settles what a lower one only claims.
const (
	Unknown Evidence = iota
	Planned
	Created
	Inspected
	OCI
	Kernel
)

var evidenceNames = [...]string{"unknown", "planned", "created", "inspected", "oci", "kernel"}

func (e Evidence) String() string {
	if int(e) < len(evidenceNames) {
		return evidenceNames[e]
	}
	return fmt.Sprintf("evidence(%d)", uint8(e))
}

// MarshalText makes an Evidence a JSON string.
func (e Evidence) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (p *Path) UnmarshalText(text []byte) error {
	key, elem, keyed := strings.Cut(string(text), "[")
	if keyed {
		end := len(elem) - 1
		if end < 0 || elem[end] != ']' {
			return fmt.Errorf("reading setting %q: no closing bracket", text)
		}
		elem = elem[:end]
	}
	*p = Path{key, elem}
	return nil
}

// UnmarshalText reads what MarshalText writes.
func (e *Evidence) UnmarshalText(text []byte) error {
	i := slices.Index(evidenceNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("reading evidence %q: no such rung", text)
	}
	*e = Evidence(i)
	return nil
}
