package kube

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The functions below are for podman kube play, as pkg/specgen/generate/kube and
// pkg/domain/infra/abi/play.go of Podman 4.4 to 5.8 read. The annotations
// io.podman.annotations.seccomp and .apparmor are not written: Podman shows them in
// inspect, and confines nothing by them.

const playPrefix = "io.podman.annotations."

// maxPlayed is how long a value of an annotation is that Podman before 5 takes
// (libpod/define, MaxKubeAnnotation).
const (
	maxPlayed = 63
	tooLong   = "Podman before 5 takes no annotation of more than 63 characters"
)

func annotate(w *writer, name, value string) { w.meta.Annotations[name] = value }

// playFor is an annotation that is about the one container.
func playFor(w *writer, name, value string) { annotate(w, playPrefix+name+"/"+w.ctr.Name, value) }

func playUserns(w *writer) {
	v, _, _ := container.Userns.Get(w.spec)
	if v == "" {
		return
	}
	annotate(w, playPrefix+"userns", v)
	w.note("Podman reads the annotation for the user namespace since 5.0: podman kube play --userns=%s says it to an older one", v)
}

func playSeccomp(w *writer) {
	name := playSeccompKey + w.ctr.Name
	switch v, _, _ := container.SeccompProfile.Get(w.spec); v {
	case "", "default":
		annotate(w, name, "runtime/default")
	case "unconfined":
		annotate(w, name, "unconfined")
	default:
		annotate(w, name, "localhost/"+path.Base(v))
		w.note("podman kube play --seccomp-profile-root=DIR finds the seccomp profile %s in DIR", path.Base(v))
	}
}

// playOptions are the options of a mount, which podman kube play takes behind its path.
func playOptions(v container.Volume) string {
	var words []string
	for _, o := range []struct {
		on   bool
		name string
	}{{v.Relabel != "", v.Relabel}, {v.NoSuid, "nosuid"}, {v.NoDev, "nodev"}, {v.NoExec, "noexec"}} {
		if o.on {
			words = append(words, o.name)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return ":" + strings.Join(words, ",")
}

func playNetwork(w *writer) {
	names, _, _ := container.Network.Get(w.spec)
	switch one := strings.Join(names, " "); one {
	case "":
	case "host":
		w.pod.HostNetwork = true
	default:
		w.lose(at(container.Network), "a Pod names no network: podman kube play --network=%s does", strings.Join(names, " --network="))
	}
}

func playPublish(w *writer) {
	for _, key := range container.Publish.Keys(w.spec) {
		p, _, _ := container.Publish.Get(w.spec, key)
		first, last, err := container.PortRange(key)
		_, protocol, _ := strings.Cut(key, "/")
		if err != nil || last-first >= maxPorts || p.HostPort == 0 {
			w.lose(at(container.Publish, key), "podman kube play publishes ports that are named, one by one")
			continue
		}
		for n := int(first); n <= int(last); n++ {
			w.ctr.Ports = append(w.ctr.Ports, ctrPort{ContainerPort: n, HostPort: n - int(first) + int(p.HostPort), HostIP: p.HostIP, Protocol: strings.ToUpper(protocol)})
		}
	}
}

func playPids(w *writer) {
	v, _, _ := container.PidsLimit.Get(w.spec)
	playFor(w, "pids-limit", strconv.FormatInt(v, 10))
	w.note("Podman reads the annotation pids-limit since 5.5; an older one gives the container its default")
}

func playUlimits(w *writer) {
	var words []string
	for _, k := range container.UlimitOf.Keys(w.spec) {
		v, _, _ := container.UlimitOf.Get(w.spec, k)
		words = append(words, fmt.Sprintf("%s=%d:%d", k, v.Soft, v.Hard))
	}
	switch v := strings.Join(words, ","); {
	case len(v) > maxPlayed:
		w.lose(at(container.UlimitOf), tooLong)
	case v != "":
		annotate(w, playPrefix+"ulimit", v)
		w.note("Podman reads the annotation ulimit since 4.6")
	}
}

func playRm(w *writer) {
	if v, _, _ := container.Rm.Get(w.spec); v {
		playFor(w, "autoremove", "true")
	}
}

func playInit(w *writer) {
	if v, _, _ := container.Init.Get(w.spec); v {
		playFor(w, "init", "true")
	}
}

// playRestart: a Pod has all three, but for how often.
func playRestart(w *writer) {
	v, _, _ := container.Restart.Get(w.spec)
	policy, often, _ := strings.Cut(v, ":")
	w.pod.RestartPolicy = map[string]string{"no": "Never", "always": "Always", "on-failure": "OnFailure"}[policy]
	if w.pod.RestartPolicy == "" && v != "" || often != "" {
		w.lose(at(container.Restart), "a Pod is restarted never, always or on failure")
	}
}
