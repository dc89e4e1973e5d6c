package record

import (
	"testing"
	"time"
)

func TestWhen(t *testing.T) {
	at := time.Date(2026, 11, 29, 0, 30, 0, 0, time.FixedZone("CET", 3600))
	if got := When(at); got != "2026-11-28 23:30 UTC" {
		t.Error(got)
	}
}
