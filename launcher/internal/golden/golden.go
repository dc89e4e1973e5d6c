// Package golden holds what a test prints against a file of its testdata.
package golden

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Check fails where the file does not hold got, and shows the lines in which they differ.
// With update, the test's own flag -update, it writes the file first.
func Check(t testing.TB, update bool, file, got string) {
	t.Helper()
	if update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	name, _, _ := strings.Cut(t.Name(), "/")
	switch want, err := os.ReadFile(file); {
	case err != nil:
		t.Errorf("%v: go test . -run '^%s$' -update writes it", err, name)
	case string(want) != got:
		t.Errorf("%s differs: go test . -run '^%s$' -update writes it%s", file, name, changed(string(want), got))
	}
}

// changed are the lines that one of two texts has more often than the other.
func changed(want, got string) string {
	var b strings.Builder
	for _, side := range [][3]string{{want, got, "\n- "}, {got, want, "\n+ "}} {
		there := strings.Split(side[1], "\n")
		for line := range strings.SplitSeq(side[0], "\n") {
			if i := slices.Index(there, line); i >= 0 {
				there[i] = "\n" // no line, so that each is met once
				continue
			}
			b.WriteString(side[2] + line)
		}
	}
	if b.Len() == 0 {
		return "\nthe same lines in another order"
	}
	return b.String()
}
