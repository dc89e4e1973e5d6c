package dockerrun

import (
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// special is a row of which Docker makes something else than Podman, or nothing. Every
// other row is told by the option that the table of launcher/form/command has for it.
type special struct {
	keys  string         // what stands there, where it is not the option alone
	since string         // the first target that has it
	why   string         // why docker cannot say it, or say it with an earlier target
	fit   func(*fitting) // makes of the row what docker can say, and tells what is lost
}

// specials are by the key of their row.
var specials = map[string]special{
	container.Pull.Key():       {fit: fitPull},
	container.Entrypoint.Key(): {keys: "--entrypoint; its further words behind the image", fit: fitEntrypoint},
	container.SecretOf.Key():   {why: "docker run has no secrets, which are of swarm and Compose"},
	container.Userns.Key(): {why: "dockerd alone decides which uid of the host is behind one of the container, by " +
		"userns-remap of its daemon.json: no run has a map of its own"},
	container.CapDrop.Key(): {keys: "--cap-drop; also those of Docker's default set that Podman's has not", fit: fitCapDrop},
	container.Mask.Key(): {why: "docker masks paths of /proc and /sys of its own, which leave out /sys/fs/selinux and /sys/dev/block, " +
		"and takes no more"},
	container.Unmask.Key():        {fit: fitUnmask, keys: "--security-opt systempaths=unconfined; of ALL, and of nothing else"},
	container.ReadOnlyTmpfs.Key(): {why: "docker mounts no tmpfs of itself where the root is read-only"},
	container.TmpfsAt.Key():       {keys: "--tmpfs; --mount type=tmpfs where its path has a colon", fit: fitTmpfs},
	container.VolumeAt.Key():      {keys: "--mount type=bind; --volume where it is named or relabelled, without nosuid, nodev and noexec", fit: fitVolumes},
	container.ImageVolume.Key():   {why: anonymousVolumes, fit: fitImageVolume},
	container.Device.Key():        {keys: "--device; of the Container Device Interface since 28", fit: fitDevices},
	container.Network.Key():       {keys: "--network; several since 28", fit: fitNetworks},
	container.Pid.Key():           {keys: "--pid; none where it is private"},
	container.Uts.Key():           {keys: "--uts; none where it is private", fit: joins(container.Uts)},
	container.Cgroupns.Key():      {fit: joins(container.Cgroupns)},
	container.Cpus.Key():          {fit: fitCpus},
	container.Systemd.Key():       {why: "docker has no systemd mode"},
	container.LogDriver.Key():     {keys: "--log-driver; json-file for k8s-file: either is a file of the container's own that max-size bounds", fit: fitLogDriver},
	container.LogOpt.Key():        {fit: fitLogOpts},
	container.Umask.Key():         {why: "docker run has no umask: it is 0022 unless the image sets one"},
	container.HttpProxy.Key():     {why: "docker copies no proxies of the host's environment, only those of the caller's ~/.docker/config.json"},
	// docker/docs, engine/release-notes/24.0: "support for setting OCI runtime annotations".
	container.Annotation.Key(): {since: "28", why: "docker has annotations since 24.0"},
}

// Says is how a target of Docker is told each row.
func Says(target string) []form.Says {
	var out []form.Says
	for _, row := range container.Rows {
		if row.Derived() {
			continue
		}
		sp := specials[row.Key()]
		says := form.Says{Row: row, Keys: sp.keys, Since: sp.since, Nature: command.Nature(row, engine)}
		switch {
		case row.Key() == container.Image.Key() || row.Key() == container.Args.Key():
			says.Keys = positions[row.Key()]
		case sp.unsaid(target):
			says.Keys, says.Why = "", sp.why
		case says.Keys == "":
			says.Keys = command.Keys(row, engine)
		}
		if says.Keys != "" {
			says.Nature = ""
		}
		out = append(out, says)
	}
	return out
}

const (
	noOption         = "zlaunch knows no option of docker that says it" // of a run that others wrote
	anonymousVolumes = "docker makes a writable volume at each VOLUME of the image that no mount covers"
)

var positions = map[string]string{container.Image.Key(): "the first word behind the options", container.Args.Key(): "the words behind the image"}

// unsaid tells that a target has no words for the row.
func (sp special) unsaid(target string) bool {
	return sp.why != "" && (sp.since == "" || before(target, sp.since))
}
