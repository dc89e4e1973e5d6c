// Package podjoin gives the containers of a pod what their pod decides.
//
// A container of a pod has namespaces of the pod's infra container and inherits
// its volumes, devices and security options, so that no line of its own tells how
// it runs (podman-pod-create(1); libpod: GetDefaultNamespaceMode, InfraInherit).
// The package is pure: it joins readings that somebody else read.
package podjoin

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// maxShared bounds how many words of pods are gone through for all their containers
// together: twenty for each of fifty thousand.
const maxShared = 1 << 20

// Join gives every container of a pod among the readings of one text, in its
// order, what its pod decides. A container whose pod is not among those before it,
// or of which there are several, is open in all that a pod decides.
func Join(readings []*form.Reading) {
	makers, shared := makersOf(readings), 0
	for i, r := range readings {
		name, _, known := container.Pod.Get(r.Spec)
		if r.Pod != nil || known && name == "" || !known && !opens(r, container.Pod) {
			continue
		}
		if own, ok := strings.CutPrefix(name, "new:"); ok && own != "" {
			container.PodKnown.Set(r.Spec, true, container.Mark{Evidence: container.Planned})
			continue // its pod is made of its own options
		}
		pod, why := makers.find(i, name)
		if pod != nil {
			if shared += len(pod.Words) + len(pod.Open); shared > maxShared {
				pod, why = nil, "its pod says more than is gone through again for each of so many containers"
			}
		}
		if pod == nil {
			r.Open = append(r.Open, form.Open{At: at(container.Pod), Word: word(r), Why: why})
			continue
		}
		Share(r, pod, Place{
			Point: func(p container.Path) { r.At[p] = append(slices.Clip(r.At[p]), r.At[at(container.Pod)]...) },
			Word:  func(int) int { return word(r) },
		})
	}
}

func opens(r *form.Reading, row container.Row) bool {
	return slices.ContainsFunc(r.Open, func(o form.Open) bool { return o.At.Key == row.Key() })
}

func at(row container.Row) container.Path { return container.Path{Key: row.Key()} }

// word is the word that names the pod.
func word(r *form.Reading) int {
	if words := r.At[at(container.Pod)]; len(words) > 0 {
		return words[len(words)-1]
	}
	return -1
}

// maker is a reading that makes a pod, and which of the text's it is.
type maker struct {
	*form.Reading
	at int
}

// makers are the readings that make pods, in order, by the name of each and by the file
// that holds its id.
type makers map[string][]maker

func makersOf(readings []*form.Reading) makers {
	out := makers{}
	for i, r := range readings {
		var names []string
		if r.Pod != nil {
			names = []string{r.Pod.Name, r.Pod.IDFile}
		} else if pod, _, _ := container.Pod.Get(r.Spec); strings.HasPrefix(pod, "new:") {
			names = []string{strings.TrimPrefix(pod, "new:")}
		}
		for _, name := range slices.Compact(names) {
			out[name] = append(out[name], maker{r, i})
		}
	}
	return out
}

// find finds the one pod of a name that is made before reading n.
func (m makers) find(n int, name string) (*form.Reading, string) {
	if name == "" {
		return nil, "which pod it joins is not known, and that decides how it runs"
	}
	pods := m[name]
	switch {
	case len(pods) > 1 && pods[1].at <= n:
		return nil, "several pods are called " + name + ", and which it joins is not known"
	case len(pods) > 0 && pods[0].at > n:
		return nil, "the pod " + name + " is made only after it, and an earlier one of that name decides how it runs"
	case len(pods) == 0:
		return nil, "the pod " + name + " is not here, and decides how it runs"
	}
	if pods[0].Pod == nil {
		return ofRun(pods[0].Reading, name), ""
	}
	return pods[0].Reading, ""
}

// ofRun is the pod that podman run --pod new:NAME makes: of the network, the host
// name, the namespaces and the limits that the run states (cmd/podman/containers:
// createPodIfNecessary).
func ofRun(r *form.Reading, name string) *form.Reading {
	s := &container.Spec{}
	for _, row := range []container.Row{
		container.Network, container.Publish, container.PublishAll, container.AddHost, container.Dns, container.NoHosts,
		container.Hostname, container.Pid, container.Userns, container.Cpus, container.Cpuset, container.Restart,
	} {
		row.Copy(s, r.Spec)
	}
	pod := *r
	pod.Spec, pod.Pod = s, &form.Pod{Name: name, Share: []string{"ipc", "net", "uts"}}
	return &pod
}
