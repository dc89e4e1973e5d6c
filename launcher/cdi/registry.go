package cdi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// File is a specification where it was found.
type File struct {
	Path     string
	Priority int // the place of its directory in the list: a later one counts more
	Spec     *Spec
}

// Device is a device that can be asked for.
type Device struct {
	Name string // "nvidia.com/gpu=0"
	File *File
	Own  Edits // beside those of the file
}

// Kind is "nvidia.com/gpu" of "nvidia.com/gpu=0".
func (d Device) Kind() string { return d.File.Spec.Kind }

// Registry is what the specifications of a host define together.
type Registry struct {
	Dirs     []string  // that were looked in
	Devices  []Device  // by name
	Problems []Problem // what is there and cannot be used
}

// Problem is a file that cannot be believed, or a device that two of them define.
type Problem struct {
	File string
	Why  string
	Hint string // what to type
}

// Resolve joins specifications as Podman does: of two that define one device the one of
// the later directory counts, and of two in one directory neither.
func Resolve(files []File) *Registry {
	r, at, twice := &Registry{}, map[string]int{}, map[string]bool{}
	for i := range files {
		f := &files[i]
		for _, d := range f.Spec.Devices {
			name := f.Spec.Kind + "=" + d.Name
			new := Device{name, f, d.Edits}
			old, there := at[name]
			switch {
			case !there:
				at[name] = len(r.Devices)
				r.Devices = append(r.Devices, new)
			case f.Priority > r.Devices[old].File.Priority:
				r.Devices[old] = new
			case f.Priority == r.Devices[old].File.Priority:
				twice[name] = true
				r.Problems = append(r.Problems, Problem{f.Path, fmt.Sprintf("%s defines %q too: podman gives neither", r.Devices[old].File.Path, name),
					"take one of the two files away"})
			}
		}
	}
	r.Devices = slices.DeleteFunc(r.Devices, func(d Device) bool { return twice[d.Name] })
	slices.SortFunc(r.Devices, func(a, b Device) int { return cmp.Compare(a.Name, b.Name) })
	return r
}

// Part is what one place of a specification gives a run.
type Part struct {
	File  string
	By    string // a device; or the kind, where whoever asks for any of its devices is given it
	Edits Edits
}

// Parts are what a run is given that asks for devices by these names, in the order in
// which Podman applies them. missing are those that no specification defines.
func (r *Registry) Parts(names []string) (parts []Part, missing []string) {
	given := map[*File]bool{}
	for _, name := range names {
		i := slices.IndexFunc(r.Devices, func(d Device) bool { return d.Name == name })
		if i < 0 {
			missing = append(missing, name)
			continue
		}
		d := r.Devices[i]
		if !given[d.File] {
			given[d.File] = true
			parts = append(parts, Part{d.File.Path, d.Kind(), d.File.Spec.Edits})
		}
		parts = append(parts, Part{d.File.Path, name, d.Own})
	}
	return parts, missing
}

// classes are those that vendors of accelerators give their devices.
var classes = []string{"gpu", "gpus", "mig", "accel", "accelerator", "npu", "hpu", "tpu", "gaudi", "neuron"}

// Accelerates tells whether a name of CDI, "nvidia.com/gpu=0", is one of an accelerator.
func Accelerates(name string) bool {
	kind, _, _ := strings.Cut(name, "=")
	_, class, _ := strings.Cut(kind, "/")
	return slices.Contains(classes, class)
}

// Accelerators are the kinds of accelerator that there are devices of, sorted.
func (r *Registry) Accelerators() []string {
	var out []string
	for _, d := range r.Devices {
		if Accelerates(d.Name) {
			out = append(out, d.Kind())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Of lists the names of a kind's devices.
func (r *Registry) Of(kind string) []string {
	var out []string
	for _, d := range r.Devices {
		if d.Kind() == kind {
			out = append(out, d.Name)
		}
	}
	return out
}
