// Package scantest holds what a reader of reports makes of any text, for tests.
package scantest

import (
	"encoding/json"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Fuzz gives a reader the files of its tests, and texts made of them. What it takes for a
// report is one: whole findings, texts that print, digests that are some, and the same after
// it was written and read again.
func Fuzz(f *testing.F, read func(io.Reader) (*scan.Scan, error), files ...string) {
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := read(strings.NewReader(text)); err == nil {
			Holds(t, s)
		}
	})
}

// Holds fails where a scan is not what every scan is.
func Holds(t testing.TB, s *scan.Scan) {
	t.Helper()
	if s.Tool.Name == "" || s.Packages < scan.Untold {
		t.Errorf("by %q, of %d packages", s.Tool.Name, s.Packages)
	}
	for _, f := range s.Findings {
		if f.ID == "" || f.Package == "" || f.State == "" || f.Class != scan.OS && f.Class != scan.Lang || len(f.Seen) != 1 {
			t.Errorf("half a finding: %+v", f)
		}
		for _, r := range f.Ratings {
			if r.Level == "" || r.Score < 0 || r.Score > 10 {
				t.Errorf("a rating: %+v", r)
			}
		}
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again scan.Scan
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if more, err := json.Marshal(again); err != nil || !reflect.DeepEqual(data, more) {
		t.Errorf("%s\n%s, %v", data, more, err)
	}
}
