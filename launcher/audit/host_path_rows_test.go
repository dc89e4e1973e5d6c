package audit

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Every row of a spec answers which paths of the host it holds: it gathers them, or
// says why there are none. A new row without an answer fails here.
func TestEveryRowAnswersForHostPaths(t *testing.T) {
	answers := map[string]int{}
	for _, h := range pathsByRow {
		answers[h.row.Key()]++
		if (h.paths == nil) == (h.none == "") {
			t.Errorf("%s: gathers paths and says there are none, or neither", h.row.Key())
		}
	}
	for _, r := range container.All() {
		if answers[r.Key()] != 1 {
			t.Errorf("%s has %d answers in pathsByRow, not one", r.Key(), answers[r.Key()])
		}
		delete(answers, r.Key())
	}
	for key := range answers {
		t.Errorf("%s is no row", key)
	}
}
