package attached

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// listed is something with a name, as lists of packages have it.
type listed struct{ Name string }

func anyNamed(in []listed) bool {
	return slices.ContainsFunc(in, func(n listed) bool { return n.Name != "" })
}

// isListOf tells whether a document is a list of packages in a form. One that names no package is
// none: a word of the form in any text would do.
func isListOf(data []byte, form string) error {
	var is bool
	switch form {
	case "SPDX":
		is = isSPDX(data)
	case "CycloneDX":
		is = isCycloneDX(data)
	case "Syft":
		var doc struct{ Artifacts []listed }
		is = json.Unmarshal(data, &doc) == nil && anyNamed(doc.Artifacts)
	}
	if !is {
		return fmt.Errorf("it says that it is a list as %s, and names no package so", form)
	}
	return nil
}

// isSPDX reads SPDX 2 in JSON, as tags and values and as RDF, and SPDX 3 in JSON-LD:
// https://spdx.github.io/spdx-spec.
func isSPDX(data []byte) bool {
	var doc struct {
		SPDXVersion string
		Packages    []listed
		Graph       []struct {
			Type string
			Name string
		} `json:"@graph"`
	}
	if json.Unmarshal(data, &doc) == nil {
		for _, e := range doc.Graph {
			if e.Type == "software_Package" && e.Name != "" {
				return true
			}
		}
		return strings.HasPrefix(doc.SPDXVersion, "SPDX-") && anyNamed(doc.Packages)
	}
	return hasElement(data, "http://spdx.org/rdf/terms", "Package") || hasTag(data, "SPDXVersion: SPDX-") && hasTag(data, "PackageName: ")
}

// isCycloneDX reads JSON and XML: https://cyclonedx.org/specification/overview.
func isCycloneDX(data []byte) bool {
	var doc struct {
		BOMFormat  string
		Components []listed
	}
	if json.Unmarshal(data, &doc) == nil {
		return doc.BOMFormat == "CycloneDX" && anyNamed(doc.Components)
	}
	return hasElement(data, "http://cyclonedx.org/schema/bom/", "component")
}

// hasTag tells whether a line begins so.
func hasTag(data []byte, tag string) bool {
	return bytes.HasPrefix(data, []byte(tag)) || bytes.Contains(data, []byte("\n"+tag))
}

// hasElement tells whether a whole document of XML has an element of a name space.
func hasElement(data []byte, space, name string) bool {
	found := false
	for d := xml.NewDecoder(bytes.NewReader(data)); ; {
		t, err := d.Token()
		if err != nil {
			return found && errors.Is(err, io.EOF)
		}
		e, ok := t.(xml.StartElement)
		found = found || ok && e.Name.Local == name && strings.HasPrefix(e.Name.Space, space)
	}
}

// isProvenance tells whether a predicate says by whom something was built: SLSA provenance 1 and
// those before it (https://slsa.dev/spec/v1.0/provenance).
func isProvenance(data []byte) error {
	var p struct {
		Builder    struct{ ID string }
		RunDetails struct{ Builder struct{ ID string } }
	}
	if json.Unmarshal(data, &p) != nil || p.Builder.ID == "" && p.RunDetails.Builder.ID == "" {
		return errors.New("it says that it is provenance, and names no builder")
	}
	return nil
}

// stated is the document that a predicate is: SPDX's tags and values come as a text.
func stated(predicate json.RawMessage) []byte {
	var text string
	if json.Unmarshal(predicate, &text) == nil {
		return []byte(text)
	}
	return predicate
}
