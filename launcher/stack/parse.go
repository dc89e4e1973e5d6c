package stack

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/internal/tomllines"
)

// document is a file as TOML has it.
type document struct {
	Schema   int                `toml:"schema"`
	Name     string             `toml:"name,omitempty"`
	About    string             `toml:"about,omitempty"`
	Networks map[string]network `toml:"network,omitempty"`
	Members  map[string]member  `toml:"member"`
	Gateway  *front             `toml:"gateway,omitempty"`
}

type network struct {
	Internal bool `toml:"internal,omitempty"`
}

type member struct {
	Profile  string            `toml:"profile"`
	After    []string          `toml:"after,omitempty"`
	Networks []string          `toml:"networks,omitempty"`
	Models   string            `toml:"models,omitempty"`
	Output   string            `toml:"output,omitempty"`
	Publish  []string          `toml:"publish,omitempty"`
	Env      map[string]string `toml:"env,omitempty"`
	Secrets  []string          `toml:"secrets,omitempty"`
	GPU      []string          `toml:"gpu,omitempty"`
	Memory   string            `toml:"memory,omitempty"`
	Cpus     float64           `toml:"cpus,omitempty"`
	Args     []string          `toml:"args,omitempty"`
}

// Schema is the version of the file that this zlaunch reads.
const Schema = 1

// Parse reads what stands in a file, and looks at no other.
func Parse(file string, data []byte) (*Stack, error) { return parse(file, file, data) }

// parse reads a file. A stack that does not say its name is called by the file: fraud.toml
// is fraud, and stack.toml by its directory, of which path tells. The error joins all that
// is wrong, each with its line.
func parse(file, path string, data []byte) (*Stack, error) {
	if err := bounded.TOML(data); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	var doc document
	meta, err := toml.Decode(string(data), &doc)
	if err != nil {
		f := &Fault{File: file, Err: err}
		if syntax := (toml.ParseError{}); errors.As(err, &syntax) {
			f.Line = syntax.Position.Line
		}
		return nil, f
	}
	c := &checker{doc: doc, keys: meta.Keys()}
	c.unknown()
	c.tables(meta)
	if doc.Schema != Schema {
		c.wrong("schema", "begin the file with schema = 1", "schema is %d, and this zlaunch knows %d", doc.Schema, Schema)
	}
	if doc.Name == "" {
		doc.Name = byFile(path)
	}
	if err := named(doc.Name); err != nil {
		c.faults = append(c.faults, fault{"name", err})
	}
	s := &Stack{Name: doc.Name, About: doc.About, File: file}
	for _, n := range slices.Sorted(maps.Keys(doc.Networks)) {
		c.name("network."+n, n)
		s.Networks = append(s.Networks, Network{Name: n, Internal: doc.Networks[n].Internal})
	}
	c.gateway(s)
	c.members(s)
	if s.Gateway != nil && len(c.faults) == 0 {
		s.Guard()
	}
	s.Members, err = ordered(s.Members)
	if err != nil {
		c.faults = append(c.faults, fault{"member", err})
	}
	if len(c.faults) > 0 {
		return nil, c.all(file, data)
	}
	return s, nil
}

func byFile(file string) string {
	file = filepath.ToSlash(file)
	name := strings.TrimSuffix(path.Base(file), ".toml")
	if path.Base(file) == Name {
		name = path.Base(path.Dir(file))
	}
	return strings.ToLower(name)
}

// nameLike is a name of a stack, a network or a member, of maxName characters at most.
const nameLike = `^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$`

var simple = lazyregexp.New(nameLike)

func named(name string) error {
	if !simple().MatchString(name) {
		return hint.Errorf("a name has up to 24 small letters, digits and '-', as fraud-2", "%q is no name of a stack, a network or a member", name)
	}
	return nil
}

// checker collects what is wrong with a file.
type checker struct {
	doc    document
	keys   []toml.Key
	faults []fault
}

