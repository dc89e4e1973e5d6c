package main

import (
	"fmt"
	"runtime"
	"strings"
)

// benchProfiles are the demo server without a readiness endpoint, whose launch is
// over when the container has started, and a job that ends at once.
const benchProfiles = `schema = 1

[profile.bench-started]
extends = "demo"
about   = "the demo server, not waited for"
ready   = false

[profile.bench-job]
about = "a job that prints its help and ends"
kind  = "job"

[profile.bench-job.container]
image  = "` + image + `"
args   = ["--help"]
pull   = "never"
memory = "256m"
`

// foreignArch is an architecture that is not this machine's: a plan for it asks
// nothing of this host.
func foreignArch() string {
	if runtime.GOARCH == "s390x" {
		return "amd64"
	}
	return "s390x"
}

// profilesInFile is how many profiles a file holds.
const profilesInFile = 100

// manyProfiles is a catalog of n profiles, of which the first is planned.
func manyProfiles(n int) []string {
	var files []string
	for begin := 0; begin < n; begin += profilesInFile {
		var s strings.Builder
		s.WriteString("schema = 1\n")
		for i := begin; i < min(n, begin+profilesInFile); i++ {
			fmt.Fprintf(&s, "\n[profile.team-%d]\nextends = \"triton\"\nabout   = \"the models of team %d\"\nowner   = \"team-%d@bank.example\"\n", i, i, i)
			fmt.Fprintf(&s, "\n[profile.team-%d.container]\nmemory = \"%dg\"\n", i, 8+i%8)
		}
		files = append(files, s.String())
	}
	return files
}

// manyMounts is a profile with n mounts.
func manyMounts(n int) []string {
	var s strings.Builder
	s.WriteString("schema = 1\n\n[profile.mounts]\nextends = \"triton\"\nabout   = \"scratch places\"\n\n[profile.mounts.container.tmpfs]\n")
	for i := range n {
		fmt.Fprintf(&s, "\"/scratch/%d\" = { size = \"1m\" }\n", i)
	}
	return []string{s.String()}
}
