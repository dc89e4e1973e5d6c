package debsecan_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/internal/scantest"
	"github.com/zlaunch/zlaunch/launcher/scan/debsecan"
)

func FuzzRead(f *testing.F) {
	scantest.Fuzz(f, debsecan.Read, "../reports/testdata/debsecan-detail.txt", "../reports/testdata/debsecan-summary.txt")
}
