package image

import (
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// names are those that images have in an index, sorted, each once.
func names(of []ocispec.Descriptor) (out []string) {
	for _, d := range of {
		if name := d.Annotations[ocispec.AnnotationRefName]; name != "" && !isAttached(d) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// plainName is a name in an index that needs no quotes anywhere.
var plainName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// unnamed is the error of a name that no image has.
func unnamed(l Layout, ref string, of []ocispec.Descriptor) error {
	const most = 10
	has := names(of)
	if len(has) == 0 {
		return hint.Errorf("zlaunch inspect "+string(l), "reading the image in %s: none is called %.80q, they have no names", string(l), ref)
	}
	more := ""
	if len(has) > most {
		more = fmt.Sprintf(" and %d more", len(has)-most)
	}
	next := "zlaunch inspect DIR:NAME"
	if near := hint.Nearest(ref, has); plainName().MatchString(near) {
		next = "zlaunch inspect " + string(l) + ":" + near
	}
	return hint.Errorf(next, "reading the image in %s: none is called %.80q, but %.800q%s", string(l), ref, has[:min(len(has), most)], more)
}
