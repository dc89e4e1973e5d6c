package export

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Options are what a caller says of one export.
type Options struct {
	Target string      // one of the form's; "" its default
	Allow  []string    // controls by id, and settings by key, that may be lost
	Models form.Source // what is mounted as the models; zero: what the form takes by itself
}

// Check tells what of the options a form does not take.
func (o Options) Check(f Form) error {
	switch {
	case o.Target != "" && len(f.Targets) == 0:
		return hint.Errorf("leave --target out", "%s has no targets", f.Name)
	case o.Target != "" && !slices.Contains(f.Targets, o.Target):
		return hint.Errorf("one of "+strings.Join(f.Targets, ", "), "%s has no target %q", f.Name, o.Target)
	case o.Models.Kind == "":
		return nil
	case f.Models == nil:
		return hint.Errorf("--to kube and --to kserve take it", "%s mounts models from where they are", f.Name)
	}
	if kinds := f.Models(o.Target); !slices.Contains(kinds, o.Models.Kind) {
		return hint.Errorf("one of "+strings.Join(kinds, ", "), "%s for %s takes no models as %s", f.Name, o.Target, o.Models.Kind)
	}
	return nil
}

// ModelKinds are the words of [ParseModels], a value behind those that end in "=".
var ModelKinds = []string{"pvc", "pvc=", "hostPath", "image="}

// claimName is a name of a PersistentVolumeClaim (RFC 1123), and pinnedImage one of an image,
// by the digest that says what is in it.
var (
	claimName   = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?){0,3}$`)
	pinnedImage = lazyregexp.New(`^[a-z0-9][A-Za-z0-9._/:-]{0,254}@sha256:[0-9a-f]{64}$`)
)

// ParseModels reads pvc, pvc=CLAIM, hostPath or image=NAME@sha256:DIGEST.
func ParseModels(word string) (form.Source, error) {
	kind, name, named := strings.Cut(word, "=")
	switch {
	case word == "pvc", word == "hostPath", kind == "pvc" && claimName().MatchString(name):
	case kind == "image" && pinnedImage().MatchString(name):
	case kind == "image" && named:
		return form.Source{}, hint.Errorf("image=NAME@sha256:DIGEST: what is behind a tag may be another model tomorrow", "an image of models is named by its digest")
	default:
		return form.Source{}, hint.Errorf("pvc, pvc=CLAIM, hostPath, or image=NAME@sha256:DIGEST", "%q names no source of models", word)
	}
	return form.Source{Kind: kind, Name: name}, nil
}
