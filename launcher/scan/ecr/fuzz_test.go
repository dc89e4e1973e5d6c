package ecr_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/scantest"
	"github.com/zlaunch/zlaunch/launcher/scan/ecr"
)

func FuzzRead(f *testing.F) {
	scantest.Fuzz(f, ecr.Read, "../reports/testdata/ecr-basic.json", "../reports/testdata/ecr-enhanced.json")
}
