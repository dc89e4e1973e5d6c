package effective

import (
	"slices"
	"strings"
)

// Pin is the reference that names this image by digest in the repository of ref, as a
// profile pins it: NAME@sha256:…. It is "" where the image came from no registry. Of an
// image for several architectures it is the digest that holds for all of them.
func (i *Image) Pin(ref string) string {
	repository := ref
	if name, digest, pinned := strings.Cut(ref, "@"); pinned {
		repository = name
		if strings.HasPrefix(digest, "sha256:") {
			return untagged(name) + "@" + digest
		}
	}
	repository = untagged(repository)
	if strings.HasPrefix(repository, "localhost/") {
		return ""
	}
	var own string
	for _, d := range slices.Sorted(slices.Values(i.RepoDigests)) {
		name, digest, _ := strings.Cut(d, "@")
		switch {
		case name != repository && !strings.HasSuffix(name, "/"+repository):
		case digest != i.Digest:
			return d
		default:
			own = d
		}
	}
	return own
}

// ByDigest is [Image.Pin], and for an image of this host alone the name that ref has with
// the digest it has here. It is ref itself where there is no digest, or ref is an id.
func (i *Image) ByDigest(ref string) string {
	name, _, _ := strings.Cut(ref, "@")
	switch pin := i.Pin(ref); {
	case pin != "":
		return pin
	case i.Digest == "" || ref == i.ID:
		return ref
	}
	return untagged(name) + "@" + i.Digest
}

// untagged is a reference without its tag.
func untagged(ref string) string {
	if i := strings.LastIndex(ref, ":"); i > strings.LastIndex(ref, "/") {
		return ref[:i]
	}
	return ref
}
