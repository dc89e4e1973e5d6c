package container

import "strings"

// EmptyDescription tells an annotation by which an image describes itself
// (image-spec, annotations.md) and which says nothing. Podman 4.3 gives it to the
// container, 5.4 does not; it acts on nothing, so that neither is a difference.
func EmptyDescription(name, value string) bool {
	return value == "" && strings.HasPrefix(name, "org.opencontainers.image.")
}
