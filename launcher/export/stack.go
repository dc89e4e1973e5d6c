package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// WriteStack writes the runs of a stack in a form, as [Write] writes one. What is mounted as
// the models holds for those that have any.
func WriteStack(f Form, s form.Stack, o Options) (*form.Document, error) {
	if f.Stack == nil {
		return nil, hint.Errorf("one of "+strings.Join(ofStacks(), ", "), "%s has no words for a stack", f.Name)
	}
	if err := o.Check(f); err != nil {
		return nil, err
	}
	s.Runs = slices.Clone(s.Runs)
	for i := range s.Runs {
		if s.Runs[i].Models != "" {
			s.Runs[i].From = o.Models
		}
	}
	target, note := f.target(o.Target, s.Runs[0].Judged)
	doc, err := f.Stack(s, target)
	if err != nil {
		return nil, fmt.Errorf("writing the stack %s as %s: %w", s.Name, f.Name, err)
	}
	if note != "" {
		doc.Notes = append([]string{note}, doc.Notes...)
	}
	var costs []Cost
	for _, r := range s.Runs {
		others := func(l form.Loss) bool { return l.Run != r.Name }
		costs = append(costs, costsOf(r.Judged, slices.DeleteFunc(slices.Clone(doc.Lost), others))...)
	}
	if lost := refused(costs, o.Allow); lost != nil {
		lost.Form, lost.Run = f.Name, "the stack "+s.Name
		return nil, told(lost)
	}
	headed(doc, costs)
	return doc, nil
}

// ofStacks are the names of the forms that have words for a stack.
func ofStacks() []string {
	var out []string
	for _, f := range Forms() {
		if f.Stack != nil {
			out = append(out, f.Name)
		}
	}
	return out
}

// linesOf writes a stack as lines of one file: each network where it is first needed, and
// each run behind those that it waits for.
func linesOf(write func(form.Run, string) (*form.Document, error)) func(form.Stack, string) (*form.Document, error) {
	return func(s form.Stack, target string) (*form.Document, error) {
		var text []byte
		made := map[string]bool{}
		doc, err := s.Each(func(r form.Run) (*form.Document, error) {
			r.Networks = slices.DeleteFunc(slices.Clone(r.Networks), func(n form.Network) bool { return made[n.Name] })
			for _, n := range r.Networks {
				made[n.Name] = true
			}
			doc, err := write(r, target)
			if err != nil {
				return nil, err
			}
			text, doc.Files = append(text, doc.Files[0].Data...), doc.Files[1:]
			if len(r.After) > 0 {
				doc.Lost = append(doc.Lost, form.Loss{At: container.Path{Key: form.Waits}, Why: "a line is carried out once those before it run, not once they serve"})
			}
			return doc, nil
		})
		if err != nil {
			return nil, err
		}
		if _, err := podmanrun.Line([]string{s.Name}); err != nil {
			return nil, err
		}
		doc.Files = append([]form.File{{Name: s.Name + ".sh", Data: text}}, doc.Files...)
		return doc, nil
	}
}
