package form

import (
	"fmt"
	"maps"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Run is one run to be written in a form: its spec, and what stands beside it.
type Run struct {
	Name    string // of the run, as a DNS label: "triton"
	Profile string // that it is of; "" it was read from another form
	About   string // what the profile says of itself, one line
	Kind    string // server, job, notebook …; "" not known
	Arch    string // in Go's words: "s390x"; "" any

	// Spec is what is written, as it is stated to Podman; an unknown row is the form's own.
	Spec *container.Spec
	// Judged is what the controls see of it: Spec with the engine's defaults and all that
	// follows from them. A setting that is lost is judged here.
	Judged *container.Spec

	Attached bool // whoever starts it by a line waits for its end, and sees what it prints

	Stack string   // that it is written as a part of, see [Stack]; "" it is written alone
	After []string // runs of the stack, by name, that serve before it starts

	Networks []Network // that Podman must be told to make before
	Ports    []Port    // by the names that the profile gives them, in order of number
	Ready    *Ready    // what answers once it serves; nil: not known
	Models   string    // the target in Spec's volumes that has the models; "" none
	From     Source    // what is mounted there
	Files    []File    // of zlaunch's own, that Spec names by path: the seccomp profile
	Beside   bool      // Files go beside what is written, which names them there if the form can

	Lost []Loss // of a run that was read: what Spec could not take over, or is not known
}

// Network is the one of [Run.Networks] with a name; nil: whoever runs it finds that there.
func (r Run) Network(name string) *Network {
	i := slices.IndexFunc(r.Networks, func(n Network) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return &r.Networks[i]
}

// Source is what a form mounts as the models, where somebody says so.
type Source struct {
	Kind string // pvc, hostPath or image; "" what the form takes by itself
	// Name is of a claim that is there, or of an image by its digest; "" of a claim that the
	// form writes too, and of a path, which Spec names.
	Name string
}

// Network is a named network.
type Network struct {
	Name     string
	Internal bool // it has no route to the outside
	NoDNS    bool // it resolves no names
	Labels   map[string]string
}

// Create is the command of an engine, podman or docker, that makes the network.
func (n Network) Create(engine string) []string {
	words := []string{engine, "network", "create"}
	if n.Internal {
		words = append(words, "--internal")
	}
	if n.NoDNS && engine == "podman" { // docker's own server resolves, without an option
		words = append(words, "--disable-dns")
	}
	for _, key := range slices.Sorted(maps.Keys(n.Labels)) {
		words = append(words, "--label", key+"="+n.Labels[key])
	}
	return append(words, n.Name)
}

// Port is a port of the workload and what a profile calls it.
type Port struct {
	Name   string
	Number uint16
}

// Ready is an endpoint that answers HTTP 2xx once the workload serves.
type Ready struct {
	Port   Port
	Path   string // "/v2/health/ready"
	Within int64  // seconds it may take from the start
}

// File is one file of a document, or one that a document names.
type File struct {
	Name string // in a document a bare name: "triton.container"; else an absolute path
	Data []byte
}

// Document is a run as it is written in a form.
type Document struct {
	Files []File // in the order in which they are to be read; there is at least one
	// Beside are files of zlaunch's own that Files name by path. They are no part of the
	// form, and go into a directory only.
	Beside []File
	// Lost are the settings that the form cannot say, in reading order. The files are
	// written without them.
	Lost  []Loss
	Notes []string // what whoever uses the files must do or know, one sentence each
}

// Waits is the key of what is lost of [Run.After]: no row has it.
const Waits = "after"

// Loss is a setting that a form cannot say, or would say otherwise.
type Loss struct {
	At  container.Path
	Why string // "Compose has no mask", without a full stop
	// Instead sets what the form says in its place, where that is known, as a mount without
	// nosuid; nil: the setting is not known there.
	Instead func(*container.Spec)
	// Older sets what releases make of it that the target stands for too; nil: the same.
	Older func(*container.Spec)
	// Run is the run of a stack that loses it; "" the one there is.
	Run string
	// Place is where it stands in the file that was read, "run.sh:3"; "" in none.
	Place string
}

func (l Loss) String() string {
	text := l.Why
	if l.At.Key != "" {
		text = fmt.Sprintf("%s: %s", l.At, text)
	}
	if l.Place != "" {
		text = l.Place + ": " + text
	}
	if l.Run != "" {
		text = l.Run + ": " + text
	}
	return text
}

// Says is how a form says one row; the table of a form has one for each row that an
// option of Podman can state, so that what it cannot carry is a row too.
type Says struct {
	Row container.Row
	// Keys is where the row stands in the form: "securityContext.readOnlyRootFilesystem".
	// "" it has no place.
	Keys string
	// Since is the first target that has the keys; "" every one.
	Since string
	// Nature is the only value that the row has where the form rules, said without a key,
	// as reports show it: "false". "" none.
	Nature string
	// Why says what is lost where there is no key, and that no key is needed where the
	// nature of the form is the value, or the row is nothing a form of this kind has.
	Why string
	// Moot tells that the row means nothing where the form rules, and that leaving it out
	// loses nothing: whether the caller waits. Why says so.
	Moot bool
}
