package kube

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

const shm = "/dev/shm"

const noColon = "a mount path of Kubernetes has no colon, and nothing that programs fill in"

// unmountable tells a path that no manifest holds, or that who reads one takes for a
// template.
func unmountable(target string) bool { return strings.Contains(target, ":") || templated(target) }

// defaultShm is the size of /dev/shm that containerd and CRI-O give a pod.
const defaultShm int64 = 64 << 20

// mount adds a volume, named by its place, and where it stands.
func (w *writer) mount(v Volume, m volumeMount) {
	v.Name = fmt.Sprintf("v%d", len(w.pod.Volumes)+1)
	prefix := ""
	if w.play() { // before Podman 5 an emptyDir is a volume of that name, which others have too
		prefix = w.name + "-"
	}
	if base := prefix + strings.Trim(strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(m.MountPath), "/", "-"), ".", "-"), "-"); dnsLabel().MatchString(base) && !hasVolume(w, base) {
		v.Name = base
	}
	m.Name = v.Name
	w.pod.Volumes, w.ctr.VolumeMounts = append(w.pod.Volumes, v), append(w.ctr.VolumeMounts, m)
}

func hasVolume(w *writer, name string) bool {
	for _, v := range w.pod.Volumes {
		if v.Name == name {
			return true
		}
	}
	return false
}

// putTmpfs: the kubelet mounts the memory of an emptyDir for all users, and for programs.
func putTmpfs(w *writer) {
	for _, target := range container.TmpfsAt.Keys(w.spec) {
		t, _, _ := container.TmpfsAt.Get(w.spec, target)
		if unmountable(target) {
			w.lose(at(container.TmpfsAt, target), noColon)
			continue
		}
		dir := &emptyDir{Medium: "Memory"}
		if t.Size > 0 {
			dir.SizeLimit = size(t.Size)
		}
		w.mount(Volume{EmptyDir: dir}, volumeMount{MountPath: target, ReadOnly: t.ReadOnly})
		if w.play() {
			w.lose(at(container.TmpfsAt, target), "podman kube play bounds no emptyDir, and before Podman 5 keeps it on disk")
			w.lost[len(w.lost)-1].Older = func(s *container.Spec) {
				m, _ := s.MarkOf(at(container.TmpfsAt, target))
				m.Why = "" // it is one for a tmpfs
				container.TmpfsAt.Delete(s, target)
				container.VolumeAt.Set(s, target, container.Volume{Source: w.name, ReadOnly: t.ReadOnly}, m)
			}
		} else {
			w.becomes(at(container.TmpfsAt, target), func(s *container.Spec, m container.Mark) {
				container.TmpfsAt.Set(s, target, memory(t.Size, t.ReadOnly), m)
			}, "an emptyDir has no noexec, nosuid, nodev and no mode but by alpha gates of 1.37")
		}
	}
}

func putShm(w *writer) {
	if v, _, _ := container.ShmSize.Get(w.spec); v > 0 && v != defaultShm {
		w.mount(Volume{EmptyDir: &emptyDir{"Memory", size(v)}}, volumeMount{MountPath: shm})
		w.becomes(at(container.ShmSize), func(s *container.Spec, m container.Mark) {
			container.TmpfsAt.Set(s, shm, memory(v, false), m)
		}, "it is written, but an emptyDir at /dev/shm has no noexec")
	}
}

