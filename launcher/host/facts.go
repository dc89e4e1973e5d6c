// Package host reads the facts about this host that decide whether and how a
// container can run: identity, sub-ids, cgroups, SELinux, AppArmor, NNPA, and
// what containers.conf, mounts.conf and hook directories would add to a run.
//
// [Read] reads each fact once and never changes the host. It runs no program. A
// fact that cannot be read is left at its zero value, which means unknown; only a
// configuration file that Podman itself would refuse is an error.
//
// The facts are those of the machine zlaunch runs on. With a remote engine they
// say nothing about the containers.
package host

import (
	"runtime"
	"slices"
)

// Facts is what is known about this host and the caller.
type Facts struct {
	OS   string // GOOS
	Arch string // GOARCH, the name podman uses too

	UID, EUID, GID int
	Groups         []int // supplementary groups, sorted, without GID
	Username       string
	Home           string
	ConfigHome     string // $XDG_CONFIG_HOME or ~/.config
	RuntimeDir     RuntimeDir

	SubUIDs, SubGIDs SubIDs
	NewUIDMap        Helper
	NewGIDMap        Helper
	Userns           Userns
	FirstPort        int64 // the lowest port an ordinary user can listen on: net.ipv4.ip_unprivileged_port_start

	Cgroup      Cgroup
	Linger      bool // user services survive the last logout
	UserSystemd bool // the user's systemd has a socket to talk to

	SELinux  SELinux
	AppArmor bool // the kernel enforces AppArmor profiles
	NNPA     NNPA

	Conf   *Conf   // containers.conf, merged as Podman merges it
	Mounts []Mount // what mounts.conf makes Podman add to every container
	Hooks  []Hook  // OCI hooks Podman knows, by file name

	Programs []Program // what Podman runs outside of the container and somebody beside root may exchange

	src Source
}

// Blank is a host of which nothing is known, and on which no file is there to be read.
func Blank() *Facts { return &Facts{src: Source{Root: "/proc/self/nothing"}} }

// Read collects the facts of src. The error is that of a containers.conf which
// Podman would refuse as well; the other facts are valid even then.
func Read(src Source) (*Facts, error) {
	f := &Facts{OS: runtime.GOOS, Arch: src.Arch, UID: src.UID, EUID: src.EUID, GID: src.GID, src: src}
	f.Groups = otherGroups(src.Groups, src.GID)
	f.Username, f.Home = account(src)
	f.ConfigHome = configHome(src, f.Home)
	f.RuntimeDir = runtimeDirOf(src)
	f.readIdentity()
	f.readKernel()
	conf, err := readConf(src, f.ConfigHome)
	f.Conf = conf
	f.Mounts = mountsConf(src, f.Home)
	f.Hooks = readHooks(src, conf)
	f.Programs = programReader{src}.programs(conf, f.ConfigHome)
	return f, err
}

func (f *Facts) readIdentity() {
	f.SubUIDs = subIDsOf(f.src, "/etc/subuid", f.Username)
	f.SubGIDs = subIDsOf(f.src, "/etc/subgid", f.Username)
	f.NewUIDMap = setuidHelper(f.src, "newuidmap")
	f.NewGIDMap = setuidHelper(f.src, "newgidmap")
	f.Linger = f.Username != "" && f.src.exists("/var/lib/systemd/linger/"+f.Username)
	f.UserSystemd = f.RuntimeDir.Path != "" && f.src.exists(f.RuntimeDir.Path+"/systemd/private")
}

func (f *Facts) readKernel() {
	f.Userns = usernsOf(f.src)
	f.FirstPort, _ = f.src.number("/proc/sys/net/ipv4/ip_unprivileged_port_start")
	f.Cgroup = cgroupOf(f.src)
	f.AppArmor = f.src.line("/sys/module/apparmor/parameters/enabled") == "Y"
	f.NNPA = nnpaOf(f.src)
	if f.src.SELinux != nil {
		f.SELinux = f.src.SELinux()
	}
}

func otherGroups(groups []int, gid int) []int {
	out := slices.Clone(groups)
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(g int) bool { return g == gid })
}
