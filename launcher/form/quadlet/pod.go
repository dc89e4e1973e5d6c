package quadlet

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// The settings that a container of a pod has from it (podman-pod-create(1)).
var (
	podRows = []container.Row{
		container.Network, container.Userns, container.UidMaps, container.GidMaps, container.SubIds, container.Hostname, container.Dns,
		container.AddHost, container.NoHosts, container.ShmSize, container.Pid, container.Ipc, container.Uts, container.SecurityLabel,
	}
	podTexts = []container.Map[string]{container.Sysctl}
)

// share gives the run what its pod says and it does not say itself.
func (r *reader) share(m *maker) error {
	args, holes := m.fill()
	got, err := command.ReadFilled(args, m.env, holes)
	if err != nil {
		return err
	}
	shared := map[string]bool{}
	for _, row := range podRows {
		shared[row.Key()] = true
		p := container.Path{Key: row.Key()}
		if _, own := r.out.Spec.MarkOf(p); !own {
			row.Copy(r.out.Spec, got.Spec)
			r.point(m, got, p)
		}
	}
	fold(r, m, got, container.Publish, shared)
	fold(r, m, got, container.VolumeAt, shared)
	fold(r, m, got, container.TmpfsAt, shared)
	for _, row := range podTexts {
		fold(r, m, got, row, shared)
	}
	r.others(m, got, shared)
	for _, o := range got.Open {
		r.said(m, o)
	}
	return nil
}

// fold adds the elements of a pod's collection that the run does not have.
func fold[T any](r *reader, m *maker, got *form.Reading, row container.Map[T], shared map[string]bool) {
	shared[row.Key()] = true
	for _, k := range row.Keys(got.Spec) {
		v, mark, ok := row.Get(got.Spec, k)
		if _, _, own := row.Get(r.out.Spec, k); own || !ok {
			continue
		}
		row.Set(r.out.Spec, k, v, mark)
		r.point(m, got, container.Path{Key: row.Key(), Elem: k})
	}
}

// point leads a setting to the lines of the pod.
func (r *reader) point(m *maker, got *form.Reading, p container.Path) {
	if words := m.back(got.At[p]); len(words) > 0 {
		r.out.At[p] = words
		r.out.Spec.Remark(p, container.From(r.origin(words[0])))
	}
}

// others lists what the pod decides that its containers have in part.
func (r *reader) others(m *maker, got *form.Reading, shared map[string]bool) {
	var left []container.Path
	for p := range got.At {
		if !shared[p.Key] && p.Key != container.Image.Key() && p.Key != container.Other.Key() {
			left = append(left, p)
		}
	}
	slices.SortFunc(left, comparePaths)
	for _, p := range left {
		if words := m.back(got.At[p]); len(words) > 0 {
			r.open(form.Open{At: p, Word: words[0], Why: "the pod decides " + clipped(p.String()) + " too, and what the container has of it is not judged"})
		}
	}
}
