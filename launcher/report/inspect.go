package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/image"
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
	Bytes       int64             `json:"bytes,omitempty"`
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
	Files       *ImageFiles       `json:"files,omitempty"` // absent: its layers were not read
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
		Bytes: facts.Size, User: facts.User, Entrypoint: facts.Entrypoint, Cmd: facts.Cmd, Workdir: facts.Workdir, StopSignal: facts.StopSignal,
		Ports: facts.Exposed, Volumes: facts.Volumes, Secrets: effective.ImageSecrets(facts), Steers: []Steer{}, Origin: map[string]string{},
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

// Text writes it for a person; now tells how old it is.
func (d Inspected) Text(w io.Writer, on Screen, now time.Time) error {
	t := table{columns: []column{{most: 12}, {wraps: true}}}
	field := func(name, value string) {
		if value != "" {
			t.add(name, value)
		}
	}
	field("image", d.Name)
	field("profile", d.Profile)
	field("config", d.Config)
	field("manifest", d.Manifest)
	field("platform", d.Platform+others(d.Platforms))
	field("created", d.age(now))
	field("user", d.identity())
	field("entrypoint", words(d.Entrypoint))
	field("cmd", words(d.Cmd))
	field("workdir", d.Workdir)
	field("healthcheck", words(d.Healthcheck))
	field("stop signal", d.StopSignal)
	field("ports", strings.Join(d.Ports, ", "))
	field("volumes", strings.Join(d.Volumes, ", "))
	field("variables", strings.Join(d.Variables, ", "))
	field("secrets", strings.Join(d.Secrets, ", "))
	for _, name := range slices.Sorted(maps.Keys(d.Origin)) {
		field(name, d.Origin[name])
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	if err := d.steers(w, on); err != nil {
		return err
	}
	return d.files(w, on)
}

func others(platforms []string) string {
	if len(platforms) < 2 {
		return ""
	}
	return ", of " + strings.Join(platforms, ", ")
}

func words(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	return fmt.Sprintf("%q", argv)
}

// age is when it was made, and how much it is.
func (d Inspected) age(now time.Time) string {
	var out []string
	if c := d.Created; c != nil && c.Unix() > 0 {
		out = append(out, c.UTC().Format(time.DateOnly)+", "+units.HumanDuration(now.Sub(*c))+" ago")
	} else {
		out = append(out, "it does not say when")
	}
	if d.Bytes > 0 {
		out = append(out, units.HumanSize(float64(d.Bytes)))
	}
	if d.Files != nil {
		out = append(out, strconv.Itoa(d.Files.Count)+" files")
	}
	return strings.Join(out, ", ")
}

func (d Inspected) identity() string {
	switch {
	case d.User == "" && d.UID == nil:
		return "none: root"
	case d.UID == nil:
		return d.User
	case d.User == "":
		return fmt.Sprintf("none: uid %d", *d.UID)
	}
	return fmt.Sprintf("%s, uid %d", d.User, *d.UID)
}

// answers are the answers in a person's words.
var answers = map[string]string{
	string(engine.Refuse): "refused", string(engine.Override): "overridden", string(engine.Stated): "held", string(engine.Harmless): "inert",
}

// steers writes the ways in which it steers somebody.
func (d Inspected) steers(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "UNDER ZLAUNCH", short: "ZLAUNCH"}, {title: "IT SAYS", most: 44}, {title: "OBEYED BY", most: 32, below: true}, {title: "WHICH", wraps: true, below: true}}}
	for _, s := range d.Steers {
		does := s.Does
		if s.Advisory != "" {
			does += " (" + advised(s.Advisory) + either(d.Engine != "", "; Podman "+d.Engine+": "+s.Engine, "") + ")"
		}
		t.add(answers[s.Answer], s.Key, s.Who, does)
	}
	if len(t.rows) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return t.write(w, on)
}

func advised(id string) string { return engine.Advisory{ID: id}.Name() }

// perKind is how many files of a kind a person is shown; --json has all.
const perKind = 8

// files writes the files that give rights.
func (d Inspected) files(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "FILES"}, {title: "MODE"}, {title: "PATH", wraps: true}}}
	if d.Files == nil {
		return nil
	}
	for _, kind := range []struct {
		name string
		list FileList
	}{
		{"set-user-ID or set-group-ID", d.Files.Setuid}, {"capabilities", d.Files.Capable}, {"writable", d.Files.Writable},
		{"device nodes", d.Files.Devices}, {"odd", d.Files.Odd},
	} {
		for i, f := range kind.list.Files {
			if i == perKind {
				break
			}
			t.add(kind.name, f.Mode, f.Path+either(f.Note != "", ": "+f.Note, ""))
		}
		if more := len(kind.list.Files) - perKind + kind.list.More; more > 0 {
			t.add(kind.name, "", fmt.Sprintf("and %d more: --json", more))
		}
	}
	if len(t.rows) == 0 {
		t.add("none that give rights", "", "")
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\nThey give nothing to a run that has no_new_privileges, no capabilities and a read-only root, as the profiles' base has.\n")
	return err
}
