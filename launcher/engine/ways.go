package engine

import (
	"slices"
	"strings"
)

// Place is where in an image something stands.
type Place string

// The places of what an engine reads.
const (
	Label      Place = "label"      // LABEL
	Annotation Place = "annotation" // of the manifest
	Config     Place = "config"     // another field of the configuration
)

// Answer is what becomes of an image with something that an engine obeys.
type Answer string

// The answers.
const (
	Refuse   Answer = "refuse"   // the run is refused
	Override Answer = "override" // the run states another value itself
	Stated   Answer = "stated"   // the run states it in any case, or asks for it itself
	Harmless Answer = "harmless" // nothing in a run by zlaunch obeys it
)

// Way is one way by which an image steers an engine, a runtime or another program
// that acts on containers.
type Way struct {
	In       Place
	Name     string // the key; one that ends in "*" is all that begin so
	Who      string // who obeys it
	Does     string // what comes of it, or why nothing does
	Answer   Answer
	Value    string // of [Override]
	Advisory string // its id in [Advisories], "" none
	Grave    bool   // the sandbox is off: no waiver on a command line permits it
}

// Ways are all that are known, the closer name before the wider. Sources:
// libpod/define/annotations.go, pkg/annotations, pkg/specgen/generate, pkg/autoupdate
// and pkg/seccomp of Podman 4.3.1 and 5.8.2; crun(1); runc's libcontainer/specconv.
var Ways = slices.Concat(labels, annotations, configs)

var labels = []Way{
	{In: Label, Name: "PODMAN_SYSTEMD_UNIT", Who: "podman auto-update, podman logs", Answer: Override, Advisory: "CVE-2026-121885",
		Does: "names the unit that an update restarts, and whose journal is shown as the container's"},
	{In: Label, Name: "io.containers.autoupdate", Who: "podman auto-update", Answer: Override, Value: "disabled", Advisory: "CVE-2026-121885",
		Does: "has the image replaced by a newer one, and the unit restarted"},
	{In: Label, Name: "io.containers.autoupdate.authfile", Who: "podman auto-update", Answer: Override,
		Does: "names the file whose credentials go to the image's registry"},
	{In: Label, Name: "io.containers.capabilities", Who: "podman run", Answer: Stated,
		Does: "can only take from the capabilities that a run states, and the proof compares them: ZL-915"},
	{In: Label, Name: "io.containers.seccomp.profile", Who: "podman run --seccomp-policy=image", Answer: Stated,
		Does: "is the filter, where the image may choose it; a run by zlaunch states its own: ZL-915"},
	{In: Label, Name: "io.podman.compose.*", Who: "podman-compose", Answer: Refuse, Does: "makes the container one of another project, whose end ends it"},
	{In: Label, Name: "com.docker.compose.*", Who: "docker compose", Answer: Refuse, Does: "makes the container one of another project, whose end ends it"},
	{In: Label, Name: "com.docker.swarm.*", Who: "dockerd", Answer: Refuse, Does: "makes the container one of a service"},
	{In: Label, Name: "com.docker.stack.*", Who: "dockerd", Answer: Refuse, Does: "makes the container one of a stack"},
	{In: Label, Name: "com.docker.*", Who: "Docker Desktop", Answer: Harmless, Does: "describes an extension or the image"},
	{In: Label, Name: "com.centurylinklabs.watchtower.*", Who: "watchtower", Answer: Refuse, Does: "runs its commands, and replaces the image"},
	{In: Label, Name: "ofelia.*", Who: "ofelia", Answer: Refuse, Does: "runs its commands, on the host too"},
	{In: Label, Name: "run", Who: "podman container runlabel", Answer: Harmless, Does: "is a command for the host, which only runlabel runs"},
	{In: Label, Name: "install", Who: "podman container runlabel", Answer: Harmless, Does: "is a command for the host, which only runlabel runs"},
	{In: Label, Name: "uninstall", Who: "podman container runlabel", Answer: Harmless, Does: "is a command for the host, which only runlabel runs"},
	{In: Label, Name: "io.zlaunch.launch", Who: "zlaunch", Answer: Stated, Does: "every launch states it; whose a container is, zlaunch's own state says"},
	{In: Label, Name: "io.zlaunch.profile", Who: "zlaunch", Answer: Stated, Does: "every run states it"},
	{In: Label, Name: "io.zlaunch.plan", Who: "zlaunch", Answer: Stated, Does: "every run states it"},
	{In: Label, Name: "io.zlaunch.version", Who: "zlaunch", Answer: Stated, Does: "every run states it"},
	{In: Label, Name: "io.zlaunch.derived.*", Who: "zlaunch derive", Answer: Harmless, Does: "says of which image it was made, which the command compares with that image itself"},
}

