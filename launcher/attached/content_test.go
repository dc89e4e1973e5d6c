package attached

import "testing"

// A list of packages names one, and provenance a builder; that a text has words of their form, or is
// of their type, says neither.
func TestContent(t *testing.T) {
	for _, c := range []struct {
		form, text string
		is         bool
	}{
		{"SPDX", spdx, true},
		{"SPDX", "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n\nPackageName: openssl\n", true},
		{"SPDX", `<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://spdx.org/rdf/terms#"><Package/></rdf:RDF>`, true},
		{"SPDX", `{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"software_Package","name":"openssl"}]}`, true},
		{"SPDX", `{"spdxVersion":"SPDX-2.3"}`, false},
		{"SPDX", `{"spdxVersion":"SPDX-2.3","packages":[]}`, false},
		{"SPDX", `{"spdxVersion":"SPDX-2.3","packages":[{}]}`, false},
		{"SPDX", `{"spdxVersion":"3","packages":[{"name":"a"}]}`, false},
		{"SPDX", `{"spdxVersion":"SPDX-2.3","packages":[{"name":"a"}]} and more`, false},
		{"SPDX", "SPDXVersion: SPDX-2.3\n", false},
		{"SPDX", "see http://spdx.org/rdf/terms", false},
		{"SPDX", `{"@graph":[{"type":"Person","name":"a"}]}`, false},
		{"SPDX", `<Package xmlns="http://spdx.org/rdf/terms#">`, false},
		{"CycloneDX", cyclone, true},
		{"CycloneDX", `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library"><name>openssl</name></component></components></bom>`, true},
		{"CycloneDX", `this is not an SBOM; "CycloneDX" is a word in it`, false},
		{"CycloneDX", `{"bomFormat":"CycloneDX"}`, false},
		{"CycloneDX", `{"bomFormat":"CycloneDX","components":"many"}`, false},
		{"CycloneDX", `{"components":[{"name":"a"}]}`, false},
		{"CycloneDX", `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>`, false},
		{"CycloneDX", "", false},
		{"Syft", `{"artifacts":[{"name":"openssl"}]}`, true},
		{"Syft", `{"artifacts":[]}`, false},
		{"another", spdx, false},
	} {
		if err := isListOf([]byte(c.text), c.form); (err == nil) != c.is {
			t.Errorf("%s of %s: %v", c.form, c.text, err)
		}
	}
	for text, is := range map[string]bool{
		`{"builder":{"id":"a"}}`: true, `{"runDetails":{"builder":{"id":"a"}}}`: true,
		`{}`: false, `{"builder":{}}`: false, `null`: false, `[]`: false, ``: false, `"builder"`: false,
	} {
		if err := isProvenance([]byte(text)); (err == nil) != is {
			t.Errorf("provenance %s: %v", text, err)
		}
	}
	if got := string(stated([]byte(`"PackageName: a"`))); got != "PackageName: a" {
		t.Errorf("%q", got)
	}
}
