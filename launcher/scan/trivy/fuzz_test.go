package trivy_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/scantest"
	"github.com/zlaunch/zlaunch/launcher/scan/trivy"
)

func FuzzRead(f *testing.F) {
	f.Add(`{"SchemaVersion":2,"ArtifactType":"container_image","Results":[
		{"Class":"os-pkgs","ExperimentalModifiedFindings":[
		{"Type":"vulnerability","Status":"ignored","Finding":{"VulnerabilityID":"CVE-1","PkgName":"p","FixedVersion":"1, 2"}},
		{"Type":"secret","Finding":{"RuleID":"x"}}]}]}`)
	scantest.Fuzz(f, trivy.Read, "../reports/testdata/trivy.json")
}
