// Package service keeps what zlaunch installed as services of the user's systemd: the unit
// files of each, the image it runs, the one it ran before, and what change is under way.
//
// A service has versions, each a whole set of unit files and the launch that its containers
// are held against. A change writes down first what it is about to do, then the files, and
// last that it is done: where it is killed in between, the record tells, and the next
// command that changes anything puts the version back that ran ([Store.Repair]).
//
// Everything here is files and the service manager; no engine is asked.
package service

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Schema is the version of the record's JSON.
const Schema = "zlaunch.dev/service/v1"

// Service is the record of one service. It holds what its unit files hold, values of
// variables among it, and is for the user alone.
type Service struct {
	Schema  string `json:"schema"`
	Name    string `json:"name"` // of its container, and of its unit without ".service"
	Profile string `json:"profile"`
	Network string `json:"network,omitempty"` // that its units make; "" none

	Now     *Version `json:"now,omitempty"`     // what runs; nil: it is being installed
	Before  *Version `json:"before,omitempty"`  // what ran before the last upgrade
	Next    *Version `json:"next,omitempty"`    // of the change under way; nil: there is none
	Leaving bool     `json:"leaving,omitempty"` // it is being uninstalled
}

// Named are the settings that the unit of one version has otherwise than any other's.
type Named struct {
	Launch string `json:"launch"` // its containers are of; a launch record has the plan
	Plan   string `json:"plan"`   // hash of the stated spec
	Image  string `json:"image"`  // by digest
}

// Version is a service with one image and one set of settings.
type Version struct {
	Named
	Main    Named               `json:"main"` // in the unit file itself; a drop-in says otherwise where they differ
	ImageID string              `json:"image_id"`
	Keep    string              `json:"keep"` // the tag under which this host keeps the image
	Made    time.Time           `json:"made"`
	Options json.RawMessage     `json:"options"` // that it was planned with
	Judged  []container.Encoded `json:"judged"`  // what the controls saw, to compare the next one with
	URL     string              `json:"url,omitempty"`
	Ready   string              `json:"ready,omitempty"`  // the endpoint that answers once it serves
	Within  time.Duration       `json:"within,omitempty"` // that it may take
	Files   []File              `json:"files"`

	record *record.Record // that its containers are held against; nil: it is written already
}

// File is a unit file or a drop-in.
type File struct {
	Name   string `json:"name"`   // below the directory of units: "web.container", "web.container.d/10-image.conf"
	SHA256 string `json:"sha256"` // of Data, in hexadecimal
	Data   []byte `json:"data"`
}

func newFile(name string, data []byte) File {
	sum := sha256.Sum256(data)
	return File{name, hex.EncodeToString(sum[:]), data}
}

// names are what a service can be called: a container, a file, a unit that systemd fills
// nothing into, and a part of a tag.
var names = lazyregexp.New(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$`)

// CheckName wants a name that a service can have. The drop-ins of "web-" would be those of
// every "web-…" too (systemd.unit(5), and Podman's generator).
func CheckName(name string) error {
	if !names().MatchString(name) || strings.HasSuffix(name, ".service") || strings.HasSuffix(name, "-") {
		return hint.Errorf("letters, digits, and . _ - within, no - at the end; 64 at most, without .service", "naming a service %q: it is no name of a unit", name)
	}
	return nil
}

// Unit is the unit that runs the service.
func (s *Service) Unit() string { return plan.Unit(s.Name) }

// units are all that the service has: those of its networks after its own.
func (s *Service) units() []string {
	out := []string{s.Unit()}
	for _, v := range s.versions() {
		for _, f := range v.Files {
			if stem, ok := strings.CutSuffix(f.Name, ".network"); ok && !slices.Contains(out, stem+"-network.service") {
				out = append(out, stem+"-network.service")
			}
		}
	}
	return out
}

// versions are all that the record knows, what runs first.
func (s *Service) versions() []*Version {
	return slices.DeleteFunc([]*Version{s.Now, s.Next, s.Before}, func(v *Version) bool { return v == nil })
}

// Of is the version that containers of a launch are of; nil: none that may run.
func (s *Service) Of(launch string) *Version {
	for _, v := range []*Version{s.Now, s.Next} {
		if v != nil && v.Launch == launch {
			return v
		}
	}
	return nil
}

// check refuses a record that was not written by this package: its file names become
// paths.
func (s *Service) check(name string) error {
	if s.Schema != Schema {
		return fmt.Errorf("schema %q is not %q", s.Schema, Schema)
	}
	if s.Name != name {
		return fmt.Errorf("it is that of %q", s.Name)
	}
	for _, v := range s.versions() {
		if !record.IsLaunch(v.Launch) {
			return fmt.Errorf("%q names no launch", v.Launch)
		}
		for _, f := range v.Files {
			if !local(f.Name) || newFile(f.Name, f.Data).SHA256 != f.SHA256 {
				return fmt.Errorf("its file %q is not what was written", f.Name)
			}
		}
	}
	return nil
}

// local tells that a file lies in the directory of units, or one below.
func local(name string) bool {
	dir, base := path.Split(name)
	ok := func(s string) bool { return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/\x00") }
	return ok(base) && (dir == "" || ok(strings.TrimSuffix(dir, "/")))
}

// NewFiles are the files of a version: those of a document, and zlaunch's own drop-in.
func NewFiles(doc *form.Document, gate form.File) []File {
	var out []File
	for _, f := range append(slices.Clone(doc.Files), gate) {
		out = append(out, newFile(f.Name, f.Data))
	}
	return out
}
