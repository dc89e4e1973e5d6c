package command

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// unjudged are the options of a run that no control has to judge. Each says why: what
// is not here, and in no table of settings either, is unknown and opens the whole run.
func unjudged() []option {
	return slices.Concat(unjudgedOfBoth(), unjudgedOfPodman(), unjudgedOfDocker())
}

func unjudgedOfBoth() []option {
	return slices.Concat(
		harmless(both, false, "attach/a detach-keys", callers),
		harmless(both, true, "sig-proxy quiet/q help", callers),
		harmless(both, true, "disable-content-trust", "Podman does nothing by it, and Docker asks for no signature unless told"),
		harmless(both, false, "blkio-weight blkio-weight-device device-read-bps device-read-iops device-write-bps device-write-iops",
			"it can only slow the container down, and no control takes it for a limit"),
		harmless(both, false, "cpu-rt-period cpu-rt-runtime", "the kernel gives real time within what the parent group has, which no control takes for a bound"),
		harmless(both, false, "cpuset-mems memory-reservation memory-swappiness", "it places and tunes memory and takes no limit away"),
		harmless(both, false, "kernel-memory", "the kernel ignores it since 5.4"),
		harmless(both, false, "ip ip6 mac-address network-alias", "it names the container within networks that are judged themselves"),
		harmless(both, false, "health-retries health-start-period health-timeout", "it tunes a check of the workload's health, and a control asks for one"),
		harmless(both, false, "stop-signal", "how long the workload has to end is judged, not how it is asked"),
	)
}

func unjudgedOfPodman() []option {
	return slices.Concat(
		harmless(podman, false, "authfile creds decryption-key",
			"it opens a registry or an image to the engine, and the container gets none of it; a secret that stands here in plain text is judged as one"),
		harmless(podman, false, "chrootdirs", "it names directories of the container that get its own hosts and resolv.conf too"),
		harmless(podman, false, "health-max-log-count health-max-log-size health-startup-interval health-startup-retries health-startup-success health-startup-timeout",
			"it tunes a check of the workload's health, and a control asks for one"),
		harmless(podman, false, "health-startup-cmd", "it runs in the container, with the workload's rights"),
		harmless(podman, false, "init-ctr", "it says when a container of a pod runs, and not how"),
		harmless(podman, false, "personality", "Podman knows LINUX and LINUX32 alone, which change what uname says"),
		harmless(podman, false, "rdt-class", "it picks a share of the processor's cache that root has made"),
		harmless(podman, false, "requires", "it names containers that start first, as they were made"),
		harmless(podman, false, "retry retry-delay", "it says how often a pull is tried"),
		harmless(podman, false, "shm-size-systemd", "it sizes a file system of systemd mode, which is judged itself"),
		harmless(podman, false, "unsetenv", "it takes variables of the image away"),
		harmless(podman, true, "unsetenv-all no-hostname passwd", "it takes away what the engine would add of itself"),
	)
}

func unjudgedOfDocker() []option {
	return slices.Concat(
		harmless(docker, false, "cpu-count cpu-percent io-maxbandwidth io-maxiops isolation", "it is for Windows containers alone"),
		harmless(docker, false, "domainname link-local-ip", "it names the container within networks that are judged themselves"),
		harmless(docker, false, "health-start-interval", "it tunes a check of the workload's health, and a control asks for one"),
		harmless(docker, false, "storage-opt", "it sizes the container's own layer"),
	)
}

// unjudgedGlobals are the persistent options of podman that no control has to judge.
func unjudgedGlobals() []option {
	return slices.Concat(
		harmless(podman, false, "log-level", callers),
		harmless(podman, true, "syslog trace", "it says where the engine writes about itself"),
		harmless(podman, false, "db-backend events-backend", "it says how the engine keeps its own books"),
		harmless(podman, true, "transient-store", "it says how the engine keeps its own books"),
		harmless(podman, false, "namespace", "it hides containers of the same user from each other's lists"),
		harmless(podman, false, "max-workers", "it says how much the engine does at a time"),
		harmless(podman, false, "cgroup-manager", "it says who makes the control group; whether limits hold is judged"),
	)
}

// unjudgedInFront are those that stand in front of the verb alone.
func unjudgedInFront() []option {
	const shown = "the client shows it to a remote engine, and which one that is is judged"
	return slices.Concat(
		harmless(podman, false, "ssh identity tls-ca tls-cert tls-key", shown),
		harmless(podman, false, "context", "Podman does nothing by it"),
		harmless(podman, false, "config", "it is where Podman looks for logins to registries"),
		harmless(podman, true, "noout debug/D version/v help", callers),
		harmless(docker, false, "tlscacert tlscert tlskey", shown),
		harmless(docker, true, "tls tlsverify", shown),
		harmless(docker, false, "log-level/l", callers),
		harmless(docker, true, "debug/D version/v help", callers),
	)
}

// asEngine are options that stand for the engine and not for a run.
func asEngine(in []option) []option {
	for i := range in {
		in[i].row, in[i].read = container.EngineOpts, keepAs(container.EngineOpts)
	}
	return in
}