func putVolumes(w *writer) {
	for _, target := range container.VolumeAt.Keys(w.spec) {
		v, _, _ := container.VolumeAt.Get(w.spec, target)
		here := at(container.VolumeAt, target)
		if unmountable(target) {
			w.lose(here, noColon)
			continue
		}
		m := volumeMount{MountPath: target, ReadOnly: v.ReadOnly}
		switch {
		case w.play():
			m.MountPath += playOptions(v)
		case v.ReadOnly:
			m.RecursiveReadOnly = "IfPossible"
		}
		switch {
		case v.Source == "":
			w.mount(Volume{EmptyDir: &emptyDir{}}, m)
		case target == w.run.Models && !w.play():
			modelVolume(w, v, m)
		case v.Bind():
			bindVolume(w, v, m)
		case isSubdomain(v.Source):
			w.mount(Volume{Claim: &claimRef{v.Source, v.ReadOnly}}, m)
			w.claim(v.Source)
		default:
			w.lose(here, "the name of a claim is lower-case letters, digits, '-' and '.'")
			continue
		}
		claimed := target == w.run.Models && w.run.From.Kind != "hostPath"
		if why := unsaid(v, claimed); why != "" && !w.play() {
			w.becomes(here, func(s *container.Spec, m container.Mark) {
				bare := v
				bare.NoSuid, bare.NoDev, bare.NoExec = false, false, false
				if bare.Bind() && !claimed {
					bare.Relabel = ""
				}
				container.VolumeAt.Set(s, target, bare, m)
			}, "%s", why)
		}
	}
}

// modelVolume mounts the models: from a claim, unless the run names something else.
func modelVolume(w *writer, v container.Volume, m volumeMount) {
	from := w.run.From
	switch from.Kind {
	case "hostPath":
		bindVolume(w, v, m)
	case "image":
		w.mount(Volume{Image: &imageVolume{from.Name, "IfNotPresent"}}, m)
		w.note("%s is for what is in %s: whether it is the same, nobody looked; ImageVolume is on by itself since Kubernetes 1.35", from.Name, v.Source)
	default:
		name := from.Name
		if name == "" {
			name = w.name + "-models"
			w.claim(name)
		}
		w.note("the claim %s is for what is in %s: copy it there before the pod starts", name, v.Source)
		if w.target == KServe && v.ReadOnly {
			w.byKServe = name
			return
		}
		w.mount(Volume{Claim: &claimRef{name, v.ReadOnly}}, m)
	}
}

// bindVolume mounts a directory of the node.
func bindVolume(w *writer, v container.Volume, m volumeMount) {
	w.mount(Volume{HostPath: &hostPath{v.Source}}, m)
	if !w.play() {
		w.note("%s is a path of the node: no namespace that holds to the baseline Pod Security Standard takes it", v.Source)
	}
}

// claim writes a claim of a volume of the cluster, once.
func (w *writer) claim(name string) {
	mode := "ReadWriteOnce"
	c := claim{AccessModes: []string{mode}}
	c.Resources.Requests = map[string]string{"storage": claimSize}
	for _, o := range w.claims {
		if o.Metadata.Name == name {
			return
		}
	}
	w.claims = append(w.claims, Object{APIVersion: "v1", Kind: "PersistentVolumeClaim", Metadata: Metadata{Name: name, Labels: labelsOf(w)}, Spec: c})
	w.note("the claim %s asks for %s: change that before it is made", name, claimSize)
}

// claimSize is what a claim must name and no run knows.
const claimSize = "10Gi"

// memory is the mount of an emptyDir in memory: a tmpfs for all users, and for programs.
func memory(size int64, readOnly bool) container.Tmpfs {
	return container.Tmpfs{Size: size, Mode: dirMode, Exec: true, Suid: true, Dev: true, ReadOnly: readOnly}
}

// unsaid are the options of a mount that Kubernetes takes from the volume, or has not.
func unsaid(v container.Volume, claimed bool) string {
	var words []string
	for _, o := range []struct {
		on   bool
		name string
	}{{v.NoSuid, "nosuid"}, {v.NoDev, "nodev"}, {v.NoExec, "noexec"}} {
		if o.on {
			words = append(words, o.name)
		}
	}
	switch {
	case v.Bind() && !claimed && v.Relabel != "":
		return "a path of the node is not relabelled, and has no mount options"
	case len(words) > 0:
		return strings.Join(words, ", ") + " are mountOptions of the PersistentVolume, and not of the mount"
	}
	return ""
}
