package main

import (
	"slices"
	"testing"
)

// Options of a build without one, and two wishes in one line, are refused before an engine
// is asked.
func TestDeriveUsage(t *testing.T) {
	w := newWorld(t)
	for _, s := range []step{
		{line: "derive", status: exitUsage},
		{line: "derive x --loop", status: exitUsage, err: "go with --build"},
		{line: "derive x --network host", status: exitUsage, err: "go with --build"},
		{line: "derive x --scanner trivy", status: exitUsage, err: "go with --build"},
		{line: "derive x --golden-body f", status: exitUsage, err: "go with --build"},
		{line: "derive x --continue y --tag z", status: exitUsage, err: "go with --build"},
		{line: "derive x --build --continue y", status: exitUsage, err: "--continue goes on with one"},
		{line: "derive x --build --json", status: exitUsage, err: "nothing is built then"},
		{line: "derive x --build --loop --tag y", status: exitUsage, err: "--tag names one"},
		{line: "derive x --build --scan-by ./s --scanner trivy", status: exitUsage, err: "one of the two"},
	} {
		w.step(t, s)
	}
}

// A derived image has a name of this host that tells of its base, and the next one another.
func TestProposedNames(t *testing.T) {
	for ref, want := range map[string]string{
		"icr.io/ibm/triton:24.12":               "localhost/triton:24.12-mended.1",
		"localhost/triton:24.12-mended.3":       "localhost/triton:24.12-mended.1",
		"localhost/triton:mended.3":             "localhost/triton:mended.1",
		"localhost:5000/triton":                 "localhost/triton:mended.1",
		"icr.io/ibm/triton@sha256:0123":         "localhost/triton:mended.1",
		"icr.io/ibm/triton:1-mended.x":          "localhost/triton:1-mended.x-mended.1",
		"registry.example/a/b/c:1@sha256:01234": "localhost/c:1-mended.1",
	} {
		got := proposedNames(ref)
		if got[0] != want || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 99 {
			t.Errorf("%s: %q", ref, got[:2])
		}
	}
}
