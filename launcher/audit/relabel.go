package audit

import (
	"path"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The controls of z and Z, which give a tree of the host its SELinux label.

var VolumesLabelled = &Control{
	ID: "ZL-510", Name: "volumes-labelled", Severity: Medium,
	Title:  "Bind mounts are labelled for containers (SELinux hosts)",
	Why:    "an unlabelled mount fails where SELinux enforces, and people then turn it off",
	Fix:    "--volume SRC:DEST:z,ro, or label the store once: semanage fcontext -a -t container_ro_file_t 'SRC(/.*)?', restorecon -R SRC",
	Breaks: "NFS and vfat cannot be relabelled: mount them with context=, or set virt_use_nfs",
	Refs:   []string{"IBM L159-163", "CIS 5.3", "PSS baseline", "NIST 4.4.3"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther, container.SELinux},
	Judge:  judgeVolumesLabelled,
	Mend:   mendVolume(func(v *container.Volume) { v.Relabel = "z" }),
}

// judgeVolumesLabelled demands z or Z of binds. What a sensitive path would need is not
// asked: relabelling it is ZL-511.
func judgeVolumesLabelled(k *Case) {
	if peek(k, container.SELinux) == "off" {
		k.NA("SELinux is off on this host: nothing is labelled")
		return
	}
	volumes(k, func(m *mount) {
		switch {
		case m.Relabel != "" || m.Labelled || m.kind == namedVolume || m.kind == anonymousVolume || m.kind == memoryMount || fromSystem(m):
		case m.kind == pathOrName:
			k.Open(m.at, "%s: %s is expanded elsewhere", m, m.Source)
		case m.Overlay:
			k.Open(m.at, "the label of %s on disk is not known: nothing relabels below an overlay", m.Source)
		case m.forgotten():
			k.Open(m.at, "the label of %s on disk is not known: podman inspect forgets z, ls -dZ shows it", m.Source)
		default:
			k.Fail(m.at, "%s must carry z or Z", m)
		}
	})
}

// fromSystem tells that a mount comes from a place that must not be relabelled.
func fromSystem(m *mount) bool {
	return slices.ContainsFunc(m.sources, func(s source) bool { return s.open == "" && forbidden(s.path) })
}

var NoHarmfulRelabel = &Control{
	ID: "ZL-511", Name: "no-harmful-relabel", Severity: High,
	Title:  "No relabel of trees that others need",
	Why:    "z on ~/.ssh or another service's data changes the labels on the host for good and locks their owner out",
	Fix:    "a directory made for this workload, and z there",
	Breaks: "the container needs another directory",
	Refs:   []string{"IBM L159-163", "CIS 5.3", "CIS 5.6", "PSS baseline", "CWE-732"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther, container.SELinux},
	Judge:  judgeNoHarmfulRelabel,
	Mend:   mendVolume(func(v *container.Volume) { v.Relabel = "" }),
}

// judgeNoHarmfulRelabel demands that only trees of the workload's own are relabelled.
func judgeNoHarmfulRelabel(k *Case) {
	if peek(k, container.SELinux) == "off" {
		k.NA("SELinux is off on this host: nothing is relabelled")
		return
	}
	everyMount(k, func(m *mount) {
		for _, s := range m.sources {
			switch bad := s.path != "" && forbidden(s.path); {
			case m.Relabel == "" && !(bad && m.forgotten()):
			case m.Relabel == "":
				k.Open(m.at, "whether %s was relabelled is not known: podman inspect forgets z", s.said)
			case bad && s.open == "":
				k.FailAs(relabelWeight(s.path), m.at, "%s must not carry %s: it would relabel %s for good", m, m.Relabel, s.said)
			case s.open != "":
				k.Open(m.at, "%s: %s", m, s.open)
			}
		}
	})
}

// relabelWeight is less for a tool's own configuration and for a cache: their owners go on
// reading them as long as SELinux does not confine the owners too.
func relabelWeight(p string) Severity {
	if caches[spellings(p)[0]] != "" || ownConfiguration(p) {
		return Medium
	}
	return High
}

var labelFits = &Control{
	ID: "ZL-512", Name: "label-fits", Severity: Low,
	Title:  "Shared or private label fits the use",
	Why:    "z lets every container on the host read the mount as far as SELinux goes; Z takes a shared store away from the others",
	Fix:    "Z for secrets and private output, z and ro for a model store that containers share",
	Breaks: "Z on a directory that another container uses breaks the other one",
	Refs:   []string{"IBM L159-163", "CIS 5.3", "CWE-668"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther, container.SELinux},
	Judge:  judgeLabelFits,
	Mend:   mendVolume(func(v *container.Volume) { v.Relabel = map[string]string{"z": "Z", "Z": "z"}[v.Relabel] }),
}

// judgeLabelFits judges what the source alone can tell of a label: a secret is for one
// container. Whether another container needs a store marked Z is not known here.
func judgeLabelFits(k *Case) {
	if peek(k, container.SELinux) == "off" {
		k.NA("SELinux is off on this host: nothing is labelled")
		return
	}
	label := map[string]string{}
	volumes(k, func(m *mount) {
		if m.Relabel == "" || len(m.sources) == 0 {
			return
		}
		s := m.sources[0]
		_, store := reachesCredentials(s.path)
		other, again := label[s.path]
		switch label[s.path] = m.Relabel; {
		case s.path == "" || s.open != "":
		case m.Relabel == "z" && (store > above || secretFile().MatchString(path.Base(s.path))):
			k.Fail(m.at, "%s must carry Z: with z every container may read %s", m, s.said)
		case again && other != m.Relabel:
			k.Fail(m.at, "%s must carry %s: %s is mounted twice, and the last label counts for both", m, other, s.said)
		}
	})
}

// secretFile matches the names of files and directories that hold a secret.
var secretFile = lazyregexp.New(`(?i)^(.*\.(key|p12|pfx|jks|keytab|kdbx)|id_(rsa|dsa|ecdsa|ed25519)|\.env|(.*[-_.])?(secrets?|tokens?|passwords?|credentials?)([-_.].*)?)$`)
