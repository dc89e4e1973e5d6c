package plan

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// An image that was run once is told as twice as large, and needs no second copy.
func TestRoomOfCopied(t *testing.T) {
	pl, _ := beside(t, server, ibm)
	p, err := pl.Plan(t.Context(), Options{Profile: "job"})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := AskEngine(t.Context(), pl.Engine)
	if err != nil || facts.GraphFree <= 0 {
		t.Fatalf("free: %d, %v", facts.GraphFree, err)
	}
	p.Image.Size = facts.GraphFree
	full := func() bool {
		s, err := pl.subject(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(preflight.Check(s), func(p audit.Problem) bool { return strings.Contains(p.Message, "to copy the image") })
	}
	for name, c := range map[string]struct {
		layers int64 // bytes; 0: nobody counts them
		full   bool
	}{
		"as it is told": {0, true}, "copied once": {p.Image.Size / 2, false}, "not copied": {p.Image.Size, true},
	} {
		pl.Layers = func(context.Context, *effective.Image) int64 { return c.layers }
		if c.layers == 0 {
			pl.Layers = nil
		}
		if got := full(); got != c.full {
			t.Errorf("%s: refused for want of room: %t", name, got)
		}
	}
}
