package grype_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/scantest"
	"github.com/zlaunch/zlaunch/launcher/scan/grype"
)

func FuzzRead(f *testing.F) { scantest.Fuzz(f, grype.Read, "../reports/testdata/grype.json") }
