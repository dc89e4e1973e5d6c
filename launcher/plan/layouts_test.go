package plan_test

import (
	"slices"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Every layout a profile may name is one that a model tree is checked for.
func TestLayoutsAgree(t *testing.T) {
	var known []string
	for _, l := range model.Layouts {
		known = append(known, string(l))
	}
	slices.Sort(known)
	if !slices.Equal(known, profile.Layouts) {
		t.Errorf("profiles may name %q, trees are checked for %q", profile.Layouts, known)
	}
}
