package trivy_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/scantest"
	"github.com/zlaunch/zlaunch/launcher/scan/trivy"
)

func FuzzRead(f *testing.F) { scantest.Fuzz(f, trivy.Read, "../reports/testdata/trivy.json") }
