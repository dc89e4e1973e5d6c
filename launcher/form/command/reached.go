package command

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The options below reach past the rows that other options decide, or name files
// of the host that the engine opens.

// limits are the rows that a control group enforces.
var limits = []container.Row{container.Memory, container.MemorySwap, container.Cpus, container.PidsLimit}

func opened() []option {
	const realTime = "processors that the workload holds at real time are nobody else's"
	return []option{
		opensAt("cgroup-conf", podman, "it is written into the control group after the limits", limits...),
		opensAt("cpu-rt-period", both, realTime, container.Cpus),
		opensAt("cpu-rt-runtime", both, realTime, container.Cpus),
		opensAt("rdt-class", podman, "which caches and how much of the memory's bandwidth the class has is the host's to say", container.Cpus),
		opensAt("chrootdirs", podman, "files of the host's are put into directories of the image", container.VolumeAt),
		opensAt("requires", podman, "other containers are started with it, and what they may is not in this line"),
		opensAt("link", docker, "the other container's environment and name come in", container.Env, container.Network),
		opensAt("volume-driver", docker, "a plugin makes the volumes, and what they hold is not known", container.VolumeAt),
		{name: "label-file", of: both, row: container.HostFiles, read: alsoOpening("labels stand in a file that is not read", container.Labels)},
		{name: "cert-dir", of: podman, row: container.HostFiles,
			read: alsoOpening("which certificates of a registry are believed is not known", container.TlsVerify)},
		{name: "hosts-file", of: podman, row: container.HostFiles, read: unlessNamed(forReading, "none", "image")},
		{name: "health-log-destination", of: podman, row: container.HostFiles, read: unlessNamed(forLogging, "local", "events_logger")},
		{name: "tz", of: podman, row: container.HostFiles, read: readZone},
		{name: "decryption-key", of: podman, row: container.HostFiles, read: readDecryptionKey},
	}
}

func filesOfRun() []option {
	return slices.Concat(
		hostFiles(both, forWriting, "cidfile"),
		hostFiles(podman, forReading, "authfile"),
		hostFiles(podman, forWriting, "pidfile conmon-pidfile"),
		hostFiles(podman, forRunning, "init-path"),
	)
}

// unlessNamed reads a file, unless the value is one of the words that name none.
func unlessNamed(use string, words ...string) func(*reader, Value) {
	return func(r *reader, v Value) {
		if v.Open() != "" || !slices.Contains(words, v.Text) {
			r.hostFile(use, v)
			return
		}
		keepAs(container.Other)(r, v)
	}
}

// alsoOpening reads a file by which something is decided that is not read.
func alsoOpening(why string, row container.Row) func(*reader, Value) {
	return func(r *reader, v Value) {
		r.hostFile(forReading, v)
		r.opens(why, row)
	}
}

// zones is where the zones lie that --tz names.
const zones = "/usr/share/zoneinfo"

// readZone: a zone is a file below a directory of the host's own, and a value with
// dots in it another.
func readZone(r *reader, v Value) {
	if v.Text == "local" || v.Open() == "" && !strings.Contains(v.Text, "..") {
		keepAs(container.Other)(r, v)
		return
	}
	v.Text = path.Join(zones, v.Text)
	r.hostFile(forReading, v)
}

// readDecryptionKey reads FILE[:PASSPHRASE].
func readDecryptionKey(r *reader, v Value) {
	file, _, _ := v.Cut(':')
	r.hostFile(forReading, file)
}

const ofSubIDs = "which ids of the host the name has stands in /etc/subuid and /etc/subgid"

func readSubIDs(r *reader, v Value) {
	keepAs(container.SubIds)(r, v)
	r.opens(ofSubIDs, container.Userns, container.UidMaps)
}
