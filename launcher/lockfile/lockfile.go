// Package lockfile reads and writes zlaunch.lock: the bundles that a project, a user or
// a system uses, each pinned by digest, with who signed it and which images its profiles
// run. It is made to be committed: the same content is the same bytes.
//
// A lock says what is wanted, never what is trusted: who may sign, and what a run must
// hold, stand elsewhere, and keys for them are refused here.
package lockfile

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

const (
	// Name is that of the file in each of its places.
	Name = "zlaunch.lock"
	// Schema is the first line of every file; another one is of another zlaunch.
	Schema = "zlaunch.dev/lock/v1"
	// MaxBundles bounds the bundles of one file; teams have a handful.
	MaxBundles = 512
)

// File is one zlaunch.lock.
type File struct {
	Bundles []Bundle // sorted by name; no two have one name
}

// Bundle is one bundle as it was when it was locked.
type Bundle struct {
	Name    string `toml:"name"`    // the bundle's own, the first half of bundle/profile
	Ref     string `toml:"ref"`     // where it came from and is asked for anew: oci://… or dir:…
	Digest  string `toml:"digest"`  // of its manifest, "sha256:…"
	Version string `toml:"version"` // the bundle's own, as SemVer has it

	Signer   *Signer `toml:"signer,omitempty"`   // who signed that digest; nil where nobody did
	Unsigned string  `toml:"unsigned,omitempty"` // why it may be unsigned; "" where Signer is set

	Requires string `toml:"requires,omitempty"` // the oldest zlaunch that it is for, as SemVer has it; "" any

	Profiles []string `toml:"profiles"` // that it has, sorted: none of these names is another's while it cannot be read

	Outlines []Outline `toml:"outline,omitempty"` // sorted by name, one of each profile and of its base; nil: a list reads the bundle

	Images []Image `toml:"image,omitempty"` // sorted by reference and architecture
}

// Signer is whose signature was verified.
type Signer struct {
	Principal string `toml:"principal,omitempty"` // as allowed_signers has it: "ann@example.org"; "" no list names the key
	Key       string `toml:"key"`                 // the fingerprint, "SHA256:…"
}

// Outline is what a list shows of one profile, as the bundle says it and without what that
// extends. Nothing is run by it: whoever uses a profile reads the bundle.
type Outline struct {
	Name       string   `toml:"name"`
	File       string   `toml:"file"`                 // of the bundle that it stands in: "fraud.toml"
	Extends    string   `toml:"extends,omitempty"`    // "" base
	About      string   `toml:"about,omitempty"`      // "" it says nothing of it, as below
	Kind       string   `toml:"kind,omitempty"`       // one of those of profiles
	Owner      string   `toml:"owner,omitempty"`      // who answers for it
	Deprecated string   `toml:"deprecated,omitempty"` // what to use instead
	Archs      []string `toml:"archs,omitempty"`      // that it names an image for, sorted
}

// Image is what a reference of a profile meant on one architecture when it was locked.
type Image struct {
	Ref    string `toml:"ref"`    // as the profile has it
	Arch   string `toml:"arch"`   // in Go's words: "s390x"
	Digest string `toml:"digest"` // of that architecture's manifest, "sha256:…"
}

// document is a file as TOML has it.
type document struct {
	Schema  string   `toml:"schema"`
	Bundles []Bundle `toml:"bundle"`
}

// Parse reads a file; nil, one that is not there, is empty. Unknown keys, unknown schemas and whatever a lock may not say are
// errors that name their place.
func Parse(data []byte) (*File, error) {
	if data == nil {
		return &File{}, nil
	}
	if err := bounded.TOML(data); err != nil {
		return nil, err
	}
	doc, plain := written(string(data))
	if !plain {
		var wrong []Fault
		if doc, wrong = decode(string(data)); len(wrong) > 0 {
			return nil, wrong[0].Err
		}
	}
	if doc.Schema != Schema {
		return nil, unknownSchema(doc.Schema)
	}
	f := &File{doc.Bundles}
	if wrong := f.faults(); len(wrong) > 0 {
		return nil, wrong[0].Err
	}
	return f, nil
}

