package report

import (
	"io"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// ShowSchema is the version of a profile's JSON.
const ShowSchema = "zlaunch.dev/profile/v1"

// Show is everything about one profile that a reader of it asks first.
type Show struct {
	Schema string `json:"schema"`
	Profile
	Arch     string         `json:"arch"` // the one that Settings are for
	Chain    []string       `json:"extends,omitempty"`
	Docs     string         `json:"docs,omitempty"`
	NNPA     string         `json:"nnpa,omitempty"`
	Images   []Image        `json:"images,omitempty"`
	GPU      string         `json:"gpu,omitempty"`        // the accelerator of every run
	GPUImage []GPUImage     `json:"gpu_images,omitempty"` // what --gpu runs, on the architecture of Settings
	Models   *Models        `json:"models,omitempty"`
	Output   string         `json:"output,omitempty"` // where a job writes
	Scanner  *Scanner       `json:"scanner,omitempty"`
	Ports    []Port         `json:"ports,omitempty"`
	Gateway  []GatewayPort  `json:"gateway,omitempty"`        // what may be called through one, by port
	Behind   bool           `json:"behind_gateway,omitempty"` // every run stands behind one
	Ready    string         `json:"ready,omitempty"`
	Golden   string         `json:"golden,omitempty"` // the request by which two images are compared
	Keep     []string       `json:"keep,omitempty"`   // packages that zlaunch derive does not change
	Knobs    []Knob         `json:"knobs,omitempty"`
	Problems []string       `json:"problems,omitempty"`
	Waivers  []audit.Waiver `json:"waivers,omitempty"`
	Settings []Line         `json:"settings"` // as the profile states them
	Fields   []Field        `json:"fields"`   // all that it says, and who decided that
}

// Image is the image of one architecture.
type Image struct {
	Arch string `json:"arch"`
	Ref  string `json:"image"`
}

// GPUImage is the image that computes on a kind of accelerator.
type GPUImage struct {
	Kind string `json:"kind"`
	Ref  string `json:"image"`
}

// Models is where the workload expects its models.
type Models struct {
	At       string `json:"at"`
	Layout   string `json:"layout"`
	Digest   string `json:"digest,omitempty"`
	Source   string `json:"source,omitempty"`   // reference in the store of models
	Required bool   `json:"required,omitempty"` // the workload ends without
}

// Port is a port the workload listens on.
type Port struct {
	Name      string `json:"name"`
	Number    uint16 `json:"port"`
	Published bool   `json:"published"` // unless the command line says otherwise
}

// Scanner is where a scanner of images expects what it looks at.
type Scanner struct {
	Tool     string   `json:"tool"`
	Image    string   `json:"image"`
	Database string   `json:"database,omitempty"`
	Finds    []string `json:"finds"`
}

// Knob is a variable or a flag of the workload worth knowing.
type Knob struct {
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
}

// Text writes the profile for a person.
func (s Show) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: s.Name, most: 24}, {title: s.About, wraps: true}}}
	field := func(name, value string) {
		if value != "" {
			t.add(name, value)
		}
	}
	field("kind", s.Kind)
	field("from", s.from()+", "+s.File)
	field("deprecated", s.Deprecated)
	field("owner", s.Owner)
	field("extends", strings.Join(s.Chain[min(1, len(s.Chain)):], ", "))
	for _, img := range s.Images {
		field("image "+img.Arch, img.Ref)
	}
	field("gpu", s.GPU)
	for _, g := range s.GPUImage {
		field("--gpu "+g.Kind, g.Ref)
	}
	s.data(field)
	for _, k := range s.Knobs {
		field(k.Name, k.Meaning)
	}
	field("NNPA", s.NNPA)
	for _, p := range s.Problems {
		field("known problem", p)
	}
	for _, line := range waiverLines(s.Waivers) {
		field("waives", line)
	}
	field("docs", s.Docs)
	field("error", s.Error)
	return t.write(w, on)
}

// data writes what goes in and out: models, output, ports.
func (s Show) data(field func(name, value string)) {
	if m := s.Models; m != nil {
		needed := ""
		if m.Required {
			needed = "; the workload ends without"
		}
		field("--models", m.Layout+" layout, read-only at "+m.At+needed)
		field("model digest", m.Digest)
		field("model source", m.Source)
	}
	if s.Output != "" {
		field("--output", "results, at "+s.Output)
	}
	if c := s.Scanner; c != nil {
		field("scans", "with "+c.Tool+", "+strings.Join(c.Finds, " and ")+" of an image that is mounted at "+c.Image)
		field("--db", either(c.Database != "", "its database, read-only at "+c.Database, "none, for it brings its own"))
	}
	for _, p := range s.Ports {
		field("port "+p.Name, strconv.Itoa(int(p.Number))+either(p.Published, ", published on 127.0.0.1", ", closed unless -p HOST:"+p.Name))
	}
	if s.Behind {
		field("behind", "a gateway, in every run")
	}
	for _, g := range s.Gateway {
		g.data(field)
	}
	field("ready", s.Ready)
	field("golden", s.Golden)
	field("derive keeps", strings.Join(s.Keep, ", "))
}
