package quadlet

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// through reads the made line by the reader of command lines and leads all it
// says back to the lines of the unit.
func (r *reader) through(m *maker) error {
	args, holes := m.fill()
	got, err := command.ReadFilled(args, m.env, holes)
	if err != nil {
		return err
	}
	r.out.Spec, r.out.Pod, r.out.At = got.Spec, got.Pod, make(map[container.Path][]int, len(got.At))
	for p, at := range got.At {
		if words := m.back(at); len(words) > 0 {
			r.out.At[p] = words
			r.out.Spec.Remark(p, container.From(r.origin(words[0])))
			continue
		}
		r.out.Spec.Remark(p, byQuadlet)
	}
	closeSpec(r)
	for _, o := range got.Open {
		r.said(m, o)
	}
	for _, o := range got.Aside {
		if o.Word >= 0 {
			o.Word = m.args[o.Word].word
		}
		r.out.Aside = append(r.out.Aside, o)
	}
	return nil
}

// byQuadlet marks what Podman's generator writes of its own: --rm, --replace,
// --cgroups=split, --sdnotify=conmon, -d, and the container's name.
var byQuadlet = container.From(container.Origin{Layer: container.LayerEngine, Key: "quadlet"})

// back lists the words of the unit that made some of the arguments, each once.
func (m *maker) back(args []int) []int {
	var out []int
	for _, i := range args {
		if w := m.args[i].word; w >= 0 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// said lists what the line's reader could not know, in words of the unit.
func (r *reader) said(m *maker, o form.Open) {
	word := -1
	if o.Word >= 0 {
		word = m.args[o.Word].word
	}
	why := bySystemd(o.Why)
	if o.At.Key == container.Image.Key() && o.Word < 0 {
		why = "the unit names neither Image= nor Rootfs=; Podman refuses it"
	}
	r.open(form.Open{At: o.At, Word: word, Why: strings.Replace(why, "the line names", "the unit names", 1), Unknown: o.Unknown})
}

// origin is the line of a word.
func (r *reader) origin(word int) container.Origin {
	w := r.out.Words[word]
	file := w.File
	if file == "" {
		file = r.out.File
	}
	key, _, _ := strings.Cut(w.Text, "=")
	return container.Origin{Layer: r.by.layer(), File: file, Key: key}
}

// closeSpec marks the collections that are known to be complete as the unit's.
func closeSpec(r *reader) {
	m := container.From(container.Origin{Layer: r.by.layer(), File: r.out.File})
	for _, row := range container.All() {
		p := container.Path{Key: row.Key()}
		if _, said := r.out.At[p]; said {
			continue
		}
		if mark, known := r.out.Spec.MarkOf(p); known && mark.Origin[0].Layer == container.LayerCommandLine {
			r.out.Spec.Remark(p, m)
		}
	}
}

func comparePaths(a, b container.Path) int {
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Elem, b.Elem))
}
