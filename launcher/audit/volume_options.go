package audit

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of the other options of a volume: owner, propagation, nosuid and nodev.

var noChown = &Control{
	ID: "ZL-513", Name: "no-chown", Severity: Medium,
	Title:  "No recursive chown of host data",
	Why:    "U gives the host's tree to a subordinate uid; its owner's own tools lose access",
	Fix:    "leave U away; --userns=keep-id:uid=UID,gid=GID lets the image's user read your files",
	Breaks: "files that only another user may read stay unreadable",
	Refs:   []string{"IBM L170-172", "CWE-732"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther},
	Judge:  judgeNoChown,
	Mend:   mendVolume(func(v *container.Volume) { v.Chown = false }),
}

func judgeNoChown(k *Case) {
	volumes(k, func(m *mount) {
		switch {
		case m.Chown:
			k.Fail(m.at, "%s must not carry U: it gives %s away", m, m.Source)
		case m.forgotten() && m.kind == bindMount:
			k.Open(m.at, "whether U gave %s away is not known: only the create command tells", m.Source)
		}
	})
}

var privatePropagation = &Control{
	ID: "ZL-514", Name: "private-propagation", Severity: Medium,
	Title:  "Private mount propagation",
	Why:    "under shared propagation a mount made inside appears on the host",
	Fix:    "leave the propagation away, which is rprivate",
	Breaks: "automounts that come later are not seen inside: rslave, with its reason",
	Refs:   []string{"CIS 5.20", "PSS baseline", "CWE-668"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther},
	Judge:  judgePrivatePropagation,
	Mend:   mendVolume(func(v *container.Volume) { v.Propagation = "" }),
}

func judgePrivatePropagation(k *Case) {
	everyMount(k, func(m *mount) {
		switch m.Propagation {
		case "", "private", "rprivate", "unbindable", "runbindable":
		case "slave", "rslave":
			if !m.declared() {
				k.Fail(m.at, "%s must be rprivate, or say why it is %s", m, m.Propagation)
			}
		default:
			k.Fail(m.at, "%s must be rprivate, not %s", m, m.Propagation)
		}
	})
}

var volumesInert = &Control{
	ID: "ZL-515", Name: "volumes-inert", Severity: Low,
	Title:  "nosuid and nodev on binds",
	Why:    "setuid files and device nodes in a data directory stay inert",
	Fix:    "--volume SRC:DEST:ro,z,nosuid,nodev",
	Breaks: "nothing; noexec beside them stops the loading of compiled models (model.so)",
	Refs:   []string{"IBM L159-164", "CWE-269"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther},
	Judge:  judgeVolumesInert,
	Mend:   mendVolume(func(v *container.Volume) { v.NoSuid, v.NoDev = true, true }),
}

// judgeVolumesInert demands nosuid and nodev of binds. The engine gives them to its own
// volumes, and to an overlay they cannot be given.
func judgeVolumesInert(k *Case) {
	volumes(k, func(m *mount) {
		var must []string
		if !m.NoSuid {
			must = append(must, "nosuid")
		}
		if !m.NoDev {
			must = append(must, "nodev")
		}
		switch {
		case len(must) == 0 || m.Overlay || isDevice(m):
		case m.kind == bindMount || m.kind == memoryMount:
			k.Fail(m.at, "%s must be %s", m, strings.Join(must, ","))
		case m.kind == pathOrName:
			k.Open(m.at, "%s: %s is expanded elsewhere", m, m.Source)
		}
	})
}

// mendVolume is a Mend that changes one volume. Other mounts are changed by hand.
func mendVolume(change func(*container.Volume)) func(*container.Spec, container.Path) {
	return func(s *container.Spec, p container.Path) {
		if v, _, ok := container.VolumeAt.Get(s, p.Elem); ok && p.Key == container.VolumeAt.Key() {
			change(&v)
			container.VolumeAt.Set(s, p.Elem, v, mended)
		}
	}
}
