// Package bom writes CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): an image by its
// digest, what scanners found in it, and models, which makes it an ML-BOM.
//
// The document tells what is known here and says where that ends: of an image it has the
// packages in which something was found, and calls that incomplete. It is the same for the
// same facts: it has no time of its own, and its serial number is made of its content.
package bom

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// Document is what is told. It has an image, models or both.
type Document struct {
	Tool   string // version of zlaunch
	Image  *Image // nil: models alone
	Models []Model
}

// Write writes it as indented JSON.
func (d Document) Write(w io.Writer) error {
	b := d.bom()
	text, err := encoded(b)
	if err != nil {
		return fmt.Errorf("writing CycloneDX: %w", err)
	}
	b.SerialNumber = serial(text)
	if text, err = encoded(b); err != nil {
		return fmt.Errorf("writing CycloneDX: %w", err)
	}
	_, err = w.Write(text)
	return err
}

func encoded(b *cdx.BOM) ([]byte, error) {
	var text bytes.Buffer
	err := cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).Encode(b)
	return text.Bytes(), err
}

// serial is a UUID of version 8 (RFC 9562, section 5.8) made of the SHA-256 of a document
// without one: another content has another.
func serial(text []byte) string {
	sum := sha256.Sum256(text)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	x := hex.EncodeToString(sum[:16])
	return "urn:uuid:" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// bom is the document. Its subject is the image, or the one model; several models alone have
// none.
func (d Document) bom() *cdx.BOM {
	b := cdx.NewBOM()
	b.SpecVersion, b.JSONSchema = cdx.SpecVersion1_6, "http://cyclonedx.org/schema/bom-1.6.schema.json"
	tools := []cdx.Component{{Type: cdx.ComponentTypeApplication, Name: "zlaunch", Version: d.Tool}}
	b.Metadata = &cdx.Metadata{Tools: &cdx.ToolsChoice{Components: &tools}}
	var parts []cdx.Component
	var models []string
	for i := range d.Models {
		c := d.Models[i].component()
		if slices.Contains(models, c.BOMRef) {
			continue // one model by two names
		}
		if models = append(models, c.BOMRef); d.Image == nil && len(d.Models) == 1 {
			b.Metadata.Component = &c
			continue
		}
		parts = append(parts, c)
	}
	if d.Image != nil {
		tools = append(tools, d.Image.scanners()...)
		subject := d.Image.component()
		b.Metadata.Component = &subject
		packages := d.Image.packages()
		b.Vulnerabilities = listed(packages.vulnerabilities(d.Image))
		parts = append(packages.components, parts...)
		b.Dependencies = &[]cdx.Dependency{{Ref: subject.BOMRef, Dependencies: listed(slices.Concat(packages.refs(), models))}}
		b.Compositions = &[]cdx.Composition{{Aggregate: cdx.CompositionAggregateIncomplete, Assemblies: &[]cdx.BOMReference{cdx.BOMReference(subject.BOMRef)}}}
	}
	b.Components = listed(parts)
	return b
}

// listed is a list as the library has one; nil where there is nothing in it.
func listed[T any](in []T) *[]T {
	if len(in) == 0 {
		return nil
	}
	return &in
}

// properties are pairs of a name, below "zlaunch:", and a value; what is empty is left out.
func properties(pairs ...string) *[]cdx.Property {
	var out []cdx.Property
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, cdx.Property{Name: "zlaunch:" + pairs[i], Value: pairs[i+1]})
		}
	}
	return listed(out)
}
