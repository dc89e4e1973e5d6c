package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The controls of where volumes come from.

var volumesAreVolumes = &Control{
	ID: "ZL-518", Name: "volumes-are-volumes", Severity: Medium,
	Title:  "Named volumes are really volumes",
	Why:    "a volume made with o=bind is a host path under a harmless name; a mistyped path is a new, empty volume",
	Fix:    "write the path itself: --volume /srv/models:/models:ro,z, and see podman volume inspect NAME",
	Breaks: "a volume of a file server is not meant: its driver's options may stay",
	Refs:   []string{"IBM L165-168", "CIS 5.6", "PSS baseline", "NIST 4.5.5", "CWE-668"},
	Reads:  []container.Row{container.VolumeAt},
	Judge:  judgeVolumesAreVolumes,
}

func judgeVolumesAreVolumes(k *Case) {
	var ask []*mount
	volumes(k, func(m *mount) {
		switch {
		case m.kind != namedVolume:
		case len(m.sources) > 0:
			k.Fail(m.at, "%s must name the path it binds: %s is %s", m, m.Source, saidOf(m.sources))
		case m.Backed():
		case !volumeName().MatchString(m.Source):
			k.Fail(m.at, "%s must come from a path that begins with / or ./: %s is no name of a volume", m, m.Source)
		case m.mark.Evidence < container.Kernel: // which shows what is really mounted
			ask = append(ask, m)
		}
	})
	if len(ask) == 0 {
		return
	}
	if beforeHost(k) {
		if k.silent() {
			k.NA("whether %s is a volume or a bind needs the host that runs it", ask[0].Source)
		}
		return
	}
	for _, m := range ask {
		k.Open(m.at, "whether %s is a volume or a bind is not known: podman volume inspect tells", m.Source)
	}
}

func saidOf(list []source) string {
	said := make([]string, len(list))
	for i, s := range list {
		said[i] = s.said
	}
	return strings.Join(said, ", ")
}

// volumeName matches what Podman takes for a volume's name (libpod/define,
// NameRegex).
var volumeName = lazyregexp.New(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

var noInheritedMounts = &Control{
	ID: "ZL-519", Name: "no-inherited-mounts", Severity: Medium,
	Title:  "No inherited mounts",
	Why:    "volumes_from brings mounts that nobody reviewed here",
	Fix:    "name each mount with --volume",
	Breaks: "mounts added to the other container later do not come along",
	Refs:   []string{"CWE-668"},
	Reads:  []container.Row{container.VolumesFrom},
	Judge:  empty(container.VolumesFrom, "volumes_from must be empty"),
	Mend:   set(container.VolumesFrom, nil),
}

var StableSource = &Control{
	ID: "ZL-522", Name: "stable-source", Severity: Medium,
	Title:  "Mount source is stable",
	Why:    "a relative path, a link or a parent that others may write to can be swapped between check and start",
	Fix:    "the absolute path, below directories that only you write to: readlink -f SRC",
	Breaks: "a line that was meant to be run from several directories",
	Refs:   []string{"IBM L170-172", "CWE-59", "CWE-367"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther, container.UnsafeSources},
	Judge:  judgeStableSource,
}

// judgeStableSource demands sources that nobody can swap. Whose the directories above
// a source are is a fact of the host.
func judgeStableSource(k *Case) {
	unsafe, _, known := container.UnsafeSources.Get(k.Spec)
	for _, u := range unsafe {
		target, why, _ := strings.Cut(u, ": ")
		k.Fail(placeOf(k.Spec, target), "volume %s must come from a path that only you can change: %s", target, why)
	}
	ask := false
	volumes(k, func(m *mount) {
		ask = ask || len(m.sources) > 0
		switch {
		case m.observed(): // the kernel shows whole paths
		case m.Open && len(m.sources) > 0 && m.sources[0].open != "":
			k.Open(m.at, "%s: %s", m, m.sources[0].open)
		case m.kind == bindMount && !m.Open && !strings.HasPrefix(m.Source, "/"):
			k.Fail(m.at, "%s must come from an absolute path, not %s", m, m.Source)
		case m.kind == bindMount && slices.Contains(strings.Split(m.Source, "/"), ".."):
			k.Fail(m.at, "%s must come from a path without .., not %s", m, m.Source)
		}
	})
	stableFiles(k)
	if ask && !known && k.silent() {
		needsHost(k, container.UnsafeSources, "whether others can change the path of a source")
	}
}

// stableFiles demands of the files that an engine reads, obeys or writes over that
// nobody else can put another there first. Of those not asked for here ZL-108, ZL-505,
// ZL-905 and ZL-923 say it.
func stableFiles(k *Case) {
	rows := []string{container.HostFiles.Key(), container.SeccompProfile.Key(), container.Annotation.Key()}
	for _, p := range hostPaths(k) {
		if slices.Contains(rows, p.at.Key) && !slices.Contains([]use{ran, logged, redirectedOut, redirectedIn}, p.use) && p.unstable() {
			k.Fail(p.at, "%s must be a path that only you can change, not %s", p.what, p.said)
		}
	}
}

var NoHostMounts = &Control{
	ID: "ZL-523", Name: "no-host-mounts", Severity: Low,
	Title:  "Host mounts.conf adds nothing",
	Why:    "distributions copy subscription secrets into every container through mounts.conf",
	Fix:    "an empty ~/.config/containers/mounts.conf",
	Breaks: "builds that need the host's subscription; no server does",
	Refs:   []string{"NIST 4.1.4", "CWE-668"},
	Reads:  []container.Row{container.HostMounts, container.VolumeAt},
	Judge:  judgeNoHostMounts,
}

func judgeNoHostMounts(k *Case) {
	seen := map[string]bool{}
	everyMount(k, func(m *mount) {
		if m.added {
			seen[m.target] = true
			k.Fail(m.at, "volume %s must be taken out of the host's mounts.conf or containers.conf", m.target)
		}
	})
	targets, _, known := container.HostMounts.Get(k.Spec)
	for _, target := range targets {
		if !seen[target] {
			k.Fail(at(container.HostMounts), "%s must be taken out of the host's mounts.conf", target)
		}
	}
	if !known && len(seen) == 0 {
		needsHost(k, container.HostMounts, "what mounts.conf adds")
	}
}
