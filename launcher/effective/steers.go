package effective

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/engine"
)

// ImageSteers names what of an image an engine or a runtime obeys and a run must
// refuse or state otherwise, sorted: "annotation[NAME]", "label[NAME]", "env[NAME]" of
// a variable without a value. The values are not in it.
func ImageSteers(img *Image) []string {
	var out []string
	for _, from := range []struct {
		in   engine.Place
		keys map[string]string
	}{{engine.Annotation, img.Annotations}, {engine.Label, img.Labels}} {
		for name := range from.keys {
			if w, ok := engine.WayOf(from.in, name); ok && (w.Answer == engine.Refuse || w.Answer == engine.Override) {
				out = append(out, string(from.in)+"["+name+"]")
			}
		}
	}
	for _, kv := range img.Env {
		if name, _, valued := strings.Cut(kv, "="); !valued || name == "" {
			out = append(out, "env["+name+"]")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
