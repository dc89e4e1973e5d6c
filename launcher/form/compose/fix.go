package compose

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/yamledit"
)

// Sayable tells whether a file can say what a service is to be.
func Sayable(a form.Anew) error {
	_, err := changeOf(a, nil)
	return err
}

// Fix is the lines of a file in which services are what they are to be. What does not change
// keeps its place; the caller reads the lines again.
func Fix(lines []string, all []form.Anew) ([]string, error) {
	s, err := parse("", []byte(strings.Join(lines, "\n")))
	if err != nil {
		return nil, err
	}
	r, t := &reader{}, yamledit.New(lines)
	for _, a := range all {
		into := r.field(r.field(s.top, "services"), a.Name)
		if into == nil {
			return nil, fmt.Errorf("the service %s stands elsewhere", shown(a.Name))
		}
		c, err := changeOf(a, into)
		if err != nil {
			return nil, err
		}
		if err := t.Change(into, c); err != nil {
			return nil, err
		}
	}
	return t.Lines()
}

// changeOf is how the mapping of a service changes; without that it tells whether it can.
func changeOf(a form.Anew, into *yaml.Node) (yamledit.Change, error) {
	target := Docker
	if a.Engine == "podman" {
		target = Podman
	}
	w := &writer{file: newFile(a.Name, target), run: form.Run{Name: a.Name}, service: mapping(), doc: &form.Document{}}
	c := yamledit.Change{With: w.service, Swap: map[yamledit.Place]*yaml.Node{}}
	for _, p := range a.Changed() {
		_, wanted := a.Want.MarkOf(p)
		swapped, err := false, error(nil)
		if wanted {
			swapped, err = instead(w, a, p, into, c.Swap)
		}
		if err == nil && wanted && !swapped {
			err = w.one(a, p)
		}
		if err != nil {
			return c, err
		}
		if swapped {
			continue
		}
		for _, i := range a.At[p] {
			if a.Words[i].File != "" {
				return c, errors.New("it stands in " + shown(a.Words[i].File))
			}
			c.Gone = append(c.Gone, yamledit.Place{Line: a.Words[i].Line, Col: a.Words[i].Col})
		}
	}
	return c, nil
}

// one writes a setting as a file of zlaunch's own has it.
func (w *writer) one(a form.Anew, p container.Path) error {
	i := slices.IndexFunc(keys, func(k key) bool { return k.row != nil && k.row.Key() == p.Key })
	if i < 0 {
		return fmt.Errorf("no key that zlaunch writes says %s", p.Key)
	}
	before, err := encoded(w.service)
	if err != nil {
		return err
	}
	w.run.Spec = container.Part(a.Want, p)
	if !w.cannot(keys[i]) {
		if err := keys[i].as.write(w, keys[i]); err != nil {
			return err
		}
	}
	switch {
	case len(w.doc.Lost) > 0:
		return errors.New(w.doc.Lost[0].Why)
	case len(w.top) > 0:
		return fmt.Errorf("%s needs a declaration at the top of the file", p.Key)
	}
	if after, err := encoded(w.service); err != nil || bytes.Equal(after, before) && len(a.At[p]) == 0 {
		return errors.Join(err, fmt.Errorf("no key says another %s", p.Key))
	}
	return nil
}

// instead writes a mount or a port in the words of the short form where it stands in that;
// false: it does not.
func instead(w *writer, a form.Anew, p container.Path, into *yaml.Node, swap map[yamledit.Place]*yaml.Node) (bool, error) {
	mount, port := p.Key == container.VolumeAt.Key(), p.Key == container.Publish.Key()
	if len(a.At[p]) != 1 || !mount && !port {
		return false, nil
	}
	word := a.Words[a.At[p][0]]
	_, text, _ := strings.Cut(word.Text, ": ")
	if mount {
		v, _, _ := container.VolumeAt.Get(a.Want, p.Elem)
		if lost := flagsOf(v); w.target == Docker && len(lost) > 0 {
			return false, errors.New("Docker mounts without " + strings.Join(lost, ", "))
		}
		source, _, found := strings.Cut(text, ":"+p.Elem)
		if !found {
			return false, errors.New("its mount is written otherwise")
		}
		text = source + ":" + p.Elem + ":" + strings.Join(podmanrun.VolumeOptions(v), ",")
	} else {
		values, err := dockerValues(container.Part(a.Want, p))
		if err != nil || len(values) != 1 {
			return false, errors.New("its port is written otherwise")
		}
		text = strings.TrimSuffix(values[0], "/tcp")
	}
	at := yamledit.Place{Line: word.Line, Col: word.Col}
	if into == nil {
		return true, nil
	}
	n := yamledit.At(into, at)
	if n == nil || n.Kind != yaml.ScalarNode || word.File != "" || word.Raw == "" || "volumes: "+n.Value != word.Text && "ports: "+n.Value != word.Text {
		return false, errors.New("it is written in the long form")
	}
	swap[at] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: n.Style}
	return true, nil
}
