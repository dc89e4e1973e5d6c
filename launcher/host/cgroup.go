package host

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// CgroupVersion is how the cgroup file systems are laid out.
type CgroupVersion string

// The layouts. Hybrid has version 1 controllers and an empty version 2 tree;
// for limits it counts as version 1.
const (
	CgroupUnknown CgroupVersion = ""
	CgroupV1      CgroupVersion = "v1"
	CgroupHybrid  CgroupVersion = "hybrid"
	CgroupV2      CgroupVersion = "v2"
)

// Cgroup tells which resource limits this user can have enforced.
type Cgroup struct {
	Version CgroupVersion
	// Controllers are those delegated to the user, sorted. Always empty for an
	// ordinary user without version 2.
	Controllers []string
	Dir         string // where Controllers was read, without /sys/fs/cgroup
	// Divisible: the caller may make cgroups below its own, as it must where no
	// service manager does that for it.
	Divisible bool
	Beside    []string // of a hybrid layout: the controllers that its version 2 tree keeps
}

// Has tells whether the user may set the limits of controller.
func (c Cgroup) Has(controller string) bool { return slices.Contains(c.Controllers, controller) }

const cgroupRoot = "/sys/fs/cgroup"

func cgroupOf(s Source) Cgroup {
	switch {
	case s.exists(cgroupRoot + "/cgroup.controllers"):
		return cgroup2(s)
	case s.exists(cgroupRoot + "/unified/cgroup.controllers"):
		b, _ := s.read(cgroupRoot + "/unified/cgroup.controllers")
		return Cgroup{Version: CgroupHybrid, Beside: append([]string(nil), strings.Fields(string(b))...)}
	case s.exists(cgroupRoot + "/memory"), s.exists(cgroupRoot + "/pids"):
		return Cgroup{Version: CgroupV1}
	}
	return Cgroup{}
}

// cgroup2 asks the user's service manager first: containers of the systemd
// cgroup manager live below it, wherever zlaunch itself was started. Without one
// the own cgroup counts.
func cgroup2(s Source) Cgroup {
	c := Cgroup{Version: CgroupV2, Divisible: unix.Access(s.at(cgroupRoot+ownCgroup(s)), unix.W_OK) == nil}
	dirs := []string{ownCgroup(s)}
	if s.EUID != 0 {
		service := fmt.Sprintf("/user.slice/user-%d.slice/user@%d.service", s.UID, s.UID)
		dirs = append([]string{service}, dirs...)
	} else {
		dirs = []string{"/"}
	}
	for _, dir := range dirs {
		b, err := s.read(cgroupRoot + dir + "/cgroup.controllers")
		if err != nil {
			continue
		}
		c.Controllers, c.Dir = strings.Fields(string(b)), dir
		slices.Sort(c.Controllers)
		break
	}
	return c
}

func ownCgroup(s Source) string {
	b, _ := s.read("/proc/self/cgroup")
	for line := range strings.Lines(string(b)) {
		if dir, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "0::/"); ok {
			return "/" + dir
		}
	}
	return "/"
}
