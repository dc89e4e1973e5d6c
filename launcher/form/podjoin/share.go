package podjoin

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// ofNamespace are the rows that a shared namespace decides: those that its members
// have from the pod unless they state them themselves.
var ofNamespace = []struct {
	namespace string
	rows      []container.Row
}{
	{"net", []container.Row{container.Network, container.PublishAll, container.AddHost, container.Dns, container.NoHosts}},
	{"ipc", []container.Row{container.Ipc, container.ShmSize}},
	{"uts", []container.Row{container.Uts, container.Hostname}},
	{"pid", []container.Row{container.Pid}},
}

// always are the rows of the user namespace, which all members share where the pod
// states one.
var always = []container.Row{container.Userns, container.UidMaps, container.GidMaps, container.SubIds}

// inherited are the rows of the infra container that its members inherit beside
// what they state: lists grow.
var inherited = []container.Field[[]string]{
	container.Device, container.Gpus, container.VolumesFrom, container.MountOther, container.SecurityLabel,
	container.Mask, container.Unmask,
}

// byVersion are the rows of the infra container that its members inherit, or do
// not, by the version of Podman: 4.3.1 starts a member of a pod with
// no-new-privileges without them, and so with a seccomp profile.
var byVersion = []container.Row{
	container.SeccompProfile, container.SeccompPolicy, container.Apparmor, container.NoNewPrivileges, container.ProcOpts,
}

// bounds are limits of the cgroup that holds the members of a pod together: one
// that a member states holds for it as well.
var bounds = []container.Row{
	container.Memory, container.MemorySwap, container.Cpus, container.CpuShares, container.Cpuset, container.CgroupParent,
	container.Restart,
}

// Share gives a member what its pod decides and marks that it is known. What
// Podman settles in one way or another is open.
func Share(member, pod *form.Reading, place Place) {
	s := &sharing{Place: place, member: member, pod: pod}
	defer func() {
		container.PodKnown.Set(member.Spec, !s.doubt, container.Mark{Evidence: container.Planned})
	}()
	for _, row := range bounds {
		s.bound(row)
	}
	s.unsure()
	if pod.Pod.NoInfra {
		return
	}
	net := shares(pod.Pod, "net", member)
	for _, n := range ofNamespace {
		if shares(pod.Pod, n.namespace, member) {
			s.given(n.rows)
		}
	}
	s.given(always)
	for _, row := range inherited {
		s.grow(row)
	}
	for _, row := range byVersion {
		s.doubtful(row)
	}
	if net {
		fold(s, container.Publish)
	}
	fold(s, container.VolumeAt)
	fold(s, container.TmpfsAt)
	fold(s, container.Sysctl)
}

// ownOf are the rows by which a container states a namespace of its own.
var ownOf = map[string]container.Row{
	"net": container.Network, "ipc": container.Ipc, "uts": container.Uts, "pid": container.Pid,
}

// shares tells whether a member has a namespace of its pod: one that it states
// itself is its own.
func shares(p *form.Pod, namespace string, member *form.Reading) bool {
	_, stated := member.Spec.MarkOf(at(ownOf[namespace]))
	return slices.Contains(p.Share, namespace) && !stated
}

// Place leads from the words of a pod to those of its member.
type Place struct {
	Point func(p container.Path) // the pod has a part in setting p of the member
	Word  func(w int) int        // the word of the member for one of the pod, or for none (-1)
}

type sharing struct {
	Place
	member, pod *form.Reading
	doubt       bool
}

// given copies rows that the member does not state.
func (s *sharing) given(rows []container.Row) {
	for _, row := range rows {
		if _, own := s.member.Spec.MarkOf(at(row)); own || !s.states(row) {
			continue
		}
		row.Copy(s.member.Spec, s.pod.Spec)
		s.Point(at(row))
	}
}

// states tells whether the pod states a row.
func (s *sharing) states(row container.Row) bool {
	_, ok := s.pod.Spec.MarkOf(at(row))
	return ok
}

func (s *sharing) grow(row container.Field[[]string]) {
	more, m, ok := row.Get(s.pod.Spec)
	if !ok || len(more) == 0 {
		return
	}
	had, was, stated := row.Get(s.member.Spec)
	if stated {
		m = was
	}
	row.Set(s.member.Spec, append(slices.Clone(had), more...), m)
	s.Point(at(row))
}

// doubtful opens a row that the pod states.
func (s *sharing) doubtful(row container.Row) {
	if s.states(row) {
		s.open(at(row), "the pod says it, and whether its containers have it of the pod depends on the version of Podman")
	}
}

// bound opens a limit that the pod states and the member does not.
func (s *sharing) bound(row container.Row) {
	if _, own := s.member.Spec.MarkOf(at(row)); !own && s.states(row) {
		s.open(at(row), "the pod bounds its containers together, and what one of them has of it is not known")
	}
}

// fold adds the elements of a pod's collection that the member does not have.
func fold[T any](s *sharing, row container.Map[T]) {
	for _, k := range row.Keys(s.pod.Spec) {
		v, m, ok := row.Get(s.pod.Spec, k)
		if !ok {
			continue
		}
		p := container.Path{Key: row.Key(), Elem: k}
		if _, _, own := row.Get(s.member.Spec, k); own {
			s.open(p, "the pod and the container both say it, and Podman refuses the container")
			continue
		}
		row.Set(s.member.Spec, k, v, m)
		s.Point(p)
	}
}

func (s *sharing) open(p container.Path, why string) {
	s.member.Open = append(s.member.Open, form.Open{At: p, Word: s.Word(-1), Why: p.String() + ": " + why})
}

// unsure opens what the pod itself leaves open: for a setting, that setting; for
// an option of any kind, all.
func (s *sharing) unsure() {
	for _, o := range s.pod.Open {
		o.Word = s.Word(o.Word)
		switch {
		case o.At == (container.Path{}), o.At.Key == container.Pod.Key():
			o.At, s.doubt = at(container.Pod), true
		case o.At.Key == container.Name.Key(), o.At.Key == container.Image.Key():
			continue
		}
		o.Why = "of its pod: " + o.Why
		s.member.Open = append(s.member.Open, o)
	}
	s.doubt = s.doubt || s.pod.Pod.Unsure
}