// fault is one thing that is wrong, at a key.
type fault struct {
	key string
	err error
}

func (c *checker) wrong(key, next, format string, args ...any) {
	c.faults = append(c.faults, fault{key, hint.Errorf(next, format, args...)})
}

func (c *checker) name(key, name string) {
	if err := named(name); err != nil {
		c.faults = append(c.faults, fault{key, err})
	}
}

// Fault is one thing that is wrong with a file; [Parse] joins all.
type Fault struct {
	File string
	Line int    // 0: none tells
	Key  string // with dots
	Err  error
}

func (f *Fault) Error() string {
	place := f.File
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return fmt.Sprintf("reading %s: %v", place, f.Err)
}

func (f *Fault) Unwrap() error { return f.Err }

// all is the error of a file, each fault at its line.
func (c *checker) all(file string, data []byte) error {
	at := tomllines.Of(data, func(part string) string { return part })
	line := func(f fault) int {
		for key := f.key; key != ""; key = key[:max(0, strings.LastIndexByte(key, '.'))] {
			if n := at[key]; n > 0 {
				return n
			}
		}
		return 0
	}
	slices.SortStableFunc(c.faults, func(a, b fault) int { return cmp.Compare(line(a), line(b)) })
	var errs []error
	for _, f := range c.faults {
		errs = append(errs, &Fault{file, line(f), f.key, f.err})
	}
	return errors.Join(errs...)
}

// tables refuses what is no table where one of many stands: the decoder passes it over.
func (c *checker) tables(meta toml.MetaData) {
	for _, key := range c.keys {
		many := len(key) == 1 && (key[0] == "network" || key[0] == "member") || len(key) == 3 && key[0] == "member" && key[2] == "env"
		if many && meta.Type(key...) != "Hash" {
			c.wrong(key.String(), "["+key.String()+"]", "key %q is a table", key.String())
		}
	}
}

// answered are keys that stand in no stack, and where they do.
var answered = map[string]string{
	"waive": "a person answers for it: zlaunch up --waive", "image": "it is the profile's: extend the profile",
	"podman_args": "extend the profile", "pull": "it is the profile's", "network": "networks = [...] of the stack's own",
}

// keysOf are those of the file's tables, by how many names stand in front.
var keysOf = map[string][]string{
	"":        {"schema", "name", "about", "network", "member", "gateway"},
	"network": {"internal"},
	"member":  {"profile", "after", "networks", "models", "output", "publish", "env", "secrets", "gpu", "memory", "cpus", "args"},
	"gateway": {"backend", "profile", "publish", "tokens", "certificates", "subjects", "client_ca", "client_crl",
		"certificate", "key", "names", "tls13", "jwt", "limits"},
	"gateway.jwt":    {"keys", "algorithm", "issuer", "audience"},
	"gateway.limits": {"header", "body", "connections", "per_client", "rate", "answer", "stream"},
}

// unknown refuses keys as they are spelt: the decoder takes NAME for name.
func (c *checker) unknown() {
	for _, key := range c.keys {
		table, last := "", key[0]
		switch {
		case key[0] == "gateway" && len(key) > 1:
			table, last = strings.Join(key[:len(key)-1], "."), key[len(key)-1]
		case key[0] != "network" && key[0] != "member":
		case len(key) == 3:
			table, last = key[0], key[2]
		case len(key) == 2, len(key) == 4 && key[2] == "env":
			continue // names
		case len(key) > 3:
			last = ""
		}
		if slices.Contains(keysOf[table], last) {
			continue
		}
		next := "the keys are " + strings.Join(keysOf[table], ", ")
		if why := answered[last]; why != "" {
			next = why
		} else if near := hint.Nearest(last, keysOf[table]); near != "" {
			next = "did you mean " + near + "?\n" + next
		}
		c.wrong(strings.Join(key, "."), next, "key %q is not known", strings.Join(key, "."))
	}
}
