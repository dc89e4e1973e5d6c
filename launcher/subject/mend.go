package subject

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Mend writes a foreign run anew, with every failure mended that options can
// mend, and says of which findings that is true. A mend that the engine has no
// option for is left away, and so is one of a mere fact (info): the run stays what
// its author meant. Only lines and units have a text.
func Mend(r *form.Reading, findings []audit.Finding, version string) (text string, done []audit.Finding, err error) {
	if r == nil {
		return "", nil, hint.Errorf("zlaunch explain CONTROL says what to change; a command line and a unit have a text", "mending what has no text")
	}
	if known, _, _ := container.PodKnown.Get(r.Spec); r.Pod != nil || known && !r.Unit {
		return asWritten(r), nil, nil
	}
	best := container.Clone(r.Spec)
	text, err = rewritten(r, best, version)
	if err != nil {
		return "", nil, err
	}
	for _, f := range findings {
		if f.Verdict != audit.Fail || f.Severity == audit.Info || f.Control.Mend == nil {
			continue
		}
		next := container.Clone(best)
		f.Control.Mend(next, f.At)
		unstateEmpty(next)
		if t, err := rewritten(r, next, version); err == nil {
			best, text, done = next, t, append(done, f)
		}
	}
	return text, done, nil
}

// asWritten is the text of a pod, or of a line that joins one, as it is: what decides
// stands in several lines, and no mend of one is a mend of all.
func asWritten(r *form.Reading) string {
	if r.Unit {
		return strings.Join(r.Lines, "\n")
	}
	var out []string
	for _, w := range r.Words {
		out = append(out, w.Raw)
	}
	return strings.Join(out, " ")
}

// unstateEmpty leaves away what a mend emptied: no option says an empty list.
func unstateEmpty(s *container.Spec) {
	for _, row := range container.All() {
		for _, set := range row.Settings(s) {
			if list, ok := set.Value.([]string); ok && len(list) == 0 {
				row.Clear(s)
			}
		}
	}
}

// rewritten is the text of a run that is mended.
func rewritten(r *form.Reading, mended *container.Spec, version string) (string, error) {
	if r.Unit {
		lines, err := quadlet.Fix(r, mended, quadlet.Options{Version: version})
		return strings.Join(lines, "\n"), err
	}
	words, err := shell.Fix(r, mended)
	return strings.Join(words, " "), err
}
