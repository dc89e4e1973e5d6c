package compose

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Beside is where a file stands, for what it names: files that it extends, the one that
// overrides it, .env.
type Beside struct {
	FS   fs.FS  // rooted at "/"; nil: nothing beside the file is read
	Path string // of the file in it
	// Reads tells which files of FS, by their paths, are read by themselves too, and need not
	// be where they are included; nil: none.
	Reads func(path string) bool

	included *int // how many files were included; nil: this one is not
}

// reader reads one project.
type reader struct {
	beside  Beside
	name    string
	engine  string // docker or podman: whose line a service becomes
	vars    map[string]string
	layers  []*source // the file, and behind it what overrides it
	loaded  map[string]*source
	visited int
	open    []form.Open
	further []*form.Reading // services of files that are included
}

// composeName is a file that the programs look for.
var composeName = lazyregexp.New(`^(docker-|podman-)?compose([.-][\w.-]*)?\.ya?ml$`)

// Named tells whether a file has a name that the programs look for.
func Named(name string) bool { return composeName().MatchString(strings.ToLower(path.Base(name))) }

// Describes tells whether a document of YAML is a Compose file: by its name, or since one
// of its services has an image. Others have services too.
func Describes(name string, top *yaml.Node) bool {
	r := &reader{}
	services := r.field(top, "services")
	if resolved(services) == nil || resolved(services).Kind != yaml.MappingNode {
		return false
	}
	return Named(name) || slices.ContainsFunc(r.pairs(services, nil), func(p pair) bool {
		return r.field(p.value, "image") != nil || r.field(p.value, "build") != nil
	})
}

// Read reads every service of a file, in its order, with what overrides it: as docker
// compose does, or podman-compose where the file's name or x-podman tells so. What belongs
// to no service is listed as open. An error means that there is no file to read.
//
// .env fills in what it has. A variable of whoever calls Compose would win; any other
// variable leaves open what it stands in.
func Read(b Beside, name string, text []byte) ([]*form.Reading, []form.Open, error) {
	main, err := parse(name, text)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	r := &reader{beside: b, name: name, layers: []*source{main}, loaded: map[string]*source{}, engine: "docker"}
	r.override()
	r.environment()
	for _, l := range r.layers {
		r.outer(l)
	}
	if strings.HasPrefix(strings.ToLower(path.Base(name)), "podman-") || slices.ContainsFunc(r.layers, func(l *source) bool { return r.field(l.top, "x-podman") != nil }) {
		r.engine = "podman"
	}
	var out []*form.Reading
	for _, service := range r.services() {
		out = append(out, r.service(service))
	}
	out = append(out, r.further...)
	if r.visited > maxNodes {
		return nil, []form.Open{{Word: -1, Why: fmt.Sprintf("it stands for more than %d values, and is not read", maxNodes)}}, nil
	}
	return out, r.open, nil
}

// services are the names of all, in order.
func (r *reader) services() []string {
	var out []string
	for _, l := range r.layers {
		for _, p := range r.pairs(r.field(l.top, "services"), func(k *yaml.Node) { r.note(l, k, "the service stands twice") }) {
			if !slices.Contains(out, p.key.Value) && !strings.HasPrefix(p.key.Value, "x-") {
				out = append(out, p.key.Value)
			}
		}
	}
	return out
}

// note lists what is open of the file, and of no one service.
func (r *reader) note(at *source, n *yaml.Node, format string, args ...any) {
	why := fmt.Sprintf("line %d: ", n.Line) + fmt.Sprintf(format, args...)
	if at.name != r.name {
		why = shown(at.name) + ": " + why
	}
	if len(r.open) < maxOpen {
		r.open = append(r.open, form.Open{Word: -1, Why: why})
	}
}

// maxOpen bounds what is listed of one file.
const maxOpen = 1000

// outerKeys are what stands at the top of a file; it is read where a service names it.
var outerKeys = strings.Fields("version name services networks volumes secrets configs")

// outer lists what at the top of a file is not read.
func (r *reader) outer(l *source) {
	if l.top != nil && resolved(l.top).Kind != yaml.MappingNode {
		r.note(l, l.top, "it is no mapping, and no Compose file")
	}
	for _, p := range r.pairs(l.top, func(k *yaml.Node) { r.note(l, k, "%s stands twice", shown(k.Value)) }) {
		switch {
		case p.key.Value == "include":
			include(r, l, p)
		case !slices.Contains(outerKeys, p.key.Value) && !strings.HasPrefix(p.key.Value, "x-"):
			r.note(l, p.key, "%s is nothing that zlaunch knows at the top of a Compose file", shown(p.key.Value))
		}
	}
}

// The names of the files that Compose finds by itself, and of those that override them, the
// first that is there (compose-go, cli.DefaultFileNames and DefaultOverrideFileNames).
var (
	names     = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrides = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// Overridden are the names of files that one of that name overrides where it is the first
// such beside them; nil: it is none such.
func Overridden(name string) []string {
	if !slices.Contains(overrides, name) {
		return nil
	}
	return names
}

func (r *reader) override() {
	if !slices.Contains(names, path.Base(r.name)) || r.beside.included != nil {
		return
	}
	for _, name := range overrides {
		l, err := r.load(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			r.note(r.layers[0], &yaml.Node{Line: 1}, "Compose reads %s too, which is not read here: %v", name, err)
			return
		default:
			r.layers = append(r.layers, l)
			return
		}
	}
}

func (r *reader) environment() {
	if text, err := r.file(".env"); err == nil {
		r.vars = dotenv(string(text))
	}
	if files := r.vars["COMPOSE_FILE"]; files != "" && files != path.Base(r.name) {
		r.note(r.layers[0], &yaml.Node{Line: 1}, "by COMPOSE_FILE of .env Compose reads %s where no -f names a file", shown(files))
	}
}

// file reads a file below the directory of the main one. Of one that lies elsewhere, or is
// no regular file there, nothing is read.
func (r *reader) file(name string) ([]byte, error) {
	switch {
	case r.beside.FS == nil:
		return nil, fs.ErrNotExist
	case !fs.ValidPath(path.Clean(name)) || path.Clean(name) == ".":
		return nil, errors.New("it lies outside of the directory")
	}
	full := path.Join(path.Dir(r.beside.Path), name)
	if info, err := fs.Stat(r.beside.FS, full); err != nil { // a FIFO would wait for ever
		return nil, err
	} else if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, errors.New("it is no regular file, or too large")
	}
	f, err := r.beside.FS.Open(full)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// load reads a further file, once.
func (r *reader) load(name string) (*source, error) {
	name = path.Clean(name)
	if l := r.loaded[name]; l != nil {
		return l, nil
	}
	text, err := r.file(name)
	if err != nil {
		return nil, err
	}
	l, err := parse(path.Join(path.Dir(r.name), name), text)
	if err == nil {
		r.loaded[name] = l
	}
	return l, err
}
