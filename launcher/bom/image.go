package bom

import (
	"strconv"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Image is an image and what scanners found in it.
type Image struct {
	scan.Image
	Scans    []*scan.Scan
	Findings []Finding // of all scans, each once
	Filter   string    // which findings were left out, in words; "" none
}

// Finding is one, and how bad it is by the order of sources that was asked for.
type Finding struct {
	Severity scan.Severity
	scan.Finding
}

// component is the image: what it is, its digest says; its name is the reports' claim.
func (i *Image) component() cdx.Component {
	name := ""
	var about []string
	for _, s := range i.Scans {
		if name == "" {
			name = repository(s.Name)
		}
		about = append(about, "scan:wrong", strings.TrimSpace(s.Failed+" "+s.Partial))
	}
	about = append(about, "image:config", i.Config)
	for _, m := range i.Manifests {
		about = append(about, "image:manifest", m)
	}
	out := cdx.Component{BOMRef: "image:" + i.String(), Type: cdx.ComponentTypeContainer, Name: name, Version: i.String()}
	if name == "" {
		out.Name = "image"
	} else if len(i.Manifests) > 0 {
		out.PackageURL = scan.ImageURL(name, i.Manifests[0])
	}
	out.Properties = properties(append(about, "scan:filter", i.Filter)...)
	return out
}

// repository is a reference of an image without tag and digest.
func repository(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	if colon := strings.LastIndexByte(ref, ':'); colon > strings.LastIndexByte(ref, '/') {
		ref = ref[:colon]
	}
	return ref
}

// scanners are the tools that looked, each with when and by which database.
func (i *Image) scanners() (out []cdx.Component) {
	for _, s := range i.Scans {
		packages := ""
		if s.Packages != scan.Untold {
			packages = strconv.Itoa(s.Packages)
		}
		out = append(out, cdx.Component{Type: cdx.ComponentTypeApplication, Name: s.Tool.Name, Version: s.Tool.Version,
			Properties: properties("scan:time", moment(s.Scanned), "scan:database", moment(s.Built), "scan:packages", packages,
				"scan:report", s.Raw, "scan:distro", s.Distro.String(), "scan:distro-life", string(s.Distro.Life))})
	}
	return out
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// found are the packages in which something was found, in the order of the findings.
type found struct {
	components []cdx.Component
	known      map[string]bool // refs of components
}

// packages are those of the image.
func (i *Image) packages() *found {
	out := &found{known: map[string]bool{}}
	for n := range i.Findings {
		out.add(&i.Findings[n].Finding)
	}
	return out
}

// refOf is what a package is called in the document.
func refOf(f *scan.Finding) string {
	if f.PURL != "" {
		return f.PURL
	}
	return "package:" + string(f.Class) + "/" + f.Package + "@" + f.Installed
}

func (k *found) add(f *scan.Finding) {
	ref := refOf(f)
	if k.known[ref] {
		return
	}
	k.known[ref] = true
	source := f.Source
	if source == f.Package {
		source = ""
	}
	about := []string{"package:class", string(f.Class), "package:source", source}
	for _, at := range f.Paths {
		about = append(about, "package:path", at)
	}
	k.components = append(k.components, cdx.Component{BOMRef: ref, Type: cdx.ComponentTypeLibrary, Name: f.Package,
		Version: f.Installed, PackageURL: f.PURL, Properties: properties(about...)})
}

func (k *found) refs() (out []string) {
	for _, c := range k.components {
		out = append(out, c.BOMRef)
	}
	return out
}