var annotations = []Way{
	{In: Annotation, Name: "io.podman.annotations.checkpoint.*", Who: "podman run 4.4 to 6.1.2", Answer: Refuse, Grave: true, Advisory: "CVE-2026-94603",
		Does: "restores a checkpoint in place of the run, without its sandbox"},
	{In: Annotation, Name: "io.podman.annotations.*", Who: "podman inspect, podman kube", Answer: Refuse, Advisory: "podman 4.5.1",
		Does: "has podman say of the container what is not so"},
	{In: Annotation, Name: "io.containers.*", Who: "podman kube", Answer: Refuse, Does: "sets options of a container"},
	{In: Annotation, Name: "io.container.manager", Who: "conmon, hooks", Answer: Refuse, Advisory: "podman 4.5.1", Does: "says another engine made the container"},
	{In: Annotation, Name: "io.kubernetes.*", Who: "CRI-O, Kata Containers", Answer: Refuse, Advisory: "podman 4.5.1", Does: "has it taken for a pod's"},
	{In: Annotation, Name: "io.katacontainers.*", Who: "Kata Containers", Answer: Refuse, Advisory: "podman 4.5.1", Does: "configures the runtime and its machine"},
	{In: Annotation, Name: "dev.gvisor.*", Who: "gVisor", Answer: Refuse, Advisory: "podman 4.5.1", Does: "configures the runtime"},
	{In: Annotation, Name: "run.oci.*", Who: "crun", Answer: Refuse, Advisory: "podman 4.5.1",
		Does: "keeps the caller's groups, takes another handler, or writes what hooks say to a file"},
	{In: Annotation, Name: "io.crun.*", Who: "crun", Answer: Refuse, Advisory: "podman 4.5.1", Does: "configures the runtime"},
	{In: Annotation, Name: "krun.*", Who: "crun with libkrun", Answer: Refuse, Advisory: "podman 4.5.1", Does: "configures the machine"},
	{In: Annotation, Name: "module.wasm.*", Who: "crun", Answer: Refuse, Advisory: "podman 4.5.1", Does: "runs the image by a WebAssembly handler"},
	{In: Annotation, Name: "org.systemd.*", Who: "crun and runc under systemd", Answer: Refuse, Advisory: "podman 4.5.1",
		Does: "sets properties of the container's scope, its limits among them"},
	{In: Annotation, Name: "org.criu.*", Who: "crun and runc", Answer: Refuse, Advisory: "podman 4.5.1", Does: "names a file on the host that configures checkpoints"},
	{In: Annotation, Name: "cdi.k8s.io/*", Who: "engines with CDI", Answer: Refuse, Does: "asks for devices"},
	{In: Annotation, Name: "nvidia.*", Who: "NVIDIA's runtime and hooks", Answer: Refuse, Does: "asks for devices"},
	{In: Annotation, Name: "io.zlaunch.profile", Who: "zlaunch", Answer: Harmless, Does: "is what zlaunch export writes where a label takes no such value"},
	{In: Annotation, Name: "io.zlaunch.plan", Who: "zlaunch", Answer: Harmless, Does: "is what zlaunch export writes where a label takes no such value"},
	{In: Annotation, Name: "io.zlaunch.version", Who: "zlaunch", Answer: Harmless, Does: "is what zlaunch export writes where a label takes no such value"},
}

