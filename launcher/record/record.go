// Package record keeps what of a launch outlives its process: the record of what was
// planned and proved, the locks that keep launches apart, and where its claims are.
// All of it is files of the caller's; no engine is asked.
package record

import (
	"encoding/json"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

// Record is what remains of a launch: who ran what, when, and what was proved.
// It claims the container of its id, for as long as that is there.
type Record struct {
	Schema   string                 `json:"schema"` // "zlaunch.dev/launch/v1"
	Launch   string                 `json:"launch"`
	ID       string                 `json:"id"` // of the container
	Name     string                 `json:"name"`
	Profile  string                 `json:"profile"`
	Layer    container.Layer        `json:"layer,omitempty"`   // of the profile; "" an older zlaunch wrote it
	Signers  *Signers               `json:"signers,omitempty"` // of the profile's bundles; nil: not known
	Plan     string                 `json:"plan"`              // hash of the stated spec
	User     string                 `json:"user"`
	Time     time.Time              `json:"time"`
	Image    string                 `json:"image"`
	ImageID  string                 `json:"image_id"`
	Engine   string                 `json:"engine"`
	Version  string                 `json:"version"`
	Command  []string               `json:"command"` // the podman line, values of env hidden
	Network  string                 `json:"network,omitempty"`
	Stack    string                 `json:"stack,omitempty"`  // that it is a member of
	Member   string                 `json:"member,omitempty"` // its name in that
	Claims   []claim.Claim          `json:"claims,omitempty"` // on the network: it may outlive the runtime directory
	URLs     []URL                  `json:"urls,omitempty"`
	Options  json.RawMessage        `json:"options,omitempty"` // what the command line said, as launcher/plan writes it
	Settings []container.Setting    `json:"settings"`
	Spec     []container.Encoded    `json:"spec,omitempty"`   // what was planned, to hold the container against later
	Salt     string                 `json:"salt,omitempty"`   // of Hidden
	Hidden   map[string]string      `json:"hidden,omitempty"` // digests of the values Spec does not show, by setting
	Models   *ModelTree             `json:"models,omitempty"` // that were held against a digest or a signature; nil: against nothing
	Proof    []observe.Proved       `json:"proof"`
	Unproved []observe.Unproved     `json:"unproved,omitempty"`
	Waivers  []audit.Waiver         `json:"waivers,omitempty"`
	Differs  []container.Difference `json:"differs,omitempty"` // only of a launch that was refused

	// Digest is the SHA-256 of all the rest, made when it is written; "" an older zlaunch wrote it.
	Digest string `json:"digest,omitempty"`

	found string // digest of what was read; "" it was not read
}

// Signers are who signed the bundles that a profile comes from, as a policy is told.
type Signers struct {
	Profile []string   `json:"profile,omitempty"` // the bundle of the profile itself
	Bundles [][]string `json:"bundles,omitempty"` // every one
}

// ModelTree is a tree of models by its content.
type ModelTree struct {
	Target  string   `json:"target"`         // in the container
	Digest  string   `json:"digest"`         // see [model.Print]
	From    string   `json:"from,omitempty"` // the store, by that reference; "" a path
	Signers []string `json:"signers,omitempty"`
}

// URL is where a port of the run answers.
type URL struct {
	Name string `json:"name"` // the profile's name of the port
	URL  string `json:"url"`
}

// Schema is the version of the record's JSON.
const Schema = "zlaunch.dev/launch/v1"

// maxRecord bounds a record in bytes: one of 40 settings has 34 KB, and a setting
// of a podman line may have 128 KB.
const maxRecord = 16 << 20
