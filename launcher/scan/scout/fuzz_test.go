package scout_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/scantest"
	"github.com/zlaunch/zlaunch/launcher/scan/scout"
)

func FuzzRead(f *testing.F) { scantest.Fuzz(f, scout.Read, "../reports/testdata/scout.json") }
