// Package profile reads profiles: named, shareable descriptions of how to run a
// framework, written in TOML and laid over each other in layers.
//
// A [Source] is one file. [Load] makes a [Catalog] of many, and
// [Catalog.Resolve] works out one [Profile] for one architecture: the words of
// zlaunch (kind, models, ports, ready) and the stated container spec, in which
// every value still knows the files and keys that decided it.
//
// The rules of merging are the same for every key: tables merge key by key,
// scalars and lists replace, false removes. A profile extends exactly one other
// and every profile ends in base, which holds the hardening. Waivers are a
// collection as well, keyed by control and place.
//
// Files are hostile until checked: sizes and depths are bounded before they are
// parsed, unknown keys are errors, and no string may carry a control character.
package profile

import (
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// Profile is a profile resolved for one architecture.
type Profile struct {
	Name          string
	About         string
	Kind          string // server, job, notebook, shell
	Owner         string // who answers for it; "" for a built-in one
	Docs          string // a link
	Deprecated    string // what to use instead; "" it is not
	NNPA          string // what the accelerator of IBM Z means for it
	Problems      []string
	Knobs         []Knob // sorted by name
	Models        *Models
	Output        *Output
	Scanner       *Scanner   // nil: it looks at no images
	GPU           string     // the accelerator of every run, as CDI names it: "nvidia.com/gpu=0"; "" none unless it is asked for
	GPUImage      []GPUImage // sorted by kind; without any and without GPU the profile has no use for one
	Ports         []Port     // sorted by number
	Publish       []string   // names out of Ports
	Ready         *Ready
	Golden        *Golden
	Keep          []string          // packages that zlaunch derive leaves as they are
	Gateway       []gateway.Backend // ports that may be called through a gateway, without their hosts; sorted by name
	BehindGateway bool              // every run stands behind one
	Waivers       []audit.Waiver    // sorted by control and place

	Stated *container.Spec // what the container tables say, with origins and reasons
	Chain  []string        // this profile, then what it extends, to base
	Archs  []string        // architectures it names an image for, sorted
	Arch   string          // the one it was resolved for
	Layer  container.Layer // of its nearest definition
	Near   container.Layer // the nearest that has a say in it: of that, and of all that it extends
	File   string          // of its nearest definition
	Bundle *Bundle         // of its nearest definition; nil: none

	Bundles []*Bundle // that it, or what it extends, comes from, nearest first, each once

	tree *node
}

// Knob is a variable or a flag of the workload worth knowing.
type Knob struct{ Name, Meaning string }

// Models is where the workload expects its models.
type Models struct {
	At     string // absolute path in the container
	Layout string // one of Layouts
	Digest string // "sha256:…": this tree and no other; "" any

	Source   string // "oci://…@sha256:…": the models of the store that a run has which names none; "" none
	Required bool   // the workload ends without
}

// Layouts are the shapes a model tree or file can have. Treat it as a constant.
var Layouts = []string{"any", "gguf", "hf", "mlserver", "onnx", "openvino", "tfserving", "triton"}

// Kinds are the kinds of profile. Treat it as a constant.
var Kinds = []string{"job", "notebook", "server", "shell"}

// Archs are the architectures a profile can name, in Go's words. Treat
// it as a constant.
var Archs = []string{"amd64", "arm64", "ppc64le", "s390x"}

// Output is where a job writes its results.
type Output struct{ At string }

// GPUImage is the image that computes on a kind of accelerator, "nvidia.com/gpu".
type GPUImage struct{ Kind, Image string }

// Port is a port the workload listens on.
type Port struct {
	Name   string
	Number uint16
}

// Ready says how to ask, from the host, whether the workload serves.
type Ready struct {
	Port   string // a name out of Ports
	Path   string // of an HTTP GET that answers 200 once it serves
	Within time.Duration
}

// Wait is how long to ask: as long as somebody wants, else as the profile says.
func (r *Ready) Wait(wanted time.Duration) time.Duration {
	if wanted > 0 {
		return wanted
	}
	return r.Within
}

// Origin tells who decided one of zlaunch's own words: "kind", "models.at",
// "ports.http", also "container.memory". The zero Origin means nobody did.
func (p *Profile) Origin(key string) container.Origin {
	n := p.tree.find(key)
	if n == nil || n.removed || len(n.origins) == 0 {
		return container.Origin{}
	}
	return n.origins[0]
}
