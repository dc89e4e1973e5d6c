package export

import (
	"fmt"
	"path"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// script is a run as lines of a shell: its networks, where they are not there yet, and the
// command. network says how the shell asks for it, with its name and what makes it.
func script(r form.Run, words []string, network string) (*form.Document, error) {
	if err := podmanrun.Shown(r.Spec); err != nil {
		return nil, err
	}
	text, err := podmanrun.Pretty(words)
	if err != nil {
		return nil, err
	}
	for _, n := range slices.Backward(r.Networks) {
		name, err := podmanrun.Line([]string{n.Name})
		if err != nil {
			return nil, err
		}
		create, err := podmanrun.Line(n.Create(words[0]))
		if err != nil {
			return nil, err
		}
		text = fmt.Sprintf(network, name, create) + "\n" + text
	}
	doc := &form.Document{Files: []form.File{{Name: r.Name + ".sh", Data: []byte(text + "\n")}}}
	if typedEnv(r.Spec) {
		doc.Notes = append(doc.Notes, "the line holds the values that --env gave")
	}
	if v, _, _ := container.SeccompProfile.Get(r.Spec); path.IsAbs(v) {
		doc.Notes = append(doc.Notes, v+" has to be there where the line is called")
	}
	for _, f := range r.Files {
		doc.Beside = append(doc.Beside, form.File{Name: path.Base(f.Name), Data: f.Data})
	}
	return doc, nil
}

// typedEnv tells whether a variable comes from the command line, which every other output
// hides.
func typedEnv(s *container.Spec) bool {
	return slices.ContainsFunc(container.Env.Keys(s), func(k string) bool {
		_, m, _ := container.Env.Get(s, k)
		return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerCommandLine
	})
}
