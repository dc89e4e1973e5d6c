package export

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// fitting is a source while it is made a run that a form can be given.
type fitting struct {
	source FromFile
	form   Form
	target string
	spec   *container.Spec
	run    *form.Run
}

func (f *fitting) lose(l form.Loss) { f.run.Lost = append(f.run.Lost, l) }

// lost is a loss at the words that decided a setting.
func (f *fitting) lost(at container.Path, why string, instead func(*container.Spec)) {
	l := form.Loss{At: at, Why: why, Instead: instead}
	if words := f.source.Reading.At[at]; len(words) > 0 {
		l.Place = f.source.place(words[0])
	}
	f.lose(l)
}

// open leaves out what nobody knows here. What only a cluster shows of a manifest is taken
// as it is written.
func (f *fitting) open() {
	r := f.source.Reading
	seen := map[[2]string]bool{}
	for _, o := range r.Open {
		if r.Engine != effective.Kubernetes {
			f.leave(o.At)
		}
		place := f.source.place(o.Word)
		if !seen[[2]string{place, o.Why}] { // one cause may open several settings
			seen[[2]string{place, o.Why}] = true
			f.lose(form.Loss{At: o.At, Why: o.Why, Place: place})
		}
	}
	for _, at := range container.VolumeAt.Keys(f.spec) {
		if v, _, _ := container.VolumeAt.Get(f.spec, at); v.Open && r.Engine != effective.Kubernetes {
			f.lost(container.Path{Key: container.VolumeAt.Key(), Elem: at}, command.Clip(v.Source)+" is filled in by whoever calls it", nil)
			container.VolumeAt.Delete(f.spec, at)
		}
	}
	for _, o := range f.source.Beside {
		place, why := f.source.besides(o)
		f.lose(form.Loss{Why: why, Place: place})
	}
}

// leave takes a setting out of the run.
func (f *fitting) leave(at container.Path) {
	row := container.ByKey(at.Key)
	switch keyed, is := row.(elements); {
	case row == nil:
	case is && at.Elem != "":
		keyed.Delete(f.spec, at.Elem)
	case at.Elem == "" && !is:
		row.Clear(f.spec)
	}
}

// elements is a row of several, by name.
type elements interface {
	Delete(s *container.Spec, elem string)
}

// aside lists what changes a setting, and has none.
func (f *fitting) aside() {
	for _, o := range f.source.Reading.Aside {
		if o.At.Key != "" {
			f.lose(form.Loss{At: o.At, Why: o.Why, Place: f.source.place(o.Word)})
		}
	}
}

// toEngine states for the engine of the form what the source states for its own.
func (f *fitting) toEngine() {
	r := f.source.Reading
	var to *effective.Engine
	if kind := f.form.Engine(f.target); kind != "" {
		to = &effective.Engine{Kind: kind}
	}
	if r.Engine == effective.Kubernetes {
		ofCluster(f)
	}
	if _, _, named := container.Name.Get(f.spec); r.Form == composeFile.Name && !named && f.form.Name != r.Form {
		container.Name.Set(f.spec, r.Name, container.From(container.Origin{Layer: container.LayerEngine, Key: "compose"})) // by which the other services find it
	}
	relative(f)
	from := effective.Engine{Kind: r.Engine, Open: unknown(f)}
	want := effective.Complete(f.spec, from)
	f.spec = effective.Restate(f.spec, from, to)
	if f.form.Name == composeFile.Name { // which makes a network of its own where none is said
		container.Network.Copy(f.spec, want)
	}
	if memory, _, _ := container.Memory.Get(want); memory > 0 && f.form.Engine(f.target) == effective.Kubernetes { // which gives no swap
		container.MemorySwap.Copy(f.spec, want)
	}
	if image, m, _ := container.Image.Get(f.spec); r.Engine != "podman" && f.form.Engine(f.target) != r.Engine {
		container.Image.Set(f.spec, qualified(image), m)
	}
	removed(f)
}

