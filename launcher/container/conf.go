package container

// ConfRows are the settings of a run that containers.conf decides where the run
// does not state them (containers.conf(5), [containers] and [engine]).
var ConfRows = []Row{
	Apparmor, Cgroupns, Cgroups, EnvHost, HooksDir, HttpProxy, Init, Ipc, LogDriver, Network, NoHosts, OomScoreAdj, Pid,
	PidsLimit, Privileged, ReadOnly, Runtime, SeccompProfile, SecurityLabel, ShmSize, Umask, Userns, Uts,
}

// ConfLists are the settings to which containers.conf adds whatever a run states.
var ConfLists = []Row{Annotation, Device, Env, LogOpt, MountOther, Sysctl, UlimitOf, VolumeAt}
