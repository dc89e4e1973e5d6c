package command

import "slices"

// What nothing needs to judge, and why. An option belongs here only where no value
// of it gives the workload or another user anything.

const (
	ofTheTerminal = "what the terminal of the one who starts it shows and takes"
	ofBandwidth   = "it makes the share of a device's bandwidth smaller, and gives no device"
	ofItsNetwork  = "a name or an address inside its own networks"
	ofTheCheck    = "when a health check runs, and what it remembers; what it runs is health-cmd"
	ofWindows     = "Windows alone knows it"
)

func harmlessOfBoth() []option {
	return slices.Concat(
		harmlessly(both, false, "attach/a detach-keys", ofTheTerminal),
		harmlessly(both, true, "quiet/q sig-proxy", ofTheTerminal),
		harmlessly(both, true, "help", "nothing is run"),
		harmlessly(both, true, "disable-content-trust", "Podman takes it without effect, and it is Docker's default"),
		harmlessly(both, false, `blkio-weight blkio-weight-device device-read-bps device-read-iops device-write-bps
			device-write-iops`, ofBandwidth),
		harmlessly(both, false, "ip ip6 mac-address network-alias", ofItsNetwork),
		harmlessly(both, false, "health-retries health-start-period health-timeout", ofTheCheck),
		harmlessly(both, false, "kernel-memory memory-reservation memory-swappiness", "further limits below the memory limit, which is judged"),
		harmlessly(both, false, "cpuset-mems", "it makes the memory that may be used smaller"),
		harmlessly(both, false, "stop-signal", "what does not end by the signal is killed"),
	)
}

func harmlessOfPodman() []option {
	return slices.Concat(
		harmlessly(podman, false, `health-max-log-count health-max-log-size health-startup-interval health-startup-retries
			health-startup-success health-startup-timeout`, ofTheCheck),
		harmlessly(podman, false, "health-startup-cmd", "it runs in the container with the workload's own rights"),
		harmlessly(podman, false, "init-ctr", "when a pod starts it"),
		harmlessly(podman, false, "personality", "LINUX or LINUX32: what the kernel calls its own machine"),
		harmlessly(podman, false, "retry retry-delay", "how often the same image is asked for"),
		harmlessly(podman, false, "shm-size-systemd", "a tmpfs of systemd mode, which ZL-608 judges, within the memory limit"),
		harmlessly(podman, false, "unsetenv", "it takes variables away"),
		harmlessly(podman, true, "unsetenv-all", "it takes variables away"),
		harmlessly(podman, true, "no-hostname passwd", "whether files of the container name it and its user"),
	)
}

func harmlessOfDocker() []option {
	return slices.Concat(
		harmlessly(docker, false, "domainname link-local-ip", ofItsNetwork),
		harmlessly(docker, false, "health-interval health-start-interval", ofTheCheck),
		harmlessly(docker, false, "cpu-count cpu-percent io-maxbandwidth io-maxiops isolation", ofWindows),
		harmlessly(docker, false, "storage-opt", "how large the container's own layer may become"),
	)
}

const ofTheEngine = "what the engine tells of itself, and where its own log goes"

func harmlessEngine() []option {
	return slices.Concat(
		harmlessly(podman, false, "events-backend log-level", ofTheEngine),
		harmlessly(podman, true, "syslog trace", ofTheEngine),
		harmlessly(podman, false, "storage-driver db-backend", "how the engine keeps what it keeps, at the same place"),
		harmlessly(podman, true, "transient-store", "how long the engine remembers its containers"),
		harmlessly(podman, false, "max-workers", "how many things the engine does at a time"),
		harmlessly(podman, false, "namespace", "which of the engine's containers the command sees"),
	)
}

func harmlessInFront() []option {
	const ofTLS = "how an engine at tcp:// is reached, which ZL-103 judges"
	return slices.Concat(
		harmlessly(podman, true, "noout debug/D", ofTheEngine),
		harmlessly(docker, true, "debug/D", ofTheEngine),
		harmlessly(docker, false, "log-level/l", ofTheEngine),
		harmlessly(docker, true, "tls tlsverify", ofTLS),
		harmlessly(podman, false, "ssh", "which program of the host's reaches a remote engine, which ZL-103 judges"),
		harmlessly(both, true, "version/v help", "nothing is run"),
	)
}
