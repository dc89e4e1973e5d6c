package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// implicitPaths are where read_only alone puts a tmpfs (specgen/generate,
// addReadWriteTmpfsMounts).
var implicitPaths = []string{"/run", "/tmp", "/var/tmp"}

// implicitTmpfs judges the three tmpfs that Podman's command line adds to a
// read-only root. A mount of one's own at the same place replaces the implicit one.
func implicitTmpfs(k *Case) {
	readOnly, ok := read(k, container.ReadOnly)
	if ok && !readOnly {
		k.NA("read_only is false: nothing is added to it")
	}
	if !ok || !readOnly {
		return
	}
	on, _, stated := container.ReadOnlyTmpfs.Get(k.Spec)
	if !stated {
		implicitSeen(k)
	}
	if bare := uncovered(k.Spec); on && len(bare) > 0 {
		if !container.TmpfsAt.Complete(k.Spec) || !container.VolumeAt.Complete(k.Spec) {
			k.Open(at(container.TmpfsAt), "whether there is a tmpfs at %s is not known", quoted(bare))
			return
		}
		k.Fail(at(container.ReadOnlyTmpfs), "read_only_tmpfs must be false, or tmpfs must name %s with a size", strings.Join(bare, ", "))
	}
}

// implicitSeen judges a container of which it is not known what was asked for: the
// three places then show whether they are bounded.
func implicitSeen(k *Case) {
	for _, target := range implicitPaths {
		if t, _, ok := container.TmpfsAt.Get(k.Spec, target); ok && t.Size == 0 {
			k.Fail(elem(container.TmpfsAt, target), "tmpfs %s must have a size, or read_only_tmpfs must be false", target)
		}
	}
	if !container.TmpfsAt.Complete(k.Spec) {
		k.Open(at(container.ReadOnlyTmpfs), "%s is not known", container.ReadOnlyTmpfs.Key())
	}
}

// uncovered lists the implicit places at which nothing is mounted.
func uncovered(s *container.Spec) []string {
	return slices.DeleteFunc(slices.Clone(implicitPaths), func(p string) bool {
		_, _, tmpfs := container.TmpfsAt.Get(s, p)
		_, _, volume := container.VolumeAt.Get(s, p)
		return tmpfs || volume
	})
}

// scratch is the tmpfs a Mend puts somewhere: the size base profiles give /tmp.
var scratch = container.Tmpfs{Size: 256 << 20, Mode: 0o1777}

func mendImplicitTmpfs(s *container.Spec, p container.Path) {
	if p.Key == container.TmpfsAt.Key() && p.Elem != "" {
		mendTmpfs(s, p)
		return
	}
	for _, target := range uncovered(s) {
		container.TmpfsAt.Set(s, target, scratch, mended)
	}
}

func tmpfsBounded(k *Case) {
	each(k, container.TmpfsAt, func(p container.Path, target string, t container.Tmpfs, m container.Mark) {
		var must []string
		for _, o := range []struct {
			wrong bool
			must  string
		}{
			{t.Size == 0, "have a size"},
			{t.Exec && m.Why == "", "be noexec, or say why programs run from it"},
			{t.Suid, "be nosuid"},
			{t.Dev, "be nodev"},
		} {
			if o.wrong {
				must = append(must, o.must)
			}
		}
		if len(must) > 0 {
			k.Fail(p, "tmpfs %s must %s", target, strings.Join(must, ", and "))
		} else if t.Size < 0 {
			k.Open(p, "the size of tmpfs %s is not a number of bytes", target)
		}
	})
}

func mendTmpfs(s *container.Spec, p container.Path) {
	t, m, _ := container.TmpfsAt.Get(s, p.Elem)
	if t.Size <= 0 {
		t.Size = scratch.Size
	}
	t.Exec, t.Suid, t.Dev = t.Exec && m.Why != "", false, false
	container.TmpfsAt.Set(s, p.Elem, t, mended)
}

// imageVolumes judges what becomes of the VOLUMEs of the image that no mount of
// the run covers.
func imageVolumes(k *Case) {
	mode, _, stated := container.ImageVolume.Get(k.Spec)
	switch volumes, _, known := container.ImageVolumes.Get(k.Spec); {
	case mode == "ignore" || mode == "tmpfs" || known && len(volumes) == 0:
	case !stated:
		anonymousSeen(k, volumes, known)
	case !known:
		k.Open(at(container.ImageVolumes), "which VOLUMEs the image has is not known: podman image inspect tells, or image_volume must be ignore")
	default:
		if bare := slices.DeleteFunc(slices.Clone(volumes), func(v string) bool { return covers(k.Spec, v) }); len(bare) > 0 {
			k.Fail(at(container.ImageVolume), "image_volume must be ignore or tmpfs: the image has VOLUME %s", quoted(bare))
		}
	}
}

// covers tells whether a mount of the run's own stands at a target.
func covers(s *container.Spec, target string) bool {
	target = path.Clean(target)
	_, _, tmpfs := container.TmpfsAt.Get(s, target)
	v, _, volume := container.VolumeAt.Get(s, target)
	return tmpfs || volume && !madeUp().MatchString(v.Source)
}

// anonymousSeen judges a container of which it is not known what was asked for:
// a volume with a name that the engine made up is of the image, or of --volume
// without a source.
func anonymousSeen(k *Case, volumes []string, known bool) {
	each(k, container.VolumeAt, func(p container.Path, target string, v container.Volume, _ container.Mark) {
		switch {
		case !madeUp().MatchString(v.Source):
		case !known:
			k.Open(p, "whether volume %s is a VOLUME of the image is not known", target)
		case slices.ContainsFunc(volumes, func(v string) bool { return path.Clean(v) == target }):
			k.Fail(p, "image_volume must be ignore or tmpfs: volume %s is a VOLUME of the image", target)
		}
	})
}

func volumesReadOnly(k *Case) {
	images, _, _ := container.ImageVolumes.Get(k.Spec)
	volumes(k, func(m *mount) {
		image := m.kind == anonymousVolume && m.observed() && slices.Contains(images, m.target) // ZL-504
		if m.written() && !m.declared() && m.kind != memoryMount && !image {
			k.Fail(m.at, "%s must be read-only, or say why it is written", m)
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
