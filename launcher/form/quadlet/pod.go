package quadlet

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podjoin"
)

// podKeys are the keys of [Pod] in the generator's order. Those that name the pod
// are made in [maker.pod]; StopTimeout= is of podman pod stop.
var podKeys = []key{
	one("ExitPolicy", "--exit-policy="),
	{"UserNS", "--userns", makeMappings, plainShape},
	each("PublishPort", "--publish"),
	pairs("Label", "--label"),
	{"Network", "--network", makeNetworks, plainShape},
	one("IP", "--ip"), one("IP6", "--ip6"), one("ShmSize", "--shm-size"), each("NetworkAlias", "--network-alias"),
	each("DNS", "--dns"), each("DNSOption", "--dns-option"), each("DNSSearch", "--dns-search"),
	each("AddHost", "--add-host"), each("HostName", "--hostname"), {"Volume", "-v", makeVolumes, plainShape},
}

// pod makes the line by which the generator makes a pod, but for the file in which
// conmon leaves its number for systemd.
func (m *maker) pod(name string) {
	m.environment()
	m.add(-1, "podman")
	m.each("ContainersConfModule", "--module=")
	m.words("GlobalArgs", "", execWords)
	m.add(-1, "pod", "create", "--replace")
	m.keys(podKeys)
	m.add(-1, "--name", name)
	m.words("PodmanArgs", "", execWords)
}

// podName is what a .pod unit calls its pod.
func podName(u *unit) string {
	if l, _ := u.last("Pod", "PodName"); l.value != "" {
		return l.value
	}
	return "systemd-" + literal(u.stem())
}

// readPod reads a .pod unit as what podman pod create makes of it.
func readPod(r *reader) error {
	checkKeys(r, r.u, "Pod")
	m := &maker{reader: r, section: "Pod"}
	m.pod(podName(r.u))
	if err := r.through(m); err != nil {
		return err
	}
	r.links()
	confines(r)
	openPrograms(r)
	asRootless(r)
	return nil
}

// joinPod brings what the pod of the run says of all its containers.
func joinPod(r *reader, l line) {
	u := r.linked[l.value]
	if u == nil || path.Ext(l.value) != ".pod" {
		return
	}
	m, nets := &maker{reader: r, section: "Pod"}, r.nets
	r.u, u = u, r.u
	m.pod(podName(r.u))
	r.u = u
	if _, _, own := container.Network.Get(r.out.Spec); own {
		r.nets = nets
	}
	args, holes := m.fill()
	got, err := command.ReadFilled(args, m.env, holes)
	if err != nil {
		r.open(form.Open{At: container.Path{Key: container.Pod.Key()}, Word: l.word,
			Why: "what " + clipped(l.value) + " says is not read: " + err.Error()})
		return
	}
	before := len(r.out.Open)
	podjoin.Share(r.out, got, podjoin.Place{
		Point: func(p container.Path) { pointTo(r, m, got, p) },
		Word: func(w int) int {
			if w < 0 {
				return l.word
			}
			return m.args[w].word
		},
	})
	for i := range r.out.Open[before:] {
		o := &r.out.Open[before+i]
		o.Why = bySystemd(o.Why)
	}
}

// pointTo leads a setting to the lines of the pod.
func pointTo(r *reader, m *maker, got *form.Reading, p container.Path) {
	words := m.back(got.At[p])
	if len(words) == 0 {
		return
	}
	if _, own := r.out.At[p]; own { // the run has a part in it
		r.out.At[p] = append(r.out.At[p], words...)
		return
	}
	r.out.At[p] = words
	r.out.Spec.Remark(p, container.From(r.origin(words[0])))
}

// bySystemd says who fills in what a reader of shell lines found to be filled in.
func bySystemd(why string) string {
	return strings.Replace(why, "is expanded by the shell", "is filled in by systemd", 1)
}
