package audit

import (
	"fmt"
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func tmpfsBounded(s *container.Spec) string {
	for _, at := range container.TmpfsAt.Keys(s) {
		t, m, _ := container.TmpfsAt.Get(s, at)
		if t.Size <= 0 {
			return fmt.Sprintf("tmpfs %s must have a size", at)
		}
		if t.Exec && m.Why == "" {
			return fmt.Sprintf("tmpfs %s is executable: give its why", at)
		}
	}
	return ""
}

func volumesReadOnly(s *container.Spec) string {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if !v.ReadOnly && m.Why == "" && !hostMade(m) {
			return fmt.Sprintf("volume %s must be read-only, or say why it is written", at)
		}
	}
	return ""
}

func volumesInert(s *container.Spec) string {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if !hostMade(m) && (!v.NoSuid || !v.NoDev) {
			return fmt.Sprintf("volume %s must be nosuid,nodev", at)
		}
	}
	return ""
}

func volumesLabelled(s *container.Spec) string {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if !hostMade(m) && strings.HasPrefix(v.Source, "/") && v.Relabel == "" && !v.Labelled {
			return fmt.Sprintf("volume %s must carry z or Z", at)
		}
	}
	return ""
}

func hostMade(m container.Mark) bool {
	return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerHost
}

// sensitive are host trees whose content gives persistence or escape, and the
// directories that hold engine sockets (controls reference, ZL-102 and ZL-506).
var sensitive = []string{"/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot", "/dev", "/proc", "/sys", "/root",
	"/run", "/var/run", "/var/lib/containers", "/var/lib/docker"}

func noSensitivePath(s *container.Spec) string {
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		src := path.Clean(v.Source)
		if hostMade(m) || !strings.HasPrefix(src, "/") {
			continue
		}
		if src == "/" || src == "/home" || src == "/var" || strings.HasSuffix(src, ".sock") || beneathAny(src, sensitive) {
			return fmt.Sprintf("volume %s must not come from %s", at, src)
		}
	}
	return ""
}

func noShadowing(s *container.Spec) string {
	system := []string{"/usr", "/lib", "/lib64", "/etc", "/bin", "/sbin", "/proc", "/sys", "/dev"}
	for _, at := range append(container.VolumeAt.Keys(s), container.TmpfsAt.Keys(s)...) {
		if at != "/dev/shm" && (at == "/" || beneathAny(at, system)) {
			return fmt.Sprintf("the mount at %s must not cover a system path of the image", at)
		}
	}
	return ""
}

func beneathAny(p string, roots []string) bool {
	for _, r := range roots {
		if p == r || strings.HasPrefix(p, r+"/") {
			return true
		}
	}
	return false
}
