package kube

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/yamledit"
)

// Sayable tells whether a manifest can say what a container is to be.
func Sayable(a form.Anew) error {
	_, _, err := fragments(a)
	return err
}

// Fix is the lines of manifests in which containers are what they are to be. What does not
// change keeps its place; the caller reads the lines again.
func Fix(lines []string, all []form.Anew) ([]string, error) {
	in := yaml.NewDecoder(strings.NewReader(strings.Join(lines, "\n")))
	var docs []*yaml.Node
	for {
		n := &yaml.Node{}
		if err := in.Decode(n); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		docs = append(docs, n)
	}
	t := yamledit.New(lines)
	for _, a := range all {
		if err := fix(t, docs, a); err != nil {
			return nil, err
		}
	}
	return t.Lines()
}

// fix changes one container: what it says of itself in it, what its pod says in that.
func fix(t *yamledit.Text, docs []*yaml.Node, a form.Anew) error {
	ctr, pod, err := fragments(a)
	if err != nil {
		return err
	}
	image := a.At[at(container.Image)]
	if len(image) == 0 {
		return errors.New("it names no image")
	}
	spec, own := podOf(docs, place(a, image[0]))
	if own == nil {
		return errors.New("it is put together elsewhere")
	}
	inside, outside := yamledit.Change{With: ctr}, yamledit.Change{With: pod}
	for _, p := range a.Changed() {
		if isMount(a, p) {
			if err := fixMount(t, own, a, p); err != nil {
				return err
			}
			continue
		}
		for _, i := range a.At[p] {
			if here := place(a, i); yamledit.At(own, here) != nil {
				inside.Gone = append(inside.Gone, here)
			} else if _, wanted := a.Want.MarkOf(p); !wanted {
				outside.Gone = append(outside.Gone, here)
			}
		}
	}
	for _, c := range []struct {
		into *yaml.Node
		how  yamledit.Change
	}{{own, inside}, {spec, outside}} {
		if len(c.how.With.Content)+len(c.how.Gone) == 0 {
			continue
		}
		if err := t.Change(c.into, c.how); err != nil {
			return err
		}
	}
	return nil
}

// isMount tells of a path that it is a mount that stays.
func isMount(a form.Anew, p container.Path) bool {
	_, had := a.Spec.MarkOf(p)
	_, wanted := a.Want.MarkOf(p)
	return p.Key == container.VolumeAt.Key() && had && wanted
}

// sayableMount: a mount says whether it is read-only, and its volume says the rest.
func sayableMount(a form.Anew, p container.Path) error {
	was, _, _ := container.VolumeAt.Get(a.Spec, p.Elem)
	is, _, _ := container.VolumeAt.Get(a.Want, p.Elem)
	if was.ReadOnly = is.ReadOnly; was != is {
		return errors.New("a mount of Kubernetes is read-only or not, and says no more")
	}
	return nil
}

// fixMount changes a mount of a container.
func fixMount(t *yamledit.Text, own *yaml.Node, a form.Anew, p container.Path) error {
	is, _, _ := container.VolumeAt.Get(a.Want, p.Elem)
	for _, m := range items(field(own, "volumeMounts")) {
		for _, i := range a.At[p] {
			if yamledit.At(m, place(a, i)) != nil {
				with, err := fragment(map[string]bool{"readOnly": is.ReadOnly})
				if err != nil {
					return err
				}
				return t.Change(m, yamledit.Change{With: with})
			}
		}
	}
	return errors.New("the mount at " + clip(p.Elem) + " stands elsewhere")
}

func place(a form.Anew, word int) yamledit.Place {
	return yamledit.Place{Line: a.Words[word].Line, Col: a.Words[word].Col}
}

// podOf are the spec of a pod and the container in it one of whose keys stands at a place.
func podOf(docs []*yaml.Node, p yamledit.Place) (spec, own *yaml.Node) {
	for _, n := range docs {
		for _, l := range lists {
			for _, c := range items(field(n, l.key)) {
				for _, e := range entries(c) {
					if yamledit.Of(e.key) == p {
						return n, c
					}
				}
			}
		}
		if spec, own := podOf(n.Content, p); own != nil {
			return spec, own
		}
	}
	return nil, nil
}

// fragments are what a container, and the spec of its pod, say then.
func fragments(a form.Anew) (ctr, pod *yaml.Node, err error) {
	w := &writer{spec: &container.Spec{}, target: Targets[len(Targets)-1]}
	w.ctr.SecurityContext = &w.security
	for _, p := range a.Changed() {
		if isMount(a, p) {
			if err := sayableMount(a, p); err != nil {
				return nil, nil, err
			}
			continue
		}
		if _, wanted := a.Want.MarkOf(p); !wanted {
			continue
		}
		ctr, pod, err := soFar(w)
		if err != nil {
			return nil, nil, err
		}
		w.spec = container.Part(a.Want, p)
		w.run.Spec = w.spec
		said := false
		for _, e := range table() {
			if e.row.Key() == p.Key {
				said = true
				w.row(e)
			}
		}
		switch {
		case !said:
			return nil, nil, fmt.Errorf("no field that zlaunch writes says %s", p.Key)
		case len(w.lost) > 0:
			return nil, nil, errors.New(w.lost[0].Why)
		case w.policy != nil || len(w.ports)+len(w.claims)+len(w.meta.Annotations)+len(w.meta.Labels) > 0:
			return nil, nil, fmt.Errorf("%s is said by an object of its own", p.Key)
		}
		if ctr2, pod2, err := soFar(w); err == nil && len(a.At[p]) == 0 && reflect.DeepEqual(ctr, ctr2) && reflect.DeepEqual(pod, pod2) {
			return nil, nil, fmt.Errorf("no field says another %s", p.Key)
		}
	}
	return soFar(w)
}

// soFar is what is written, of the container and of its pod.
func soFar(w *writer) (ctr, pod *yaml.Node, err error) {
	if ctr, err = fragment(w.ctr, "name", "image"); err != nil {
		return nil, nil, err
	}
	pod, err = fragment(w.pod)
	return ctr, pod, err
}

// fragment is a mapping without some keys, and without those that say nothing.
func fragment(of any, but ...string) (*yaml.Node, error) {
	n := &yaml.Node{}
	if err := n.Encode(of); err != nil {
		return nil, err
	}
	out := &yaml.Node{Kind: yaml.MappingNode}
	for _, e := range entries(n) {
		if !contains(strings.Join(but, " "), e.key.Value) && !(e.value.Kind == yaml.MappingNode && len(e.value.Content) == 0) {
			out.Content = append(out.Content, e.key, e.value)
		}
	}
	return out, nil
}
