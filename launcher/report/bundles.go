package report

import (
	"cmp"
	"io"
	"strings"
)

// The versions of the JSON of bundles, verify, outdated, add, update and remove, and of push.
const (
	BundlesSchema = "zlaunch.dev/bundles/v1"
	PushSchema    = "zlaunch.dev/push/v1"
)

// Bundles are the bundles that the locks seen from here name.
type Bundles struct {
	Schema  string         `json:"schema"`
	Bundles []LockedBundle `json:"bundles"`
}

// LockedBundle is one of them.
type LockedBundle struct {
	Bundle
	Ref      string   `json:"ref"`
	Layer    string   `json:"layer"` // whose lock names it
	File     string   `json:"file"`  // that lock
	Profiles []string `json:"profiles,omitempty"`
	State    string   `json:"state"`              // see the commands' pages
	Now      string   `json:"now,omitempty"`      // the digest that the reference names now
	Error    string   `json:"error,omitempty"`    // why it is not verified, or not known
	Unsigned string   `json:"unsigned,omitempty"` // the reason why nobody needs to have signed it
	Was      *Bundle  `json:"was,omitempty"`      // what was locked in its place
	Change   string   `json:"change,omitempty"`   // what it lets in, as a person is shown

	Images []LockedImage `json:"images,omitempty"` // of outdated: what the lock pins
}

// LockedImage is an image that a lock pins on one architecture.
type LockedImage struct {
	Ref    string `json:"image"`
	Arch   string `json:"arch"`
	Digest string `json:"digest"`
	State  string `json:"state"` // current, newer, delisted, unknown
	Now    string `json:"now,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Text writes the list for a person.
func (b Bundles) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "BUNDLE", most: 30}, {title: "VERSION"}, {title: "STATE", means: true}, {title: "LOCKED BY"},
		{title: "SIGNER", wraps: true, below: true}, {title: "PROFILES", wraps: true, below: true}, {title: "FROM", wraps: true, below: true}}}
	for _, l := range b.Bundles {
		signer := l.Signer
		if signer == "" && l.Name != "" { // of a lock that cannot be read nothing is known
			signer = "nobody: " + l.Unsigned
		}
		t.add(l.Name, l.Version, l.State, l.Layer, signer, strings.Join(l.Profiles, " "), l.Ref)
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	for _, l := range b.Bundles {
		if l.Error != "" {
			what := cmp.Or(strings.TrimSpace(l.Name+" "+l.Version), l.File)
			if _, err := io.WriteString(w, on.Hang("", Escape(what+": "+l.Error))); err != nil {
				return err
			}
		}
	}
	return b.images(w, on)
}

// images writes which pinned images are not what their tags mean, where one is not.
func (b Bundles) images(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "IMAGE", wraps: true}, {title: "ARCH"}, {title: "STATE", means: true}, {title: "BUNDLE"},
		{title: "NOW", wraps: true, below: true}}}
	for _, l := range b.Bundles {
		for _, i := range l.Images {
			if i.State != "current" {
				t.add(i.Ref, i.Arch, i.State, l.Name, cmp.Or(i.Error, i.Now))
			}
		}
	}
	if len(t.rows) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return t.write(w, on)
}

// Published is a bundle that was put into a place.
type Published struct {
	Schema string `json:"schema"`
	Bundle
	Ref      string   `json:"ref"`
	Profiles []string `json:"profiles"`
	Signed   bool     `json:"signed"`
	DryRun   bool     `json:"dry_run,omitempty"` // nothing was published
}