var configs = []Way{
	{In: Config, Name: "Env without =", Who: "podman before 5.8.4", Answer: Refuse, Advisory: "CVE-2026-57231", Does: "takes the engine's own variable"},
	{In: Config, Name: "WorkingDir through a link", Who: "podman before 5.7.1", Answer: Override, Advisory: "CVE-2026-55686",
		Does: "makes a directory on the host, where the image names it; the run states it, and what is stated podman does not make"},
	{In: Config, Name: "Env", Who: "podman", Answer: Stated, Does: "is predicted by the plan and compared by the proof; what loads code is ZL-928"},
	{In: Config, Name: "WorkingDir", Who: "podman", Answer: Stated, Does: "is predicted and compared"},
	{In: Config, Name: "Entrypoint", Who: "podman", Answer: Stated, Does: "is predicted and compared; an init gets no systemd mode, for --systemd=false is stated"},
	{In: Config, Name: "Cmd", Who: "podman", Answer: Stated, Does: "is predicted and compared, as Entrypoint"},
	{In: Config, Name: "User", Who: "podman", Answer: Stated, Does: "is resolved to numbers, judged by them and stated"},
	{In: Config, Name: "Healthcheck", Who: "podman", Answer: Stated, Does: "runs a command in the container by a timer of the user's; --no-healthcheck is stated: ZL-811"},
	{In: Config, Name: "Volumes", Who: "podman", Answer: Stated, Does: "makes anonymous volumes; --image-volume=ignore is stated: ZL-515"},
	{In: Config, Name: "ExposedPorts", Who: "podman run --publish-all", Answer: Stated, Does: "are published where all are; no run by zlaunch asks for it"},
	{In: Config, Name: "StopSignal", Who: "podman stop", Answer: Harmless, Does: "is sent before KILL, which comes after the stop timeout whatever it is"},
	{In: Config, Name: "Shell", Who: "podman build", Answer: Harmless, Does: "is for builds"},
	{In: Config, Name: "OnBuild", Who: "podman build", Answer: Harmless, Does: "is for builds"},
	{In: Config, Name: "Labels", Who: "those of the labels", Answer: Stated, Does: "each is looked up; all are predicted and compared"},
	{In: Config, Name: "ArgsEscaped", Who: "Windows", Answer: Harmless, Does: "is for Windows"},
}

// obeyed begin the names that engines and runtimes act on. One that no way names is
// refused: a later release may have given it a meaning.
var obeyed = map[Place][]string{
	Label:      {"PODMAN_", "io.containers.", "io.podman.", "io.zlaunch.", "com.docker.", "run.oci.", "org.systemd.", "io.kubernetes.cri-o."},
	Annotation: {"PODMAN_", "io.containers.", "io.container.", "io.podman.", "run.oci.", "io.crun.", "krun.", "org.systemd.", "org.criu.", "io.kubernetes.", "io.zlaunch."},
}

// WayOf finds by what way a label or an annotation of that name steers; ok is false
// where nothing obeys it.
func WayOf(in Place, name string) (w Way, ok bool) {
	for _, w := range Ways {
		prefix, wide := strings.CutSuffix(w.Name, "*")
		if w.In == in && (w.Name == name || wide && strings.HasPrefix(name, prefix)) {
			return w, true
		}
	}
	for _, prefix := range obeyed[in] {
		if strings.HasPrefix(name, prefix) {
			return Way{In: in, Name: prefix + "*", Who: "an engine or a runtime", Answer: Refuse,
				Does: "is a name that engines act on, and what this one does is not known"}, true
		}
	}
	return Way{}, false
}

// Overrides are the labels that every run states otherwise than its image may. The
// image is not asked: a line that is printed today may pull another tomorrow.
func Overrides() []Way {
	return slices.DeleteFunc(slices.Clone(labels), func(w Way) bool { return w.Answer != Override })
}
