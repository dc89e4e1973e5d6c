package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// describe says what approving the file lets in: the profiles it defines and every setting
// it decides in them, marked where that weakens what they extend; of a file that was
// approved before, the change. A file with a profile that cannot be used is an error.
func describe(std *stdio, w io.Writer, file profile.Pending, behind []profile.Source) error {
	if err := usable(file, behind); err != nil {
		return err
	}
	last, err := std.profileDirs().Approved.Last(file.Path)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", report.Escape(file.Path), file.Hash)
	now := decided(projectSources(file.Data), behind, []string{hostArch})
	if last != nil && profile.Hash(last) != file.Hash {
		text, _ := report.Patch(projectFile, string(last), string(file.Data), false)
		b.WriteString("since it was approved last:\n" + text)
		if change, _ := report.Patch("what it decides", decided(projectSources(last), behind, []string{hostArch}), now, false); change != "" {
			b.WriteString(change)
		} else {
			b.WriteString("it decides what it did\n")
		}
	} else {
		b.WriteString(now)
	}
	if strings.Contains(b.String(), "  ! ") {
		b.WriteString(weakNote)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

const weakNote = "! weakens what the profile extends, by the controls in brackets: zlaunch explain ID\n"

// usable refuses a file of which a profile cannot be used.
func usable(file profile.Pending, behind []profile.Source) error {
	v := profile.Validate(append(slices.Clip(behind), projectSources(file.Data)...), projectFile, time.Now(), nil)
	if len(v.Faults) == 0 {
		return nil
	}
	next := "zlaunch validate " + projectFile
	if h := hint.Of(v.Faults[0]); h != "" {
		next = h + "\n" + next
	}
	return hint.Errorf(next, "approving %s: %s: %s", file.Path, v.Faults[0].Place(), v.Faults[0].Message())
}

func projectSources(data []byte) []profile.Source {
	return []profile.Source{{Layer: container.LayerProject, File: projectFile, Data: data}}
}

// decided writes the profiles that files of one layer define and what they decide on archs,
// of those that they name an image for where there are several, a line each. A line that
// begins with ! weakens.
func decided(files, behind []profile.Source, archs []string) string {
	c, far := profile.Assemble(append(slices.Clip(behind), files...)), profile.Assemble(behind)
	var b strings.Builder
	for _, name := range c.Runnable(files[0].Layer) {
		var texts []string
		on := map[string][]string{} // the architectures of each text
		for _, arch := range archs {
			p, err := c.ResolveBare(name, arch)
			if err != nil {
				texts, on = []string{fmt.Sprintf(" cannot be used: %v\n", err)}, nil
				break
			}
			if len(archs) > 1 && !slices.Contains(p.Archs, arch) {
				continue
			}
			text := decidedOn(p, far)
			if on[text] == nil {
				texts = append(texts, text)
			}
			on[text] = append(on[text], arch)
		}
		for _, text := range texts {
			fmt.Fprintf(&b, "  profile %s", name)
			if len(archs) > 1 && on != nil {
				b.WriteString(" on " + strings.Join(on[text], ", "))
			}
			b.WriteString(text)
		}
	}
	return b.String()
}

// decidesNothing are the keys of a profile that are text, or are written otherwise.
var decidesNothing = []string{"about", "deprecated", "docs", "kind", "knobs", "nnpa", "owner", "problems", "waiver"}

// decidedOn writes what the nearest files of a profile decide on its architecture.
func decidedOn(p *profile.Profile, far *profile.Catalog) string {
	var b strings.Builder
	fmt.Fprintf(&b, " (%s), extends %s\n", p.Kind, strings.Join(p.Chain[min(1, len(p.Chain)):], ", "))
	if q, err := far.ResolveBare(p.Name, p.Arch); err == nil {
		fmt.Fprintf(&b, "    takes the place of %s in %s\n", q.Name, report.Escape(q.File))
	}
	weak := weakened(p, far)
	for _, set := range container.Settings(p.Stated) {
		if len(set.Mark.Origin) > 0 && set.Mark.Origin[0].Layer == p.Layer {
			line := report.Escape(set.Path.String()) + " = " + report.Escape(report.Value(set))
			weak = mark(&b, line, set.Path, weak)
		}
	}
	for _, f := range weak { // of what it takes away
		fmt.Fprintf(&b, "  ! %s  %s\n", f.At.Key, weakens(f))
	}
	for _, said := range p.Said() {
		top, _, _ := strings.Cut(said.Key, ".")
		if !slices.Contains(decidesNothing, top) && len(said.Origins) > 0 && said.Origins[0].Layer == p.Layer {
			fmt.Fprintf(&b, "    %s = %s\n", report.Escape(said.Key), report.Escape(strings.Trim(fmt.Sprint(said.Value), "[]")))
		}
	}
	for _, line := range widened(p, far) {
		fmt.Fprintf(&b, "  ! %s\n", report.Escape(line))
	}
	for _, w := range p.Waivers {
		if w.Origin.Layer == p.Layer {
			fmt.Fprintf(&b, "  ! waives %s until %s: %s (%s)\n", strings.TrimSpace(w.Control+" "+report.Escape(w.At)), w.Expires.Format(time.DateOnly), report.Escape(w.Reason), report.Escape(w.Owner))
		}
	}
	return b.String()
}

// mark writes the line of one setting, with the failures that are of it; the others are
// left.
func mark(b *strings.Builder, line string, at container.Path, weak []audit.Finding) (left []audit.Finding) {
	begin, end := "    ", ""
	for _, f := range weak {
		if f.At.Key == at.Key && (f.At.Elem == "" || f.At.Elem == at.Elem) {
			begin, end = "  ! ", end+"  "+weakens(f)
		} else {
			left = append(left, f)
		}
	}
	b.WriteString(begin + line + end + "\n")
	return left
}

func weakens(f audit.Finding) string {
	return fmt.Sprintf("[%s %s, %s]", f.Control.ID, f.Control.Name, f.Severity)
}

// weakened are the failures of a profile that the nearest one behind the project's which
// it extends does not have.
func weakened(p *profile.Profile, far *profile.Catalog) []audit.Finding {
	before := map[string]bool{}
	for _, name := range p.Chain {
		if q, err := far.ResolveBare(name, p.Arch); err == nil {
			for _, f := range subject.Stated(q.Stated) {
				before[f.Control.ID+" "+f.At.String()] = true
			}
			break
		}
	}
	return slices.DeleteFunc(subject.Stated(p.Stated), func(f audit.Finding) bool { return before[f.Control.ID+" "+f.At.String()] })
}
