package audit_test

import (
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// A waiver holds through its last day, in UTC, and not a moment longer.
func TestExpired(t *testing.T) {
	day := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	w := audit.Waiver{Control: "ZL-503", Expires: day}
	for at, want := range map[time.Time]bool{
		day.Add(-time.Hour): false, day: false, day.Add(24*time.Hour - time.Second): false, day.Add(24 * time.Hour): true, day.AddDate(1, 0, 0): true,
	} {
		if w.Expired(at) != want {
			t.Errorf("%s: expired %t", at, !want)
		}
	}
	if (audit.Waiver{}).Expired(day) {
		t.Error("one without a day has expired")
	}
}
