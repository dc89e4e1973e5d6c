package effective

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// The engines' default capability sets. containerd, under Kubernetes, has Docker's. Podman had Docker's until 4.4 and left
// three away then (containers.conf at each tag; ZL-205).
var (
	podmanCaps = []string{"chown", "dac_override", "fowner", "fsetid", "kill", "net_bind_service", "setfcap", "setgid", "setpcap", "setuid", "sys_chroot"}
	dockerCaps = append([]string{"audit_write", "mknod", "net_raw"}, podmanCaps...)
)

// imply works out what the options of a complete spec do to each other: one word
// such as --privileged undoes many others.
func imply(s *container.Spec, e Engine) {
	privileged, _, _ := container.Privileged.Get(s)
	add, _, _ := container.CapAdd.Get(s)
	stated := true
	for _, row := range []container.Row{container.Privileged, container.CapAdd, container.CapDrop} {
		_, known := s.Mark(row)
		stated = stated && known
	}
	if _, _, known := container.Capabilities.Get(s); !known && stated {
		switch {
		case privileged: // beats --cap-drop all: measured, 41 capabilities remain
			container.Capabilities.Set(s, []string{"all"}, derived("privileged"))
		case slices.Contains(names(add), "all"):
			container.Capabilities.Set(s, []string{"all"}, derived("cap_add"))
		default:
			capabilities(s, defaultCaps(e))
		}
	}
	profile, _, _ := container.SeccompProfile.Get(s)
	if privileged && profile == "" || profile == "unconfined" {
		unless(s, container.SeccompFilter, "none", derived("privileged, seccomp_profile"))
	}
	if on, _, ok := container.SELinux.Get(s); ok {
		if _, _, known := container.ProcessLabel.Get(s); !known {
			processLabel(s, on != "off")
		}
	}
}

func defaultCaps(e Engine) []string {
	if e.Kind == "docker" || e.Kind == Kubernetes || engine.Older(e.Version, 4, 4, 0) {
		return dockerCaps
	}
	return podmanCaps
}
