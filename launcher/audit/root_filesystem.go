package audit

import (
	"path"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of the container's root: read-only, of an image, and its VOLUMEs.

var ReadOnlyRoot = &Control{
	ID: "ZL-501", Name: "read-only-root", Severity: High,
	Title: "Root filesystem read-only",
	Why:   "an intruder cannot drop tools or alter the server: what runs is what was scanned",
	Fix:   "--read-only, and a sized --tmpfs for each place the workload writes to",
	Breaks: "caches: point HOME, XDG_CACHE_HOME, HF_HOME, MPLCONFIGDIR, NUMBA_CACHE_DIR, TORCHINDUCTOR_CACHE_DIR and TRITON_CACHE_DIR to a tmpfs " +
		"and set PYTHONDONTWRITEBYTECODE=1; podman cp into the container stops working",
	Refs: []string{"IBM L110-114", "IBM L156-158", "OWASP #8", "CIS 5.13", "NSA immutable file systems", "KSV-0014", "CKV_K8S_22",
		"kubesec ReadOnlyRootFilesystem", "kube-score container-security-context-readonlyrootfilesystem", "NIST 4.4.3", "CWE-732"},
	Reads: []container.Row{container.ReadOnly},
	Judge: claims(container.ReadOnly, true, "read_only must be true"),
	Mend:  set(container.ReadOnly, true),
}

var imageVolumesIgnored = &Control{
	ID: "ZL-504", Name: "image-volumes-ignored", Severity: Medium,
	Title:  "Image VOLUMEs do not re-open the rootfs",
	Why:    "each VOLUME of the image would be writable in spite of the read-only root, and outlives the container",
	Fix:    "--image-volume=ignore, or tmpfs, or a mount of your own at each VOLUME",
	Breaks: "ignore may hide data that the server expects there",
	Refs:   []string{"IBM L110-114", "OWASP #8", "NSA immutable file systems", "CIS-DI DKL-DI-0002", "CWE-732"},
	Reads:  []container.Row{container.ImageVolume, container.ImageVolumes},
	Judge:  judgeImageVolumesIgnored,
	Mend:   set(container.ImageVolume, "ignore"),
}

// judgeImageVolumesIgnored judges what becomes of the VOLUMEs of the image that no mount of
// the run covers.
func judgeImageVolumesIgnored(k *Case) {
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

// covers tells whether a mount of the run's own stands at a target.
func covers(s *container.Spec, target string) bool {
	target = path.Clean(target)
	_, _, tmpfs := container.TmpfsAt.Get(s, target)
	v, _, volume := container.VolumeAt.Get(s, target)
	return tmpfs || volume && !madeUp().MatchString(v.Source)
}

var noBareRootfs = &Control{
	ID: "ZL-521", Name: "no-bare-rootfs", Severity: Medium,
	Title:  "No bare rootfs",
	Why:    "a root file system without an image has no digest and no scan, and is written to on the host unless :O",
	Fix:    "an image: podman import DIR.tar NAME, then its digest",
	Breaks: "tests that change the tree between runs",
	Refs:   []string{"IBM L184-190", "OWASP #13", "CIS 4.2", "CWE-494"},
	Reads:  []container.Row{container.Rootfs, container.RootfsOverlay},
	Judge:  judgeNoBareRootfs,
}

func judgeNoBareRootfs(k *Case) {
	if dir, ok := read(k, container.Rootfs); ok && dir != "" {
		written := ""
		if overlay, _, known := container.RootfsOverlay.Get(k.Spec); known && !overlay {
			written = ", and it is written to on the host"
		}
		k.Fail(at(container.Rootfs), "rootfs must be left away and image name an image: %s has no digest%s", dir, written)
	}
}
