package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/uuid"
)

// bill is the program's bill of materials, in CycloneDX's JSON: what the binary
// itself says it links. Its time is the commit's and its serial number is derived
// from the binary, so that the same binary gives the same bytes.
func (p *program) bill(version string, at time.Time) ([]byte, error) {
	binary, err := os.ReadFile(p.file)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(binary)
	main := component(module{path: p.path, version: version, texts: p.texts}, p.platform)
	main.Type, main.Name = cdx.ComponentTypeApplication, "zlaunch"
	main.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}}

	var parts []cdx.Component
	var refs []string
	for _, m := range p.linked {
		c := component(m, p.platform)
		if m.sum != "" {
			if c.Properties, err = checksum(m.sum); err != nil {
				return nil, fmt.Errorf("reading the checksum of %s: %w", m.path, err)
			}
		}
		parts, refs = append(parts, c), append(refs, c.BOMRef)
	}

	b := cdx.NewBOM()
	b.SerialNumber = uuid.NewSHA1(uuid.NameSpaceURL, sum[:]).URN()
	b.Metadata = &cdx.Metadata{
		Timestamp: at.UTC().Format(time.RFC3339), Component: &main,
		Lifecycles: &[]cdx.Lifecycle{{Phase: cdx.LifecyclePhasePostBuild}},
	}
	b.Components = &parts
	b.Dependencies = &[]cdx.Dependency{{Ref: main.BOMRef, Dependencies: &refs}}
	var out bytes.Buffer
	err = cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).Encode(b)
	return out.Bytes(), err
}

// component is a module as scanners look it up: by its package URL.
func component(m module, platform string) cdx.Component {
	goos, goarch, _ := strings.Cut(platform, "/")
	ref := "pkg:golang/" + m.path + "@" + strings.ReplaceAll(m.version, "+", "%2B")
	kind := "?type=module"
	if m.path == standard {
		kind = ""
	}
	licence := cdx.LicenseChoice{Expression: m.expression()}
	if ids := names(m.texts); len(ids) == 1 {
		licence = cdx.LicenseChoice{License: &cdx.License{ID: ids[0]}}
	}
	c := cdx.Component{
		BOMRef: ref + kind, Type: cdx.ComponentTypeLibrary, Name: m.path, Version: m.version,
		Scope: cdx.ScopeRequired, PackageURL: ref, Licenses: &cdx.Licenses{licence},
	}
	if kind != "" {
		c.PackageURL += kind + "&goos=" + goos + "&goarch=" + goarch
	}
	return c
}

// checksum is a module's checksum of go.sum. It is a hash over the names and
// hashes of its files, which CycloneDX has no word for.
func checksum(sum string) (*[]cdx.Property, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sum, "h1:"))
	if err != nil || len(raw) != sha256.Size {
		return nil, fmt.Errorf("%q is no h1 checksum", sum)
	}
	return &[]cdx.Property{{Name: "zlaunch:go.sum", Value: sum}}, nil
}
