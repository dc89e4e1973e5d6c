package subject

import (
	"os"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/compose"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
)

// inYAML is a form whose runs are mended where they stand in a file of YAML.
type inYAML struct {
	sayable func(form.Anew) error // tells whether the form can say it at all
	fix     func(lines []string, all []form.Anew) ([]string, error)
}

// yamlOf is the form of a reading; nil: it is none of them.
func yamlOf(r *form.Reading) *inYAML {
	switch {
	case r.Lines == nil:
	case r.Form == "compose":
		return &inYAML{compose.Sayable, compose.Fix}
	case r.Engine == kube.Engine:
		return &inYAML{kube.Sayable, kube.Fix}
	}
	return nil
}

// maxWhole bounds, in lines, the files of which each run has a text of its own: one of many
// runs would be read as often.
const maxWhole = 5000

// inPlace is the file of a run with that alone mended, or why it cannot be. "" is that the
// file is too long, and only [Files.Patch] tells.
func inPlace(m *Mended) (text, byHand string) {
	if len(m.Reading.Lines) > maxWhole {
		return "", ""
	}
	lines, err := yamlOf(m.Reading).fix(m.Reading.Lines, []form.Anew{{Reading: m.Reading, Want: m.Spec}})
	if err != nil {
		return m.Was, whyNot(err)
	}
	return strings.Join(lines, "\n"), ""
}

// besideOf is where a file stands; of a text that is none there is nothing beside.
func besideOf(name string) compose.Beside {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return compose.Beside{}
	}
	root, rel, err := rooted(name)
	if err != nil {
		return compose.Beside{}
	}
	return compose.Beside{FS: root, Path: rel}
}
