package engine

import (
	"maps"
	"slices"
	"strings"
)

// descriptive begin, or are, the names that describe an image to people and to those who
// look for one: nothing that makes or ends a container acts on them.
var descriptive = []string{
	"org.opencontainers.image.*", // image-spec annotations.md: titles, versions, sources
	"org.label-schema.*",         // what was there before those
	"maintainer", "name", "vendor", "version", "release", "description", "summary", "url", "architecture", "license", "authors",
	"build-date", "vcs-ref", "vcs-type", "vcs-url", "vcs-branch", "distribution-scope", "authoritative-source-url", // Project Atomic's, which Red Hat's images have
	"com.redhat.*", "io.buildah.version", "cpe", // who built it, in which component and for whom
	"io.k8s.display-name", "io.k8s.description", "io.openshift.tags", "io.openshift.expose-services", "io.openshift.build.*", // a catalogue's texts
	"com.nvidia.volumes.needed", "com.nvidia.cudnn.version", "com.nvidia.cuda.version", // read by nvidia-docker 1 alone
	"desktop.docker.io/*", // source paths of Docker Desktop
}

// describes tells whether a name only describes its image.
func describes(name string) bool {
	return slices.ContainsFunc(descriptive, func(of string) bool {
		prefix, wide := strings.CutSuffix(of, "*")
		return name == of || wide && strings.HasPrefix(name, prefix)
	})
}

// Unnamed are the names of labels or annotations that no table has: none that is known to
// be obeyed, and none that is known to describe alone. They are sorted.
func Unnamed(in Place, said map[string]string) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if _, known := WayOf(in, name); !known && !describes(name) {
			out = append(out, name)
		}
	}
	return out
}
