package podman

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// createField puts one row of a spec into the request.
type createField struct {
	row container.Row
	put func(*createBody, *container.Spec) error
}

// createFields is the request, row by row. Not here, with the reason: see
// notInCreate.
func createFields() []createField {
	return []createField{
		field(container.Image, func(b *createBody, v string) { b.Image, b.RawImageName = v, v }),
		field(container.Name, func(b *createBody, v string) { b.Name = v }),
		field(container.Entrypoint, putEntrypoint),
		field(container.Args, func(b *createBody, v []string) { b.Command = v }),
		field(container.Workdir, func(b *createBody, v string) { b.WorkDir = v }),
		{container.Env, func(b *createBody, s *container.Spec) error { b.Env = s.Env; return nil }},
		{container.SecretOf, putSecrets},

		field(container.User, func(b *createBody, v string) { b.User = v }),
		field(container.GroupAdd, func(b *createBody, v []string) { b.Groups = v }),
		{container.Userns, putUserns},

		field(container.Privileged, func(b *createBody, v bool) { b.Privileged = &v }),
		field(container.CapDrop, func(b *createBody, v []string) { b.CapDrop = v }),
		field(container.CapAdd, func(b *createBody, v []string) { b.CapAdd = v }),
		field(container.NoNewPrivileges, func(b *createBody, v bool) { b.NoNewPrivileges = &v }),
		field(container.SeccompProfile, putSeccomp),
		field(container.SecurityLabel, putLabels),
		field(container.Apparmor, putApparmor),
		field(container.Mask, func(b *createBody, v []string) { b.Mask = v }),
		field(container.Unmask, func(b *createBody, v []string) { b.Unmask = v }),

		field(container.ReadOnly, func(b *createBody, v bool) { b.ReadOnlyFilesystem = &v }),
		{container.ReadOnlyTmpfs, putReadOnlyTmpfs},
		{container.TmpfsAt, putTmpfs},
		{container.VolumeAt, putVolumes},
		field(container.ImageVolume, func(b *createBody, v string) { b.ImageVolumeMode = v }),
		{container.ShmSize, putShmSize},
		field(container.Device, putDevices),

		field(container.Network, putNetwork),
		{container.Publish, putPublish},
		field(container.Hostname, func(b *createBody, v string) { b.Hostname = v }),
		field(container.Ipc, func(b *createBody, v string) { b.IpcNS = namespace(v) }),
		field(container.Pid, func(b *createBody, v string) { b.PidNS = namespace(v) }),
		field(container.Uts, func(b *createBody, v string) { b.UtsNS = namespace(v) }),
		field(container.Cgroupns, func(b *createBody, v string) { b.CgroupNS = namespace(v) }),
		{container.Sysctl, func(b *createBody, s *container.Spec) error { b.Sysctl = s.Sysctl; return nil }},

		{container.Memory, putMemory},
		field(container.MemorySwap, func(b *createBody, v int64) { b.memory().Swap = &v }),
		field(container.Cpus, putCpus),
		field(container.PidsLimit, putPids),
		{container.UlimitOf, putUlimits},

		field(container.Rm, func(b *createBody, v bool) { b.Remove, b.Volatile = &v, &v }),
		field(container.Restart, putRestart),
		field(container.Init, func(b *createBody, v bool) { b.Init = &v }),
		field(container.StopTimeout, func(b *createBody, v int64) { n := uint(v); b.StopTimeout = &n }),
		field(container.Systemd, func(b *createBody, v string) { b.Systemd = v }),
		field(container.NoHealthcheck, putNoHealthcheck),
		field(container.Interactive, func(b *createBody, v bool) { b.Stdin = &v }),
		field(container.Tty, func(b *createBody, v bool) { b.Terminal = &v }),
		field(container.LogDriver, func(b *createBody, v string) { b.LogConfiguration.Driver = v }),
		{container.LogOpt, putLogOpt},
		field(container.Umask, func(b *createBody, v string) { b.Umask = v }),
		field(container.HttpProxy, func(b *createBody, v bool) { b.HTTPProxy = &v }),
		{container.Labels, func(b *createBody, s *container.Spec) error { b.Labels = s.Labels; return nil }},
		{container.Annotation, putAnnotations},
	}
}

// notInCreate are the rows that are no part of the request, with the reason.
var notInCreate = map[string]string{
	"pull": "the image is pulled before, by a request of its own that carries the policy",
}

// createRequest writes the stated spec s as the request that makes the
// container. It equals what Podman's own client sends for the line of
// [podmanrun.Args], which is what command should hold; the engine keeps command
// for podman-inspect(1), so the values of variables are hidden in it. It fails
// where [podmanrun.Check] does.
func createRequest(s *container.Spec, command []string) (*createBody, error) {
	return createFrom(createFields(), s, command)
}

func createFrom(fields []createField, s *container.Spec, command []string) (*createBody, error) {
	if err := podmanrun.Check(s); err != nil {
		return nil, fmt.Errorf("making the create request: %w", err)
	}
	b := clientDefaults()
	for _, f := range fields {
		if err := f.put(b, s); err != nil {
			return nil, fmt.Errorf("making the create request: %s: %w", f.row.Key(), err)
		}
	}
	b.ContainerCreateCommand = podmanrun.Redacted(command)
	return b, nil
}

// clientDefaults is what Podman's client sends where no option was given. The
// engine's own defaults differ: it would, for one, leave proxy variables out,
// and then a row left unknown would mean one thing in the line and another here.
// Sources: cmd/podman/common/create.go and create_opts.go of v5.8.2, and the
// requests of 4.3.1.
func clientDefaults() *createBody {
	yes, stop := true, uint(10)
	return &createBody{
		HTTPProxy:       &yes,
		ImageVolumeMode: "anonymous",
		Umask:           "0022",
		Systemd:         "true",
		StopTimeout:     &stop,
		Passwd:          true,
		SdNotifyMode:    "container",
		SeccompPolicy:   "default",
		CgroupsMode:     "enabled",
		IDMappings:      wireIDMappings{HostUIDMapping: true, HostGIDMapping: true},
	}
}

// field puts a row that is one value, where it is known and holds something: an
// empty text or list leaves the row to Podman, as in the line.
func field[T any](f container.Field[T], put func(*createBody, T)) createField {
	return createField{f, func(b *createBody, s *container.Spec) error {
		v, _, known := f.Get(s)
		if text, isText := any(v).(string); known && (!isText || text != "") {
			put(b, v)
		}
		return nil
	}}
}
