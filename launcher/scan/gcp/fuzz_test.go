package gcp_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/scantest"
	"github.com/zlaunch/zlaunch/launcher/scan/gcp"
)

func FuzzRead(f *testing.F) {
	scantest.Fuzz(f, gcp.Read, "../reports/testdata/gcp-list.json", "../reports/testdata/gcp-api.json")
}