// unknown are the rows of which something is open, and that state nothing: no default fills
// them.
func unknown(f *fitting) []string {
	var out []string
	for _, o := range f.source.Reading.Open {
		if _, known := f.spec.MarkOf(container.Path{Key: o.At.Key}); o.At.Elem == "" && container.ByKey(o.At.Key) != nil && !known {
			out = append(out, o.At.Key)
		}
	}
	return out
}

// qualified writes out the registry that Docker and a kubelet ask where a name has none
// (github.com/distribution/reference, ParseNormalizedNamed); Podman asks those of
// registries.conf.
func qualified(image string) string {
	first, _, has := strings.Cut(image, "/")
	switch {
	case image == "" || has && (strings.ContainsAny(first, ".:") || first == "localhost"):
		return image
	case has:
		return "docker.io/" + image
	}
	return "docker.io/library/" + image
}

// relative puts paths below the directory of the file.
func relative(f *fitting) {
	below := func(p string) string {
		if strings.HasPrefix(p, ".") {
			return path.Join(f.source.Dir, p)
		}
		return p
	}
	for _, at := range container.VolumeAt.Keys(f.spec) {
		v, m, _ := container.VolumeAt.Get(f.spec, at)
		v.Source = below(v.Source)
		container.VolumeAt.Set(f.spec, at, v, m)
	}
	if v, m, known := container.SeccompProfile.Get(f.spec); known && strings.HasSuffix(v, ".json") && !path.IsAbs(v) {
		container.SeccompProfile.Set(f.spec, path.Join(f.source.Dir, v), m)
	}
}

// ofCluster takes out what only a cluster has: the token that a pod shows the API server, of
// which no form of zlaunch writes one, and files of its objects.
func ofCluster(f *fitting) {
	for _, at := range container.VolumeAt.Keys(f.spec) {
		v, m, _ := container.VolumeAt.Get(f.spec, at)
		stated := len(f.source.Reading.At[container.Path{Key: container.VolumeAt.Key(), Elem: at}]) > 0
		claim := v.Open
		v.Open = false
		switch {
		case path.IsAbs(v.Source) && stated, v.Source == "", claim:
			container.VolumeAt.Set(f.spec, at, v, m)
		default:
			container.VolumeAt.Delete(f.spec, at)
			if stated {
				f.lost(container.Path{Key: container.VolumeAt.Key(), Elem: at}, "its files are of an object of the cluster", nil)
			}
		}
	}
	for _, name := range container.Env.Keys(f.spec) {
		if v, _, _ := container.Env.Get(f.spec, name); v == container.Redacted {
			container.Env.Delete(f.spec, name) // it is open
		}
	}
}

// removed: what a unit starts anew is made anew, where an engine starts the same container
// again and takes no --rm with that.
func removed(f *fitting) {
	rm, m, _ := container.Rm.Get(f.spec)
	if again, _, _ := container.Restart.Get(f.spec); !rm || again == "" || again == "no" {
		return
	}
	nature := slices.ContainsFunc(f.form.Says(f.target), func(s form.Says) bool {
		return s.Row.Key() == container.Rm.Key() && s.Nature == "true"
	})
	if nature || f.form.Name == quadletUnit.Name {
		container.Rm.Clear(f.spec)
		return
	}
	container.Rm.Set(f.spec, false, m)
	f.lost(container.Path{Key: container.Rm.Key()}, "an engine that starts a container again does not remove it",
		func(s *container.Spec) { container.Rm.Set(s, false, m) })
}

// kind is what the run is, as far as it shows: what publishes nothing and is not started
// again runs to its end.
func kindOf(f *fitting) string {
	again, _, _ := container.Restart.Get(f.spec)
	if len(container.Publish.Keys(f.spec)) == 0 && (again == "" || again == "no") {
		return "job"
	}
	return ""
}
