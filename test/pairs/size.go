package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// arches are those zlaunch is released for.
var arches = []string{"amd64", "arm64", "ppc64le", "s390x"}

// sizes compares the program's size for each architecture with that of the podman
// installed here. Nothing spreads: it is measured once.
func (b *bed) sizes(ctx context.Context, _ int) ([]Result, error) {
	podman, err := exec.LookPath("podman")
	if err != nil {
		return nil, err
	}
	theirs, err := os.Stat(podman)
	if err != nil {
		return nil, err
	}
	var out []Result
	for _, arch := range arches {
		b.progress("building for %s", arch)
		file := filepath.Join(b.dir, "zlaunch-"+arch)
		if err := build(ctx, arch, file); err != nil {
			return nil, err
		}
		ours, err := os.Stat(file)
		if err != nil {
			return nil, err
		}
		r := Result{What: "size of zlaunch for " + arch, Against: "podman for " + runtime.GOARCH,
			Fair: "one static file without symbols against the distribution's podman, without conmon, the runtime and the libraries it loads"}
		out = append(out, compare(r, []float64{float64(ours.Size())}, []float64{float64(theirs.Size())}))
	}
	return out, nil
}
