package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The controls of what the workload writes on the host: volumes, what is mounted below them,
// overlays, logs.

var VolumesReadOnly = &Control{
	ID: "ZL-505", Name: "volumes-read-only", Severity: High,
	Title:  "Bind mounts and volumes are read-only unless declared writable",
	Why:    "a compromised server must not rewrite the model that everyone else loads, nor choose what a file of the host holds",
	Fix:    "--volume SRC:DEST:ro; a log without --log-opt path=",
	Breaks: "outputs and compile caches need to be written: give them a directory of their own and say why",
	Refs: []string{"IBM L159-164", "IBM L170-172", "OWASP #8", "CIS 5.6", "PSS baseline", "KSV-0023", "NIST 4.5.5", "NIST 3.5.5",
		"CWE-732"},
	Reads: []container.Row{container.VolumeAt, container.MountOther, container.LogOpt},
	Judge: func(k *Case) { volumesReadOnly(k); writtenPaths(k) },
	Mend:  mendVolumesReadOnly,
}

// volumesReadOnly fails what is written without a reason. A plan says its reasons, and a
// model store is everybody's; elsewhere data has to be written somewhere, no word of a line
// or a unit says why, and which path of the host it may be is for the controls of paths:
// there it is a second fault that is needed, and of a volume of the engine's own hygiene.
// Who asked for read-only and does not get it is told as gravely as a plan.
func volumesReadOnly(k *Case) {
	images, _, _ := container.ImageVolumes.Get(k.Spec)
	volumes(k, func(m *mount) {
		image := m.kind == anonymousVolume && m.observed() && slices.Contains(images, m.target) // ZL-504
		if m.written() && !m.declared() && m.kind != memoryMount && !image {
			k.FailAs(writtenWeight(k, m), m.at, "%s must be read-only, or say why it is written", m)
		}
	})
}

func writtenWeight(k *Case, m *mount) Severity {
	switch {
	case m.Misread, peek(k, container.Subject) == "plan", modelStore().MatchString(m.target), modelStore().MatchString(m.Source):
		return High
	case (m.kind == namedVolume || m.kind == anonymousVolume) && !m.Backed():
		return Low
	}
	return Medium
}

// modelStore matches a path by whose name models are kept there.
var modelStore = lazyregexp.New(`(?i)(^|[/_.-])(models?|weights|checkpoints?|loras?|adapters|tokenizers?|snapshots|hub|saved_?model|model-?repo(sitory)?)($|[/_.-])`)

// writtenPaths demands that the engine writes nothing of the workload's to a file of
// the caller's choice. Where it must not be at all, ZL-506 and ZL-508 say so.
func writtenPaths(k *Case) {
	for _, p := range hostPaths(k) {
		if p.use != logged || p.why != "" || p.open == "" && p.forbidden() {
			continue
		}
		k.Fail(p.at, "%s must be left away, or say why: what the workload prints is written to %s", p.what, p.said)
	}
}

// mendVolumesReadOnly makes a volume read-only, and leaves the path of a log away.
func mendVolumesReadOnly(s *container.Spec, p container.Path) {
	switch p.Key {
	case container.LogOpt.Key():
		container.LogOpt.Delete(s, p.Elem)
	case container.HostFiles.Key():
		container.HostFiles.Delete(s, p.Elem)
	default:
		mendVolume(func(v *container.Volume) { v.ReadOnly = true })(s, p)
	}
}

var NoWritableSubmount = &Control{
	ID: "ZL-516", Name: "no-writable-submount", Severity: High,
	Title:  "No writable sub-mount under a read-only bind",
	Why:    "ro is not recursive: a file system mounted below the model tree stays writable",
	Fix:    "mount the leaf itself, or mount what lies below it read-only on the host",
	Breaks: "automounted model shares: mount the export, not its parent",
	Refs:   []string{"IBM L159-172", "OWASP #8", "K8s KEP-3857", "CWE-732"},
	Reads:  []container.Row{container.VolumeAt, container.SubMounts},
	Judge:  judgeNoWritableSubmount,
}

func judgeNoWritableSubmount(k *Case) {
	found, _, known := container.SubMounts.Get(k.Spec)
	for _, f := range found {
		k.Fail(placeOf(k.Spec, f), "%s must be read-only too, or mounted by itself: ro of the volume above does not reach it", f)
	}
	if known {
		return
	}
	ask := false
	volumes(k, func(m *mount) { ask = ask || m.kind == bindMount && m.ReadOnly })
	if ask {
		needsHost(k, container.SubMounts, "what is mounted below a read-only volume")
	}
}

var overlayThrowAway = &Control{
	ID: "ZL-517", Name: "overlay-throw-away", Severity: Low,
	Title:  "Overlay mounts are throw-away",
	Why:    "an overlay with an upperdir is a lasting writable layer that podman inspect does not show",
	Fix:    "--volume SRC:DEST:O, without upperdir",
	Breaks: "what the container writes there is gone when it ends",
	Refs:   []string{"IBM L159-168", "OWASP #8"},
	Reads:  []container.Row{container.VolumeAt},
	Judge:  judgeOverlayThrowAway,
	Mend:   mendVolume(func(v *container.Volume) { v.Upper = "" }),
}

func judgeOverlayThrowAway(k *Case) {
	volumes(k, func(m *mount) {
		switch {
		case m.Upper != "" && !m.declared():
			k.Fail(m.at, "%s must not keep what is written in %s, or say why", m, m.Upper)
		case m.Overlay && m.Upper == "" && m.forgotten():
			k.Open(m.at, "whether the overlay at %s has an upperdir is not known: only the create command tells", m.target)
		}
	})
}

// placeOf is the setting of a target: the volume there, or the nearest above it.
func placeOf(s *container.Spec, target string) container.Path {
	for dir := target; strings.HasPrefix(dir, "/"); dir = parent(dir) {
		if _, _, ok := container.VolumeAt.Get(s, dir); ok {
			return elem(container.VolumeAt, dir)
		}
	}
	return at(container.VolumeAt)
}
