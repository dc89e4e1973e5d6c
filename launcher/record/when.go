package record

import "time"

// When writes a time for people: everywhere the same, and in UTC, so that two reports can
// be compared. JSON has RFC 3339.
func When(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
