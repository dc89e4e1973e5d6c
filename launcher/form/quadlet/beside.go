package quadlet

import (
	"bytes"
	"path"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// here is the directory that the manager reads a unit from, as the unit says it: a user's own,
// and the system's in /etc (systemd.unit(5), Specifiers).
const here = "%E/containers/systemd/"

// beside lays the files of zlaunch's own beside the unit, and has it name them there. One that
// is somewhere else is none, and Podman then starts nothing.
func beside(w *writer) {
	for _, f := range w.run.Files {
		name := path.Base(f.Name)
		was, is := "\nSeccompProfile="+literal(f.Name)+"\n", "\nSeccompProfile="+here+literal(name)+"\n"
		w.doc.Files[0].Data = bytes.Replace(w.doc.Files[0].Data, []byte(was), []byte(is), 1)
		w.doc.Beside = append(w.doc.Beside, form.File{Name: name, Data: f.Data})
	}
}
