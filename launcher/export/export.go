// Package export writes a run in the forms of others: a podman or docker line, a Quadlet
// unit, manifests of Kubernetes, a Compose file.
//
// No form says all that Podman can. What one cannot say is an error that names the
// settings and the controls that would no longer be met, unless each is allowed by name;
// then the files say so themselves.
package export

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Form is one way to write a run.
type Form struct {
	Name    string   // "quadlet"
	About   string   // one line, verb first
	Targets []string // what reads it, by version, the oldest first: "4.4"; nil: there is one
	Default string   // the target where nobody names one; "" the newest
	// Here is the target that the Podman of a version reads; "" it reads none. nil: targets
	// are no versions of Podman.
	Here func(engine string) string
	// Away tells that another machine reads it: what this one lacks is no matter.
	Away bool
	// Models are the kinds of [form.Source] that it mounts as the models, for a target; nil: it
	// mounts what is there.
	Models func(target string) []string
	// Engine is whose defaults hold where the form says nothing, as [effective.Engine] has
	// it; "" nobody knows them all.
	Engine func(target string) string
	// Foreign is the engine whose options the form can hold, those too that no plan has: podman
	// or docker; "" it holds those of a plan.
	Foreign string
	// Says is the table of the form for a target: one answer for each row.
	Says func(target string) []form.Says
	// Write writes a run for a target. What it cannot say is in Lost; an error is a run
	// that cannot be written at all.
	Write func(r form.Run, target string) (*form.Document, error)
	// Stack writes several as one; nil: the form has no words for that.
	Stack func(s form.Stack, target string) (*form.Document, error)
}

// Forms lists the forms in the order of help.
func Forms() []Form {
	return []Form{podmanLine, dockerLine, quadletUnit, kubernetes, modelServing, composeFile}
}

// Names are those of the forms.
func Names() []string {
	var out []string
	for _, f := range Forms() {
		out = append(out, f.Name)
	}
	return out
}

// Find is the form called name; false: there is none.
func Find(name string) (Form, bool) {
	all := Forms()
	i := slices.IndexFunc(all, func(f Form) bool { return f.Name == name })
	if i < 0 {
		return Form{}, false
	}
	return all[i], true
}

// Write writes a run in a form. The error is a *[LossError] where something would be lost
// that o does not allow.
func Write(f Form, r form.Run, o Options) (*form.Document, error) {
	if err := o.Check(f); err != nil {
		return nil, err
	}
	if o.Models.Kind != "" && r.Models == "" {
		return nil, hint.Errorf("--models DIR", "%s has no models that could be mounted as %s", r.Name, o.Models.Kind)
	}
	r.From = o.Models
	target, note := f.target(o.Target, r.Judged)
	doc, err := f.Write(r, target)
	if err != nil {
		return nil, fmt.Errorf("writing %s as %s: %w", r.Name, f.Name, err)
	}
	if note != "" {
		doc.Notes = append([]string{note}, doc.Notes...)
	}
	doc.Lost = append(slices.Clone(r.Lost), doc.Lost...)
	costs := costsOf(r.Judged, doc.Lost)
	if lost := refused(costs, o.Allow); lost != nil {
		lost.Form, lost.Run = f.Name, r.Name
		return nil, told(lost)
	}
	headed(doc, costs)
	return doc, nil
}

// told is the error of what is lost, with what to type.
func told(lost *LossError) error {
	next := "--allow-loss " + strings.Join(lost.Allows(), ",") + " writes it without them, and the file says so"
	if i := slices.IndexFunc(lost.Costs, func(c Cost) bool { return c.Place != "" }); i >= 0 {
		next = "where a place is named, write what is not known into the file, or take it out\n" + next
	}
	return hint.Wrap(lost, next)
}

// headed says at the head of each file what it costs: of several files each has its own run's.
func headed(doc *form.Document, costs []Cost) {
	dumb := func(f form.File) bool { return path.Ext(f.Name) == ".json" } // which has no comments
	several := len(slices.DeleteFunc(slices.Clone(doc.Files), dumb)) > 1
	for i, f := range doc.Files {
		if dumb(f) {
			continue
		}
		others := func(c Cost) bool { return c.Run != "" && several && !strings.HasPrefix(f.Name, c.Run+".") }
		own := slices.DeleteFunc(slices.Clone(costs), others)
		doc.Files[i].Data = append([]byte(header(own)), f.Data...)
	}
}

// target is the one that is named, or that of the engine that the run was planned for, which
// a note tells.
func (f Form) target(name string, planned *container.Spec) (target, note string) {
	engine, _, known := container.EngineVersion.Get(planned)
	if name != "" || len(f.Targets) == 0 {
		return name, ""
	}
	if f.Here != nil && known {
		if target = f.Here(engine); target != "" {
			return target, fmt.Sprintf("it is for Podman %s, which is here; --target writes for another", target)
		}
		note = fmt.Sprintf("the Podman here, %s, reads no such form, and it is for %s", engine, cmp.Or(f.Default, "the newest"))
	}
	return cmp.Or(f.Default, f.Targets[len(f.Targets)-1]), note
}

// header says at the head of a file what its form does not. Every form has comments that
// begin with "#", but for what lies beside it as JSON.
func header(costs []Cost) string {
	var b strings.Builder
	for _, c := range costs {
		fmt.Fprintf(&b, "# lost, as allowed: %s\n", strings.Map(inLine, c.String()))
	}
	return b.String()
}

// inLine keeps a comment on its line, whatever an element is called.
func inLine(r rune) rune {
	if unicode.IsControl(r) {
		return unicode.ReplacementChar
	}
	return r
}
