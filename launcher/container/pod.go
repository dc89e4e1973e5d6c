package container

// PodRows are the rows that a pod decides of its members, alone or beside them:
// what they share of its infra container, what they inherit from it (libpod:
// InfraInherit), and what bounds the cgroup that holds them all
// (podman-pod-create(1)). Treat it as a constant.
var PodRows = []Row{
	Network, Publish, PublishAll, Hostname, AddHost, Dns, NoHosts,
	Userns, UidMaps, GidMaps, SubIds, Ipc, Pid, Uts, Cgroupns, Sysctl, ShmSize,
	Device, Gpus, VolumeAt, TmpfsAt, MountOther, VolumesFrom,
	SecurityLabel, Apparmor, SeccompProfile, SeccompPolicy, NoNewPrivileges, Mask, Unmask, ProcOpts,
	CgroupParent, Memory, MemorySwap, Cpus, CpuShares, Cpuset, Restart,
}
