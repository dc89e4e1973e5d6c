// Package inspected keeps what inspections saw of images, for the plans and audits that come:
// which of an image's files give rights, and what is attached to it, one file for each image
// below the state directory, of the caller's alone. An image's files are not read again for a plan,
// and no registry is asked for one.
//
// A record is the user's to write, and so to write anew: to them it is a reminder. What it holds
// is of images by their digests, never by a name.
package inspected

import (
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Schema is the version of a record.
const Schema = "zlaunch.dev/inspection/v1"

// Record is what is known of one image.
type Record struct {
	Schema string     `json:"schema"`
	Image  scan.Image `json:"image"`
	Files  *Files     `json:"files,omitempty"` // nil: nobody read its layers
	Looks  []Look     `json:"looks,omitempty"` // the last at each place, by place
}

// Files are the files of an image that give rights to whoever starts them. They follow from the
// digest of the configuration, which names the content of every layer.
type Files struct {
	Looked  time.Time `json:"looked"`
	Count   int       `json:"count"`        // of all its files
	Setuid  List      `json:"setuid"`       // set-user-ID or set-group-ID
	Capable List      `json:"capabilities"` // of their own (capabilities(7))
}

// List is some paths, and how many there are beside them.
type List struct {
	Paths []string `json:"paths"` // absolute; at most [MaxPaths]
	More  int      `json:"more,omitempty"`
}

// Count is how many files a list is of.
func (l List) Count() int { return len(l.Paths) + l.More }

// Look is what one look at one place found attached to an image.
type Look struct {
	When time.Time `json:"when"`
	// Registry is the repository that was asked, "registry.example.org/team/fraud"; "" is a
	// layout, which holds what somebody copied into it.
	Registry string `json:"registry,omitempty"`
	// Subjects are the digests it was looked for: the first of the image's manifest, others of the
	// indexes in that place that list it.
	Subjects []string `json:"subjects"`
	Things   []Thing  `json:"things"`
	Partial  string   `json:"partial,omitempty"` // why there may be more; "" this is all
}

// About tells whether a look was for an image that is known by these digests of manifests. That both
// are in one index says nothing: it can have an image twice, packed otherwise.
func (l Look) About(manifests []string) bool {
	return len(l.Subjects) > 0 && slices.Contains(manifests, l.Subjects[0])
}

// Thing is one thing that is attached to an image. That it is there says nothing of who made it:
// no signature is verified by finding one.
type Thing struct {
	Kind Kind   `json:"kind"`
	Form string `json:"form"` // "cosign", "notation", "SPDX", "SLSA provenance v1"; of other kinds the type that it has
	Way  Way    `json:"way"`
	// Digest is of the manifest that brings it, by which it can be fetched; several things can
	// come by one.
	Digest  string `json:"digest"`
	Subject string `json:"subject"` // digest of what it is attached to: the image's manifest or an index that lists it
	// Podman: what policy.json(5) asks by sigstoreSigned sees it, where registries.d(5) has
	// use-sigstore-attachments.
	Podman bool `json:"podman"`
	// Fault is why it counts for nothing: it is about another image, or cannot be read.
	Fault string `json:"fault,omitempty"`
}

// Another is the fault of a thing that is about another image: it is none of this one.
const Another = "it is about another image"

// Kind is what a thing is for.
type Kind string

// The kinds.
const (
	Signature   Kind = "signature"
	SBOM        Kind = "sbom"
	Provenance  Kind = "provenance"
	Attestation Kind = "attestation" // an in-toto statement of another type
	Other       Kind = "other"       // what nobody here knows
)

var kinds = []Kind{Signature, SBOM, Provenance, Attestation, Other}

// Way is how a thing is attached.
type Way string

// The ways.
const (
	ByTag      Way = "tag"      // cosign's sha256-HEX.sig, .att, .sbom
	ByReferrer Way = "referrer" // a manifest whose subject it is (OCI 1.1)
	ByIndex    Way = "index"    // beside it in its index, as BuildKit puts it
	BySave     Way = "save"     // in the index of a layout, as cosign save puts it
)

var ways = []Way{ByTag, ByReferrer, ByIndex, BySave}
