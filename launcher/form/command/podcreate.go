package command

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// ofRun are the options that podman pod create 4.3 to 5.8 shares with podman run
// (cmd/podman/common/create.go, InfraMode, and netflags.go).
const ofRun = `add-host blkio-weight blkio-weight-device cgroup-parent cpu-shares cpus cpuset-cpus cpuset-mems device
	device-read-bps device-write-bps dns dns-option dns-search gidmap gpus help hostname hosts-file ip ip6 label
	label-file mac-address memory memory-swap name network network-alias no-hostname no-hosts pid publish replace
	restart security-opt shm-size shm-size-systemd subgidname subuidname sysctl uidmap userns uts volume volumes-from`

// ofPod are the options of podman pod create alone (cmd/podman/pods/create.go).
func ofPod() []option {
	return slices.Concat([]option{
		text("infra-image", 0, podman, container.Image),
		{name: "infra-command", of: podman, row: container.Entrypoint, read: readEntrypoint},
		{name: "pod-id-file", of: podman, row: container.HostFiles, read: readPodIDFile},
		{name: "infra", boolean: true, of: podman, row: container.Pod, read: readInfra},
		{name: "share", of: podman, row: container.Pod, read: readShare},
	},
		hostFiles(podman, forWriting, "infra-conmon-pidfile"),
		harmlessly(podman, false, "exit-policy infra-name", "when the pod ends, and what its first container is called"),
		harmlessly(podman, true, "share-parent", "whether the members' control groups lie below the pod's"),
	)
}

var podTable = sync.OnceValue(func() *table {
	t, run := &table{long: map[string]*option{}}, tablesOf(podman).run
	for _, name := range strings.Fields(ofRun) {
		o := run.long[name]
		t.long[name], t.names = o, append(t.names, name)
		if o.short != 0 {
			t.short[o.short] = o
		}
	}
	t.short['n'] = t.long["name"]
	for alias, name := range aliases {
		if o := t.long[name]; o != nil {
			t.long[alias] = o
		}
	}
	for _, o := range append(ofPod(), persistent()...) {
		t.add(podman, o)
	}
	return t
})

func readPodIDFile(r *reader, v Value) {
	r.hostFile(forWriting, v)
	if v.Open() == "" {
		r.out.Pod.IDFile = v.Text
	}
}

// sharedByDefault is what podman pod create shares (pkg/specgen:
// DefaultKernelNamespaces).
var sharedByDefault = []string{"ipc", "net", "uts"}

// readShare reads --share=ipc,net or --share=+pid.
func readShare(r *reader, v Value) {
	p := r.out.Pod
	if what := v.Open(); what != "" {
		p.Unsure = true
		r.note(form.Open{At: podShare, Word: r.word(),
			Why: Clip(what) + " is expanded by the shell, and decides which namespaces are shared"})
		return
	}
	p.Share = nil
	list, more := strings.CutPrefix(v.Text, "+")
	if more {
		p.Share = slices.Clone(sharedByDefault)
	}
	for _, n := range strings.Split(list, ",") {
		switch n {
		case "cgroup", "net", "pid", "ipc", "uts":
			p.Share = append(p.Share, n)
		case "", "user":
		case "none":
			p.Share = nil
			return
		default:
			r.wrong(podShare, "%q is no namespace that a pod shares", Clip(n))
		}
	}
}

// podShare is where a report points for what a pod shares.
var podShare = container.Path{Key: "pod", Elem: "share"}

// readInfra: a pod without an infra container shares nothing.
func readInfra(r *reader, v Value) {
	on, err := strconv.ParseBool(v.Text)
	switch {
	case v.Open() != "" || err != nil:
		r.out.Pod.Unsure = true
		r.note(form.Open{At: podShare, Word: r.word(), Why: "whether the pod has an infra container is not known"})
	default:
		r.out.Pod.NoInfra, r.infraSaid = !on, true
	}
}

// pod reads the words of podman pod create that begin at word i.
func (l *line) pod(i int) {
	l.table, l.reader.out.Pod = podTable(), &form.Pod{Share: slices.Clone(sharedByDefault)}
	l.options(i)
	finish(l.reader)
}

// podName reads what follows the options: the pod's name.
func podName(l *line, i int) {
	r := l.reader
	if i < len(l.words) {
		r.begin(&option{dashed: "NAME"}, i, i+1)
		if v := l.words[i].Whole(); closed(r, container.Name, v) {
			set(r, container.Name, v.Text)
		}
	}
	if i+1 < len(l.words) {
		r.note(form.Open{Word: i + 1, Why: "podman pod create takes one name; it refuses what follows", Unknown: true})
	}
	r.out.Pod.Name, _, _ = container.Name.Get(r.spec)
	if p := r.out.Pod; len(p.Share) == 0 && !r.infraSaid && !p.Unsure {
		p.NoInfra = true
	}
}
