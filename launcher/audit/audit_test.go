package audit_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// The catalogue is well formed: ids and names are unique, every control says why.
func TestCatalogue(t *testing.T) {
	id, name := regexp.MustCompile(`^ZL-\d{3}$`), regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, c := range audit.Catalogue() {
		if !id.MatchString(c.ID) || !name.MatchString(c.Name) || c.Why == "" || seen[c.ID] || seen[c.Name] {
			t.Errorf("bad control %+v", c)
		}
		seen[c.ID], seen[c.Name] = true, true
		if c.Judge != nil && len(c.Reads) == 0 && !strings.HasPrefix(c.ID, "ZL-00") {
			t.Errorf("%s judges but reads nothing", c.ID)
		}
	}
}

// A control that is declared and not listed would be passed over in silence.
func TestEveryControlIsListed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, c := range audit.Catalogue() {
		listed[c.ID] = true
	}
	declared := regexp.MustCompile(`= &Control{\s*ID: "([^"]*)"`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllSubmatch(text, -1) {
			if !listed[string(m[1])] {
				t.Errorf("%s declares %s, which the list of catalogue.go lacks", name, m[1])
			}
			delete(listed, string(m[1]))
		}
	}
	for id := range listed {
		t.Errorf("%s is listed, and not declared as this test reads it", id)
	}
}

func TestWaivers(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	at := func(l Layer) Origin { return Origin{Layer: l, File: "f"} }
	cases := []struct {
		name string
		w    audit.Waiver
		ok   bool
	}{
		{"command line, medium", audit.Waiver{Control: "ZL-104", Origin: at(LayerCommandLine)}, true},
		{"command line, high", audit.Waiver{Control: "ZL-203", Origin: at(LayerCommandLine)}, true},
		{"command line, critical", audit.Waiver{Control: "ZL-208", Origin: at(LayerCommandLine)}, false},
		{"user profile, high", audit.Waiver{Control: "ZL-203", Origin: at(LayerUser)}, false},
		{"user profile, low", audit.Waiver{Control: "ZL-503", Origin: at(LayerUser)}, true},
		{"project", audit.Waiver{Control: "ZL-503", Origin: at(LayerProject)}, false},
		{"unknown control", audit.Waiver{Control: "ZL-999", Origin: at(LayerCommandLine)}, false},
		{"expired", audit.Waiver{Control: "ZL-503", Origin: at(LayerUser), Expires: now.AddDate(0, 0, -1)}, false},
		{"not yet expired", audit.Waiver{Control: "ZL-503", Origin: at(LayerUser), Expires: now.AddDate(0, 0, 1)}, true},
	}
	for _, c := range cases {
		if err := c.w.Check(now); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, bad := range []string{"", "ZL-104", "ZL-104=", `ZL-104=""`} {
		if _, err := audit.ParseWaiver(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
