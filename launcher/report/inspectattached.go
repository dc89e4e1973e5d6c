package report

import (
	"fmt"
	"io"

	"github.com/zlaunch/zlaunch/launcher/inspected"
)

// attached writes what is attached to it, and what of that Podman's own policy sees.
func (d Inspected) attached(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "ATTACHED"}, {title: "AS", most: 32}, {title: "BY"}, {title: "POLICY.JSON SEES IT", short: "PODMAN"}, {title: "DIGEST", below: true}, {title: "", wraps: true, below: true}}}
	for _, l := range d.Attached {
		for _, a := range l.Things {
			t.add(string(a.Kind), a.Form, string(a.Way), either(a.Podman, "yes", "no"), a.Digest, aside(a, l))
		}
	}
	if len(t.rows) > 0 {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
		if err := t.write(w, on); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "\n"+d.looked())
	return err
}

// aside says what else there is to say of a thing.
func aside(a inspected.Thing, in inspected.Look) string {
	switch {
	case a.Fault != "":
		return "counts for nothing: " + a.Fault
	case a.Subject != in.Subjects[0]:
		return "of the index that lists it"
	}
	return ""
}

// looked says where it was looked, and where not.
func (d Inspected) looked() (out string) {
	asked := false
	for _, l := range d.Attached {
		place := either(l.Registry == "", "the layout", l.Registry)
		asked = asked || l.Registry != ""
		if len(l.Things) == 0 && l.Partial == "" {
			out += fmt.Sprintf("Nothing is attached to it in %s.\n", Escape(place))
		}
		if l.Partial != "" {
			out += fmt.Sprintf("There may be more in %s: %s.\n", Escape(place), Escape(l.Partial))
		}
	}
	switch {
	case d.Signed != nil:
		out += fmt.Sprintf("cosign verified a signature of %s by %s.\n", Escape(d.Signed.Of), Escape(d.Signed.By))
	case len(d.Attached) > 0:
		out += "No signature was verified: that one is there says nothing of who made it.\n"
	}
	if !asked {
		out += "No registry was asked what is attached to it.\n"
	}
	return out
}
