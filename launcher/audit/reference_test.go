package audit_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// testdata/reference.txt lists by hand every id that was ever given, with its severity:
// each is built or listed as not built, and nothing else is, so that no id goes, and no
// severity changes, unseen.
func TestEveryIDOfTheReference(t *testing.T) {
	have := map[string]audit.Severity{}
	for _, c := range audit.Catalogue() {
		have[c.ID] = c.Severity
	}
	for _, u := range audit.NotBuilt() {
		if _, built := have[u.ID]; built {
			t.Errorf("%s is built, and listed as not built", u.ID)
		}
		if u.Name == "" || u.Title == "" || u.Because == "" {
			t.Errorf("%s: name, title and reason must be given", u.ID)
		}
		have[u.ID] = u.Severity
	}
	for id, severity := range index(t) {
		switch got, ok := have[id]; {
		case !ok:
			t.Errorf("%s of testdata/reference.txt is neither in catalogue.go nor in not_built.go", id)
		case got.String() != severity:
			t.Errorf("%s is %s, testdata/reference.txt says %s", id, got, severity)
		}
		delete(have, id)
	}
	for id := range have {
		t.Errorf("%s is not in testdata/reference.txt: add its line", id)
	}
}

// index reads the ids and severities of testdata/reference.txt.
func index(t *testing.T) map[string]string {
	f, err := os.Open("testdata/reference.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		id, severity, _ := strings.Cut(lines.Text(), " ")
		out[id] = severity
	}
	if len(out) == 0 {
		t.Fatal("the index has no ids")
	}
	return out
}
