package report

import (
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/inspected"
)

// InspectSchema is the version of the JSON of an image.
const InspectSchema = "zlaunch.dev/image/v1"

// Inspected is what an image is, and how it steers who runs it.
type Inspected struct {
	Schema      string            `json:"schema"`
	Name        string            `json:"name"`
	Profile     string            `json:"profile,omitempty"` // that names it
	Config      string            `json:"config"`            // digest of its configuration, the image ID
	Manifest    string            `json:"manifest,omitempty"`
	Platform    string            `json:"platform"`
	Platforms   []string          `json:"platforms,omitempty"` // of the index it stands in
	Created     *time.Time        `json:"created,omitempty"`
	Bytes       int64             `json:"bytes,omitempty"` // of its layers, where an engine holds it
	User        string            `json:"user"`
	UID         *int              `json:"uid,omitempty"` // by its own /etc/passwd
	Entrypoint  []string          `json:"entrypoint,omitempty"`
	Cmd         []string          `json:"cmd,omitempty"`
	Workdir     string            `json:"workdir,omitempty"`
	Healthcheck []string          `json:"healthcheck,omitempty"`
	StopSignal  string            `json:"stop_signal,omitempty"`
	Ports       []string          `json:"ports,omitempty"`
	Volumes     []string          `json:"volumes,omitempty"`
	Variables   []string          `json:"variables,omitempty"` // names alone: values can be secrets
	Origin      map[string]string `json:"origin,omitempty"`    // org.opencontainers.image.*, as it claims
	Secrets     []string          `json:"secrets,omitempty"`   // where in its configuration something looks like one
	Engine      string            `json:"engine,omitempty"`    // the version that Steers was asked for
	Steers      []Steer           `json:"steers"`
	Unnamed     *Unnamed          `json:"unnamed,omitempty"` // labels and annotations that no table has
	Files       *ImageFiles       `json:"files,omitempty"`   // absent: its layers were not read
	Attached    []inspected.Look  `json:"attached"`          // what is attached to it, where it was looked
	Signed      *ImageSigned      `json:"signed,omitempty"`
}

// ImageSigned is a signature that cosign verified.
type ImageSigned struct {
	Of string `json:"of"` // REPOSITORY@sha256:…, of the image or of an index that lists it
	By string `json:"by"` // the key, or the identity and its issuer, that was asked for
}

// Steer is one way in which it steers an engine or another program.
type Steer struct {
	Key      string `json:"key"`
	Who      string `json:"who"`
	Does     string `json:"does"`
	Answer   string `json:"answer"` // refuse, override, stated, harmless
	Advisory string `json:"advisory,omitempty"`
	Engine   string `json:"engine,omitempty"` // what this engine makes of the advisory
}

// maxUnnamed is how many names that no table has are shown; images have some tens at most.
// A name is cut after maxUnnamedName bytes.
const (
	maxUnnamed     = 40
	maxUnnamedName = 128
)

// Unnamed are labels and annotations of which zlaunch knows neither that somebody obeys them
// nor that nobody does: as "label[autoheal]". A run refuses none for that.
type Unnamed struct {
	Names []string `json:"names"`
	More  int      `json:"more,omitempty"` // beside those
}

// unnamed finds them.
func unnamed(facts *effective.Image) *Unnamed {
	out := Unnamed{}
	for _, from := range []struct {
		in   engine.Place
		said map[string]string
	}{{engine.Annotation, facts.Annotations}, {engine.Label, facts.Labels}} {
		for _, name := range engine.Unnamed(from.in, from.said) {
			if len(name) > maxUnnamedName {
				name = strings.ToValidUTF8(name[:maxUnnamedName], "") + "…"
			}
			if len(out.Names) < maxUnnamed {
				out.Names = append(out.Names, string(from.in)+"["+name+"]")
			} else {
				out.More++
			}
		}
	}
	if len(out.Names) == 0 {
		return nil
	}
	return &out
}

// ImageFiles are its files that give rights, or that no builder makes.
type ImageFiles struct {
	Count    int      `json:"count"`
	Setuid   FileList `json:"setuid"`
	Capable  FileList `json:"capabilities"`
	Writable FileList `json:"writable"`
	Devices  FileList `json:"devices"`
	Odd      FileList `json:"odd"`
}

// FileList is files of one kind, and how many more there are.
type FileList struct {
	Files []ImageFile `json:"files"`
	More  int         `json:"more,omitempty"`
}

// ImageFile is one of them.
type ImageFile struct {
	Path string `json:"path"`
	Mode string `json:"mode"` // as ls prints it
	UID  int    `json:"uid"`
	Note string `json:"note,omitempty"`
}

// NewInspected fills in what an image says of itself.
func NewInspected(name string, facts *effective.Image, said *image.Config, steers []image.Steer) Inspected {
	doc := Inspected{
		Schema: InspectSchema, Name: name, Config: "sha256:" + facts.ID, Manifest: facts.Digest, Platform: facts.OS + "/" + facts.Arch,
		User: facts.User, Entrypoint: facts.Entrypoint, Cmd: facts.Cmd, Workdir: facts.Workdir, StopSignal: facts.StopSignal,
		Ports: facts.Exposed, Volumes: facts.Volumes, Secrets: effective.ImageSecrets(facts), Steers: []Steer{}, Attached: []inspected.Look{}, Origin: map[string]string{},
	}
	if !said.Created.IsZero() {
		doc.Created = &said.Created
	}
	if h := said.Config.Healthcheck; h != nil {
		doc.Healthcheck = h.Test
	}
	for _, kv := range facts.Env {
		name, _, _ := strings.Cut(kv, "=")
		doc.Variables = append(doc.Variables, name)
	}
	for _, from := range []map[string]string{facts.Labels, facts.Annotations} {
		for name, value := range from {
			if rest, ok := strings.CutPrefix(name, "org.opencontainers.image."); ok {
				doc.Origin[rest] = value
			}
		}
	}
	for _, s := range steers {
		doc.Steers = append(doc.Steers, Steer{s.Key, s.Who, s.Does, string(s.Answer), s.Way.Advisory, string(s.Falls)})
	}
	doc.Unnamed = unnamed(facts)
	return doc
}

// Look adds what its files are.
func (d *Inspected) Look(f *image.Files) {
	if f.UID >= 0 {
		d.UID = &f.UID
	}
	d.Files = &ImageFiles{f.Count, fileList(f.Setuid), fileList(f.Capable), fileList(f.Writable), fileList(f.Devices), fileList(f.Odd)}
}

func fileList(l image.List) FileList {
	out := FileList{Files: []ImageFile{}, More: l.More}
	for _, f := range l.Files {
		out.Files = append(out.Files, ImageFile{f.Path, f.Mode.String(), f.UID, f.Note})
	}
	return out
}

// Refused are the ways for which zlaunch refuses to run it.
func (d Inspected) Refused() (out []Steer) {
	for _, s := range d.Steers {
		if s.Answer == string(engine.Refuse) {
			out = append(out, s)
		}
	}
	return out
}
