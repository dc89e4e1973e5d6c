package observe

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// namespaces are the rows that name a namespace of another container.
var namespaces = []container.Field[string]{
	container.Ipc, container.Uts, container.Pid, container.Userns, container.Cgroupns,
}

// behindNetwork are the rows that inspection shows of the container whose network
// it is.
var behindNetwork = []container.Row{
	container.Network, container.Publish, container.PublishAll, container.AddHost, container.Dns, container.NoHosts,
}

// podSlice is the cgroup that Podman makes for a pod where nobody names one, below the
// slice that it makes all containers in.
var podSlice = lazyregexp.New(`(^|/)(user\.slice/user|machine\.slice/machine)-libpod_pod_[0-9a-f]{64}\.slice$`)

// Infra is the id of the container whose namespaces a container of a pod has; ""
// where it has all of its own, or those of several.
func Infra(s *container.Spec) string {
	nets, _, _ := container.Network.Get(s)
	modes := slices.Clone(nets)
	for _, row := range namespaces {
		v, _, _ := row.Get(s)
		modes = append(modes, v)
	}
	found := ""
	for _, v := range modes {
		id, ok := strings.CutPrefix(v, "container:")
		if !ok || id == found {
			continue
		}
		if found != "" {
			return ""
		}
		found = id
	}
	return found
}

// Joined lists the containers whose network or shared memory a container has, as podman
// inspect shows them; see [Context].
func Joined(raw []byte) []string {
	if len(raw) > maxText {
		return nil
	}
	i, err := decodeInspect(raw)
	if err != nil {
		return nil
	}
	d, err := decodeOne[details](raw)
	if err != nil {
		return nil
	}
	var out []string
	for _, mode := range []string{i.HostConfig.NetworkMode, d.HostConfig.IpcMode} {
		if id, ok := strings.CutPrefix(mode, "container:"); ok && fullID().MatchString(id) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// InPod gives a container of a pod what inspection shows of the pod's infra
// container, whose id it is: what stands behind each namespace that is shared. All
// else a member shows itself.
func InPod(s, infra *container.Spec, id string) {
	theirs := "container:" + id
	if nets, _, _ := container.Network.Get(s); slices.Equal(nets, []string{theirs}) {
		for _, row := range behindNetwork {
			row.Copy(s, infra)
		}
	}
	for _, row := range namespaces {
		if v, m, _ := row.Get(s); v == theirs {
			of, _, _ := row.Get(infra)
			if of == "shareable" || of == "" {
				of = "private" // to the pod
			}
			row.Set(s, of, m)
		}
	}
	if parent, m, _ := container.CgroupParent.Get(s); podSlice().MatchString(parent) {
		container.CgroupParent.Set(s, "", m)
	}
	container.PodKnown.Set(s, true, seen(container.Inspected))
}
