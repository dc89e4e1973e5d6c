// Package scan is one model of what scanners find in an image, whichever scanner it was.
//
// A [Scan] is one report of one tool about one image: when, by which version, with a
// database of which day, of which image by its digests, and its [Finding]s, each with every
// rating that anybody gave. Readers below this package make scans of reports; [Union] joins
// those of several tools, [Compare] says in what two differ, and package gate decides.
//
// What a report does not tell is unknown and stays so: an unknown severity counts as high,
// an unknown date as too old. The package does no input or output.
package scan

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/package-url/packageurl-go"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Scan is what one tool said of one image.
type Scan struct {
	Image Image  `json:"image"`
	Name  string `json:"name,omitempty"` // what the report calls the image: a claim, for people
	Arch  string `json:"arch,omitempty"` // GOARCH's word, or the scanner's; "" not told
	Tool  Tool   `json:"tool"`
	// Built is when the database was built that the tool looked into; zero: not told.
	Built   time.Time `json:"db_built,omitzero"`
	Scanned time.Time `json:"scanned,omitzero"` // zero: not told
	Created time.Time `json:"created,omitzero"` // when the image was built, as it says itself
	Distro  Distro    `json:"distro,omitzero"`
	// Packages is how many packages the tool saw; [Untold] where its report does not say.
	Packages int `json:"packages"`
	// Kinds is how many packages of the distribution the tool saw, by the type of their package
	// URL: "deb", "apk", "rpm". What a prison writes down of it is [Prison.Covered].
	Kinds    map[string]int `json:"-"`
	Raw      string         `json:"raw"`               // "sha256:…" of the report as it came
	Failed   string         `json:"failed,omitempty"`  // the tool says that it failed, and so
	Partial  string         `json:"partial,omitempty"` // the report says that it is not all of it, and so
	Findings []Finding      `json:"findings"`
	Prison   *Prison        `json:"prison,omitempty"` // nil: somebody else ran the tool
	// KEV is the catalogue of exploited vulnerabilities that the findings were held against; nil:
	// none was, so that no mark means nothing.
	KEV *Catalogue `json:"kev,omitempty"`
}

// Untold is the number of packages of a report that does not tell it.
const Untold = -1

// Image is which image it is: by content, never by a name or by the form of its id. Either
// may be unknown to a tool.
type Image struct {
	Config    string   `json:"config,omitempty"`    // digest of its configuration, "sha256:…"
	Manifests []string `json:"manifests,omitempty"` // digests by which a registry knows it
	// Asserted: the report names no image, and whoever imported it said which it is of.
	Asserted bool `json:"asserted,omitempty"`
}

// Known tells whether any digest of it is known.
func (i Image) Known() bool { return i.Config != "" || len(i.Manifests) > 0 }

// Same tells whether two are known to be one image: by the digest of the configuration
// where both have it, and by any digest of a manifest otherwise. Of one that was asserted by
// a digest alone nobody knows whose digest that is.
func (i Image) Same(o Image) bool {
	if i.bare() || o.bare() {
		return slices.ContainsFunc(i.Digests(), func(d string) bool { return slices.Contains(o.Digests(), d) })
	}
	if i.Config != "" && o.Config != "" {
		return i.Config == o.Config
	}
	return slices.ContainsFunc(i.Manifests, func(d string) bool { return slices.Contains(o.Manifests, d) })
}

// bare tells whether it was asserted by one digest, of a configuration or of a manifest.
func (i Image) bare() bool { return i.Asserted && len(i.Manifests) == 0 }

// Digests are all of it, that of the configuration first.
func (i Image) Digests() []string {
	if i.Config == "" {
		return i.Manifests
	}
	return append([]string{i.Config}, i.Manifests...)
}

// String names it by its first digest.
func (i Image) String() string {
	if all := i.Digests(); len(all) > 0 {
		return all[0]
	}
	return "an image of no digest"
}

// Tool is a scanner.
type Tool struct {
	Name    string `json:"name"` // trivy, grype, ecr, inspector, gcp, docker-scout, debsecan
	Version string `json:"version,omitempty"`
}

