package observe

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Counts is which of several pieces of evidence decides a row.
type Counts struct {
	// Worst makes the row of into the worse of the two; nil: the best evidence
	// decides, for the reason in Why.
	Worst func(into, from *container.Spec)
	// Granted tells that the OCI configuration counts beside the kernel's record: a
	// process can give away what it was granted, and another has it still.
	Granted bool
	Why     string
}

// Walls answers for each row that a rung above inspect shows what counts. A row is
// a wall where one process that lacks it is a way around it for all.
var Walls = map[string]Counts{
	container.Capabilities.Key():    {Worst: union(container.Capabilities), Granted: true},
	container.Privileged.Key():      {Worst: either(container.Privileged, true), Granted: true},
	container.NoNewPrivileges.Key(): {Worst: either(container.NoNewPrivileges, false), Granted: true},
	container.SeccompFilter.Key():   {Worst: either(container.SeccompFilter, "none"), Granted: true},
	container.User.Key():            {Worst: worseUser, Granted: true},
	container.GroupAdd.Key():        {Worst: union(container.GroupAdd), Granted: true},
	container.ReadOnly.Key():        {Worst: either(container.ReadOnly, false), Granted: true},
	container.VolumeAt.Key():        {Worst: worseVolumes, Granted: true},
	container.Ipc.Key():             {Worst: either(container.Ipc, "host"), Granted: true},
	container.Pid.Key():             {Worst: either(container.Pid, "host"), Granted: true},
	container.Uts.Key():             {Worst: either(container.Uts, "host"), Granted: true},
	container.Cgroupns.Key():        {Worst: either(container.Cgroupns, "host"), Granted: true},
	container.Network.Key():         {Worst: hostNetwork, Granted: true},
	container.ProcessLabel.Key():    {Worst: worseLabel, Granted: true},
	container.WorkloadLevel.Key():   {Worst: worseLevel, Granted: true},
	container.Device.Key():          {Worst: union(container.Device)},
	container.TmpfsAt.Key():         {Worst: worseTmpfs},
	container.MissingMasks.Key():    {Worst: union(container.MissingMasks)},
	container.PreserveFds.Key():     {Worst: most(container.PreserveFds)},
	container.Memory.Key():          {Worst: unlimited(container.Memory)},
	container.MemorySwap.Key():      {Worst: unlimited(container.MemorySwap)},
	container.PidsLimit.Key():       {Worst: unlimited(container.PidsLimit)},
	container.Cpus.Key():            {Worst: unlimited(container.Cpus)},
	container.UlimitOf.Key():        {Worst: worseUlimits},

	container.UidMap.Key():           {Why: "it goes with the user, and changes with it"},
	container.GidMap.Key():           {Why: "it goes with the user, and changes with it"},
	container.WorkloadRole.Key():     {Why: "it goes with the label's type, which is judged"},
	container.Userns.Key():           {Why: "it is the container's own; who came from outside is told by user and capabilities"},
	container.ShmSize.Key():          {Why: "one mount, which all processes share; another one would be a volume"},
	container.Apparmor.Key():         {Why: "only the configuration shows it; rootless Podman applies none"},
	container.Mask.Key():             {Why: "only the configuration shows it; what a process lacks is a missing mask"},
	container.Unmask.Key():           {Why: "only the configuration shows it; what a process lacks is a missing mask"},
	container.Sysctl.Key():           {Why: "a namespace has one value, and the configuration says it"},
	container.ProcOpts.Key():         {Why: "only the configuration shows it"},
	container.DeviceCgroupRule.Key(): {Why: "only the configuration shows it"},
	container.DeviceNodeAt.Key():     {Why: "it is planned; what another process has beside it is a device"},
	container.HookAt.Key():           {Why: "only the configuration shows it; it runs outside of the container"},
	container.Entrypoint.Key():       {Why: "it is what was to be run; a process may replace itself"},
	container.Args.Key():             {Why: "it is what was to be run; a process may replace itself"},
	container.Env.Key():              {Why: "it is what was given; a process may change its own"},
	container.Workdir.Key():          {Why: "no wall: a process goes where it may"},
	container.Hostname.Key():         {Why: "no wall: a name"},
	container.Tty.Key():              {Why: "it is of the first process"},
	container.Umask.Key():            {Why: "no wall: a process sets its own"},
	container.Annotation.Key():       {Why: "it is of the container"},
}
