package observe

// Record is the kernel's own record of one process, as raw texts. Whoever can
// reach /proc fills it; a text that could not be read stays empty, and nothing
// is concluded from it.
type Record struct {
	Status      string // /proc/PID/status
	UidMap      string // /proc/PID/uid_map, read in the launcher's own user namespace
	GidMap      string // /proc/PID/gid_map, likewise
	Mountinfo   string // /proc/PID/mountinfo
	AttrCurrent string // /proc/PID/attr/current: the label the process has
	AttrExec    string // /proc/PID/attr/exec: the label its next execve takes
	Cgroup      string // /proc/PID/cgroup
	Limits      string // /proc/PID/limits

	// Namespaces holds the link targets of /proc/PID/ns by the link's name:
	// "pid" → "pid:[4026531836]".
	Namespaces map[string]string
	// MaskPaths are those of [DefaultMasks] that the host's kernel has; nil where
	// nobody looked.
	MaskPaths []string
	// CgroupFiles holds the limit files of the process's cgroup by name:
	// "memory.max" → "max\n". Files of its ancestors stand under "../memory.max",
	// "../../memory.max" and so on; up to the cgroup named after the container the
	// tightest one counts, for crun puts the workload one level below the cgroup
	// that carries the limits. On cgroup v1
	// each file is looked up below its own controller. A non-nil map says that
	// the cgroup was read: a limit no file shows is then known not to hold.
	CgroupFiles map[string]string
	// TmpfsModes holds the permission bits a tmpfs has by its target in the
	// container; one that could not be read is absent. See [UnprovedTmpfs].
	TmpfsModes map[string]uint32
	// Stray names a directory that the process has open, stands in or has for its
	// root, and that is on none of the container's mounts: "descriptor 3 on /home/u".
	// From there it reaches all of the host. "" none was seen.
	Stray string
	// HostSockets is how many connected unix sockets of the host's network the
	// process has open.
	HostSockets int
}