func (t Tool) String() string { return strings.TrimSpace(t.Name + " " + t.Version) }

// Distro is the distribution of the image; the zero value: none was found.
type Distro struct {
	ID      string `json:"id,omitempty"`      // debian, rhel, alpine: as os-release or the tool has it, in lower case
	Version string `json:"version,omitempty"` // "12.5"
	Life    Life   `json:"life,omitempty"`
}

func (d Distro) String() string { return strings.TrimSpace(d.ID + " " + d.Version) }

// Life is whether a distribution is still mended.
type Life string

// The lives of a distribution.
const (
	LifeUnknown Life = ""
	Supported   Life = "supported"
	Ended       Life = "ended" // no more advisories come: no findings prove nothing
)

// Finding is one vulnerability in one package.
type Finding struct {
	ID        string   `json:"id"`                // as the tool has it
	Aliases   []string `json:"aliases,omitempty"` // other names of the same
	PURL      string   `json:"purl,omitempty"`
	Package   string   `json:"package"`
	Source    string   `json:"source,omitempty"` // package it was built from
	Installed string   `json:"installed,omitempty"`
	Fixed     []string `json:"fixed,omitempty"` // versions that mend it
	State     FixState `json:"state"`
	Class     Class    `json:"class"`
	Paths     []string `json:"paths,omitempty"`   // in the image, of what no package manager keeps
	Ratings   []Rating `json:"ratings,omitempty"` // all that anybody gave
	Seen      []string `json:"seen,omitempty"`    // tools that found it
	KEV       bool     `json:"kev,omitempty"`     // CISA knows that it is exploited
	EPSS      float64  `json:"epss,omitempty"`    // probability of exploitation within 30 days; 0 not told
	VEX       *VEX     `json:"vex,omitempty"`     // what its supplier says of it
	others    []string // package URLs that were joined with its own; of a report that was just read
}

// Rating is what one source says of how bad it is.
type Rating struct {
	Source string   `json:"source"` // nvd, ghsa, debian, redhat, …; the tool's name for its own
	Label  string   `json:"label,omitempty"`
	Level  Severity `json:"level"` // the worse of the label and the score
	Vector string   `json:"vector,omitempty"`
	Score  float64  `json:"score,omitempty"` // CVSS, 0 to 10; 0 not told
}

// FixState is whether a newer package mends it.
type FixState string

// The states of a fix.
const (
	Fixed      FixState = "fixed"
	NotFixed   FixState = "none"
	WontFix    FixState = "wont-fix"
	FixUnknown FixState = "unknown"
)

// Class is who brings the package.
type Class string

// The classes of packages, called as the table of the scanners calls them.
const (
	OS   Class = "os-pkgs"
	Lang Class = "lang-pkgs"
)

// MaxReport bounds a report in bytes. The largest seen, of images with several gigabytes
// of Python packages, have some 200 MiB.
const MaxReport = 1 << 30

// PURL is the package URL of a package whose kind and name a report gives apart.
func PURL(kind, namespace, name, version string) string {
	return packageurl.NewPackageURL(kind, namespace, name, version, nil, "").ToString()
}

// ImageURL is the package URL of an image by a manifest of it in a repository, as
// docker.io/library/python (purl-spec, oci).
func ImageURL(repository, manifest string) string {
	at := packageurl.Qualifiers{{Key: "repository_url", Value: strings.ToLower(repository)}}
	return packageurl.NewPackageURL(packageurl.TypeOCI, "", strings.ToLower(path.Base(repository)), manifest, at, "").ToString()
}

// ImageOf is the image that an engine calls by an id, and by digests: DIGEST, or
// NAME@DIGEST. An id is the digest of the configuration where it has the form of one; that
// it has is not promised for ever.
func ImageOf(id string, digests ...string) Image {
	var out Image
	if config := "sha256:" + strings.TrimPrefix(id, "sha256:"); bounded.Digest(config) {
		out.Config = config
	}
	for _, d := range digests {
		d = d[strings.LastIndexByte(d, '@')+1:]
		if bounded.Digest(d) && !slices.Contains(out.Manifests, d) {
			out.Manifests = append(out.Manifests, d)
		}
	}
	return out
}
