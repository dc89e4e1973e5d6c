package kube

import (
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What the functions below read is obeyed by podman kube play alone. A kubelet runs the same
// text without it: so it counts in a [Source] that is known to be for Podman, and elsewhere
// what it is about is open.

const playSeccompKey = "container.seccomp.security.alpha.kubernetes.io/"

// obeyedBy is a setting that an annotation of Podman's decides.
type obeyedBy struct {
	row  container.Row
	read func(*reader, string)
}

// played are the annotations that are written, behind [playPrefix].
var played = map[string]obeyedBy{
	"userns":     {container.Userns, func(r *reader, v string) { meant(r, container.Userns, v) }},
	"autoremove": {container.Rm, playTruth(container.Rm)},
	"init":       {container.Init, playTruth(container.Init)},
	"pids-limit": {container.PidsLimit, readPlayPids},
	"ulimit":     {container.UlimitOf, readPlayUlimits},
}

// readPlayed reads an annotation as Podman does; false: it is none of Podman's for the container.
func readPlayed(r *reader, k, v string) bool {
	by, name := obeyedBy{container.SeccompProfile, readPlaySeccomp}, ""
	if rest, found := strings.CutPrefix(k, playSeccompKey); found {
		name = rest
	} else {
		what, of, each := strings.Cut(strings.TrimPrefix(k, playPrefix), "/")
		if by, found = played[what], strings.HasPrefix(k, playPrefix); !found || by.read == nil {
			return false
		}
		if name = of; !each {
			name = r.name // of all containers
		}
	}
	switch {
	case name != r.name:
		return r.play
	case !r.play:
		r.note(at(by.row), "podman kube play obeys the annotation %s, and a kubelet does not", clip(k))
		return false
	}
	by.read(r, v)
	return true
}

// OfPodman tells the key of an annotation that podman kube play obeys, and that is read.
func OfPodman(key string) bool {
	what, of, each := strings.Cut(strings.TrimPrefix(key, playPrefix), "/")
	return strings.HasPrefix(key, playPrefix) && played[what].read != nil && (!each || dnsLabel().MatchString(of))
}

func playTruth(f container.Field[bool]) func(*reader, string) {
	return func(r *reader, v string) {
		if v != "true" && v != "false" {
			r.note(at(f), "%s is neither true nor false", clip(v))
			return
		}
		f.Set(r.spec, v == "true", r.mark)
		r.decides(f)
	}
}

func readPlaySeccomp(r *reader, v string) {
	file, local := strings.CutPrefix(v, "localhost/")
	switch {
	case v == "runtime/default", v == "docker/default":
		meant(r, container.SeccompProfile, "")
	case v == "unconfined":
		meant(r, container.SeccompProfile, v)
	case local && file != "":
		meant(r, container.SeccompProfile, kubeletSeccomp+file)
	default:
		r.note(at(container.SeccompProfile), "%s is no seccomp profile", clip(v))
	}
}

func readPlayPids(r *reader, v string) {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		r.note(at(container.PidsLimit), "%s is no number", clip(v))
		return
	}
	container.PidsLimit.Set(r.spec, n, r.mark)
	r.decides(container.PidsLimit)
}

// readPlayUlimits reads NAME=SOFT:HARD, one behind another.
func readPlayUlimits(r *reader, v string) {
	for _, word := range strings.Split(v, ",") {
		name, limits, _ := strings.Cut(word, "=")
		soft, hard, both := strings.Cut(limits, ":")
		if !both {
			hard = soft
		}
		low, err := strconv.ParseInt(soft, 10, 64)
		high, also := strconv.ParseInt(hard, 10, 64)
		if name == "" || err != nil || also != nil {
			r.note(at(container.UlimitOf), "%s is no ulimit", clip(word))
			continue
		}
		container.UlimitOf.Set(r.spec, name, container.Ulimit{Soft: low, Hard: high}, r.mark)
		r.decides(container.UlimitOf, name)
	}
}

// playMount takes the options off a path, behind which Podman reads them; false: one is not
// known.
func playMount(m *mount) bool {
	target, options, _ := strings.Cut(m.target, ":")
	m.target = target
	for _, o := range strings.FieldsFunc(options, func(c rune) bool { return c == ',' }) {
		switch o {
		case "z", "Z":
			m.relabel = o
		case "nosuid":
			m.noSuid = true
		case "nodev":
			m.noDev = true
		case "noexec":
			m.noExec = true
		case "ro":
			m.readOnly = true
		default:
			return false
		}
	}
	return true
}
