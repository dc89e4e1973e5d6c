package subject

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Good units and lines, written as people write them, have no finding of high or above that
// fails or asks for a person, and nothing is open that their words decide: what is open is
// what the host or the image says, or what a person keeps in a file of variables.
func TestGoodOnes(t *testing.T) {
	text, err := os.ReadFile("testdata/good.txt")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	head := regexp.MustCompile(`(?m)^-- (\S+) --\n`)
	at := head.FindAllSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		if err := os.WriteFile(filepath.Join(dir, string(text[m[2]:m[3]])), text[m[1]:end], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	subjects := 0
	for _, m := range at {
		name := string(text[m[2]:m[3]])
		if ext := filepath.Ext(name); ext == ".volume" || ext == ".network" {
			continue
		}
		list, err := Files{Under: selinuxHost()}.Path(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, pending := range list {
			subjects++
			checkGood(t, pending())
		}
	}
	t.Logf("%d subjects", subjects)
	if subjects < 60 {
		t.Errorf("only %d subjects were judged", subjects)
	}
}

func checkGood(t *testing.T, a *Audited) {
	t.Helper()
	for _, f := range a.Findings {
		switch {
		case f.Verdict == audit.Fail && f.Severity >= audit.High, f.Verdict == audit.Review && f.Severity >= audit.High && !slices.Contains(forAPerson, f.Control.ID):
			t.Errorf("%s: %s %s %s at %s: %s", filepath.Base(a.Subject), f.Control.ID, f.Verdict, f.Severity, f.At, f.Message)
		case f.Verdict == audit.Open && f.Severity >= audit.High && f.Control.Judge != nil && !slices.Contains(ofHostOrImage, f.Control.ID) &&
			!strings.Contains(f.Message, "EnvironmentFile=") && !strings.Contains(f.Message, "is filled in by systemd"):
			t.Errorf("%s: %s open at %s: %s", filepath.Base(a.Subject), f.Control.ID, f.At, f.Message)
		}
	}
}

// forAPerson asks what stands in front of a port that the network reaches.
var forAPerson = []string{"ZL-712", "ZL-713"}

// ofHostOrImage are open on what no line or unit says: whether the engine is rootless and
// listens, who can write a tree, and what the image carries, starts and runs as.
var ofHostOrImage = []string{"ZL-101", "ZL-103", "ZL-301", "ZL-303", "ZL-714", "ZL-917", "ZL-931"}
