package report

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/record"
)

// The versions of the lists' JSON.
const (
	ListSchema = "zlaunch.dev/list/v1"
	PsSchema   = "zlaunch.dev/ps/v1"
)

// List is the profiles that are visible here.
type List struct {
	Schema   string    `json:"schema"`
	Arch     string    `json:"arch"` // the one that Available is about
	Profiles []Profile `json:"profiles"`
}

// Profile is one line of a list.
type Profile struct {
	Name       string   `json:"name"`
	Kind       string   `json:"kind,omitempty"`
	About      string   `json:"about,omitempty"`
	Owner      string   `json:"owner,omitempty"`
	Layer      string   `json:"layer"`
	File       string   `json:"file"`
	Bundle     *Bundle  `json:"bundle,omitempty"`
	Deprecated string   `json:"deprecated,omitempty"` // what to use instead
	Archs      []string `json:"archs,omitempty"`
	Available  bool     `json:"available"`       // it names an image for the architecture
	Error      string   `json:"error,omitempty"` // why it cannot be run
}

// Bundle is the bundle that a profile is of.
type Bundle struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
	Signer  string `json:"signer,omitempty"` // principal and fingerprint; "" nobody
}

// from is where the nearest definition stands, for a person.
func (p Profile) from() string {
	if p.Bundle == nil {
		return p.Layer
	}
	return p.Bundle.Name + " " + p.Bundle.Version + ", " + cmp.Or(p.Bundle.Signer, "not signed")
}

// Text writes the list for a person.
func (l List) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "PROFILE", most: 30}, {title: "KIND"}, {title: "IMAGES FOR", wraps: true}, {title: "FROM", wraps: true},
		{title: "ABOUT", wraps: true, below: true}}}
	for _, p := range l.Profiles {
		about := p.About
		if !p.Available {
			about = strings.TrimPrefix(about+" (no image for "+l.Arch+")", " ")
		}
		if p.Error != "" {
			about = "cannot be run: zlaunch show " + p.Name + " tells why"
		}
		if p.Deprecated != "" {
			about = "deprecated: " + p.Deprecated + "; " + about
		}
		t.add(p.Name, p.Kind, strings.Join(p.Archs, " "), p.from(), about)
	}
	return t.write(w, on)
}

// Ps is the containers that zlaunch made.
type Ps struct {
	Schema string    `json:"schema"`
	Runs   []Running `json:"runs"`
}

// Running is one container of them.
type Running struct {
	Name    string       `json:"name"`
	ID      string       `json:"id"`
	Profile string       `json:"profile"`
	State   string       `json:"state"`
	Image   string       `json:"image"`
	Plan    string       `json:"plan"`
	URLs    []record.URL `json:"urls,omitempty"`
	Created string       `json:"created"`           // RFC 3339
	Service string       `json:"service,omitempty"` // what systemd says of the unit that runs it; "" none does
	Stack   string       `json:"stack,omitempty"`   // that it is a member of
	Member  string       `json:"member,omitempty"`  // its name in that
}

// optional are the columns of ps that are there where a run has something in them.
var optional = []struct {
	at    int // behind how many of the others
	title string
	of    func(Running) string
}{
	{3, "SERVICE", func(r Running) string { return r.Service }},
	{2, "STACK", func(r Running) string { return r.Stack }},
}

// Text writes the list for a person.
func (p Ps) Text(w io.Writer, on Screen) error {
	columns := []column{{title: "NAME", most: 32}, {title: "PROFILE", most: 20}, {title: "STATE", means: true}, {title: "CREATED"},
		{title: "IMAGE", most: 40, below: true}, {title: "URL", wraps: true, below: true}}
	more := optional[:0:0]
	for _, o := range optional {
		if slices.ContainsFunc(p.Runs, func(r Running) bool { return o.of(r) != "" }) {
			more, columns = append(more, o), slices.Insert(columns, o.at, column{title: o.title})
		}
	}
	t := table{columns: columns}
	for _, r := range p.Runs {
		cells := []string{r.Name, r.Profile, r.State, r.when(), r.Image, strings.Join(urlTexts(r.URLs), " ")}
		for _, o := range more {
			cells = slices.Insert(cells, o.at, cmp.Or(o.of(r), "no"))
		}
		t.add(cells...)
	}
	return t.write(w, on)
}

func urlTexts(in []record.URL) []string {
	var out []string
	for _, s := range in {
		out = append(out, s.URL)
	}
	return out
}

// when is Created for a person.
func (r Running) when() string {
	if at, err := time.Parse(time.RFC3339, r.Created); err == nil {
		return record.When(at)
	}
	return r.Created
}
