package podman

import (
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

func (b *createBody) mountTmpfs(target string, options []string) {
	b.Mounts = append(b.Mounts, specs.Mount{Destination: target, Type: "tmpfs", Source: "tmpfs", Options: options})
}

func putTmpfs(b *createBody, s *container.Spec) error {
	for _, target := range container.TmpfsAt.Keys(s) {
		t, _, _ := container.TmpfsAt.Get(s, target)
		b.mountTmpfs(target, podmanrun.TmpfsOptions(t))
	}
	return nil
}

// putVolumes: binds stand among the mounts, volumes have a list of their own.
// A bind without its type would be taken and fail at the start.
func putVolumes(b *createBody, s *container.Spec) error {
	for _, target := range container.VolumeAt.Keys(s) {
		v, _, _ := container.VolumeAt.Get(s, target)
		options := podmanrun.VolumeOptions(v)
		if podmanrun.Bind(v) {
			b.Mounts = append(b.Mounts, specs.Mount{Destination: target, Type: "bind", Source: v.Source, Options: options})
		} else {
			b.Volumes = append(b.Volumes, wireVolume{Name: v.Source, Dest: target, Options: options})
		}
	}
	return nil
}

func putShmSize(b *createBody, s *container.Spec) error {
	n, _, known := container.ShmSize.Get(s)
	if !known {
		return nil
	}
	b.ShmSize = &n
	if t, ok := podmanrun.Shm(s); ok {
		b.mountTmpfs("/dev/shm", podmanrun.TmpfsOptions(t))
	}
	return nil
}

// putReadOnlyTmpfs states Podman's implicit tmpfs, which come with a read-only
// root unless refused, to engines of both kinds: since 4.6 the engine makes them
// when told, before that the client had to write them out. Written out they are
// left as they are by the former.
func putReadOnlyTmpfs(b *createBody, s *container.Spec) error {
	readOnly, _, _ := container.ReadOnly.Get(s)
	implicit, _, stated := container.ReadOnlyTmpfs.Get(s)
	on := readOnly && (implicit || !stated)
	b.ReadWriteTmpfs = &on
	if !on {
		return nil
	}
	for _, target := range []string{"/run", "/tmp", "/var/tmp"} {
		_, _, tmpfs := container.TmpfsAt.Get(s, target)
		_, _, volume := container.VolumeAt.Get(s, target)
		if !tmpfs && !volume {
			b.mountTmpfs(target, strings.Split("rw,rprivate,nosuid,nodev,tmpcopyup", ","))
		}
	}
	return nil
}