// decode reads any TOML. Of a schema that is known it knows every key.
func decode(text string) (doc document, wrong []Fault) {
	meta, err := toml.Decode(text, &doc)
	if err != nil {
		return document{}, []Fault{{Err: err}}
	}
	for _, key := range meta.Undecoded() {
		if doc.Schema == Schema {
			wrong = append(wrong, Fault{Key: key.String(), Err: unknownKey(key)})
		}
	}
	return doc, wrong
}

func unknownSchema(s string) error {
	return hint.Errorf("take the zlaunch that wrote it, or remove the file and zlaunch add its bundles anew",
		"schema is %q, and this zlaunch knows %q", s, Schema)
}

// unknownKey tells what settles trust from a slip of the pen.
func unknownKey(key toml.Key) error {
	switch last := key[len(key)-1]; last {
	case "policy", "trust", "allowed_signers", "waiver":
		return hint.Errorf("take it out; signers stand in allowed_signers, policy in /etc/zlaunch/policy.d",
			"%q in a lock: a lock says what is used, never what is trusted", key.String())
	default:
		return hint.Errorf("let zlaunch add and zlaunch update write the file", "unknown key %q", key.String())
	}
}

// Encode is the file as it is written.
func (f *File) Encode() ([]byte, error) {
	out, err := f.encode()
	if err != nil || len(out) <= bounded.MaxTOML {
		return out, err
	}
	brief := &File{slices.Clone(f.Bundles)} // nobody could read it with all that lists show
	for i := range brief.Bundles {
		brief.Bundles[i].Outlines = nil
	}
	return brief.encode()
}

func (f *File) encode() ([]byte, error) {
	f.sort()
	if wrong := f.faults(); len(wrong) > 0 {
		return nil, wrong[0].Err
	}
	var b bytes.Buffer
	b.WriteString("# The bundles of profiles used here, pinned. Written by zlaunch add and zlaunch update; commit it.\n")
	enc := toml.NewEncoder(&b)
	enc.Indent = ""
	if err := enc.Encode(document{Schema, f.Bundles}); err != nil {
		return nil, fmt.Errorf("writing TOML: %w", err)
	}
	return b.Bytes(), nil
}

// Bundle is the locked bundle of that name; nil where there is none.
func (f *File) Bundle(name string) *Bundle {
	for i := range f.Bundles {
		if f.Bundles[i].Name == name {
			return &f.Bundles[i]
		}
	}
	return nil
}

// Put locks b in place of the bundle of its name.
func (f *File) Put(b Bundle) {
	f.Remove(b.Name)
	f.Bundles = append(f.Bundles, b)
	f.sort()
}

// Remove takes the bundle of that name out, and tells whether there was one.
func (f *File) Remove(name string) bool {
	n := len(f.Bundles)
	f.Bundles = slices.DeleteFunc(f.Bundles, func(b Bundle) bool { return b.Name == name })
	return len(f.Bundles) < n
}

func (f *File) sort() {
	slices.SortFunc(f.Bundles, func(a, b Bundle) int { return strings.Compare(a.Name, b.Name) })
	for _, b := range f.Bundles {
		slices.Sort(b.Profiles)
		slices.SortFunc(b.Outlines, func(x, y Outline) int { return strings.Compare(x.Name, y.Name) })
		slices.SortFunc(b.Images, func(x, y Image) int {
			return cmp.Or(strings.Compare(x.Ref, y.Ref), strings.Compare(x.Arch, y.Arch))
		})
	}
}

// ImagesOf is what ref meant when b was locked, by architecture.
func (b *Bundle) ImagesOf(ref string) map[string]string {
	out := map[string]string{}
	for _, i := range b.Images {
		if i.Ref == ref {
			out[i.Arch] = i.Digest
		}
	}
	return out
}
