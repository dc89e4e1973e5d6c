// Package effective works out what the engine will make of a container run that
// was stated: what the image adds, what the options imply, and what the host is
// known to add. It is pure: everything it needs comes in as [Defaults].
//
// The plan that people read and the proof that is held against the kernel are
// both effective specs; what is sent to the engine stays the stated one.
package effective

import (
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/cdi"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// Defaults is what surrounds a stated spec.
type Defaults struct {
	Image         *Image           // nil: not here, so what it would add stays open
	EngineVersion string           // "" not known
	UID, GID      int              // the caller's, on the engine's host; -1 not known
	Mounts        map[string]Mount // by target: what the host adds to every container
	SELinux       bool             // the engine labels processes and files
	SeccompFilter string           // digest of the filter that the profile resolves to; "" when not known
	Capabilities  []string         // the engine's default set; nil when not known
	Devices       []cdi.Part       // what the run's devices bring, where that is known
}

// Mount is a mount the host adds to every container, with the file that says so.
type Mount struct {
	Source string
	File   string
}

// Of returns the effective spec of stated under d. It changes neither.
func Of(stated *container.Spec, d Defaults) *container.Spec {
	s := container.Clone(stated)
	fromImage(s, d.Image, d.EngineVersion)
	none(s, container.Device)
	none(s, container.Mask)
	none(s, container.Unmask)
	capabilities(s, d.Capabilities)
	identity(s, d.UID, d.GID)
	if d.SeccompFilter != "" {
		container.SeccompFilter.Set(s, d.SeccompFilter, derived("seccomp_profile"))
	}
	processLabel(s, d.SELinux)
	for target, m := range d.Mounts {
		origin := container.Origin{Layer: container.LayerHost, File: m.File}
		ro, _, _ := container.ReadOnly.Get(s) // Podman gives them the root's own options then
		v := container.Volume{Source: m.Source, ReadOnly: ro, NoSuid: ro, NoDev: ro, NoExec: ro}
		container.VolumeAt.Set(s, target, v, container.From(origin))
	}
	if len(d.Devices) > 0 {
		Inject(s, d.Devices)
	}
	return s
}

// none makes a list that nobody stated the empty one: what then is observed was
// not asked for.
func none(s *container.Spec, list container.Field[[]string]) {
	if _, _, ok := list.Get(s); !ok {
		list.Set(s, nil, container.From(container.Origin{Layer: container.LayerDerived, Key: "not stated"}))
	}
}

func derived(from string) container.Mark {
	return container.From(container.Origin{Layer: container.LayerDerived, Key: "from " + from})
}

// fromImage fills what was left to the image. podman-run replaces the image's
// CMD as a whole once an entrypoint is stated. A variable without a value is none:
// an engine that makes one of it is not what was planned.
func fromImage(s *container.Spec, img *Image, version string) {
	if img == nil {
		return
	}
	mark := func(key string) container.Mark {
		return container.From(container.Origin{Layer: container.LayerImage, Key: key})
	}
	_, _, entrypoint := container.Entrypoint.Get(s)
	if !entrypoint {
		container.Entrypoint.Set(s, img.Entrypoint, mark("ENTRYPOINT"))
	}
	if _, _, ok := container.Args.Get(s); !ok {
		cmd := img.Cmd
		if entrypoint {
			cmd = nil
		}
		container.Args.Set(s, cmd, mark("CMD"))
	}
	if _, _, ok := container.Workdir.Get(s); !ok {
		container.Workdir.Set(s, orDefault(img.Workdir, "/"), mark("WORKDIR"))
	}
	for _, kv := range img.Env {
		name, value, valued := strings.Cut(kv, "=")
		if _, _, ok := container.Env.Get(s, name); !ok && name != "" && valued {
			container.Env.Set(s, name, value, mark("ENV"))
		}
	}
	for name, value := range annotationsGiven(img, version) {
		if _, _, ok := container.Annotation.Get(s, name); !ok && !container.EmptyDescription(name, value) {
			container.Annotation.Set(s, name, value, mark("annotations"))
		}
	}
	for name, value := range img.Labels {
		if _, _, ok := container.Labels.Get(s, name); !ok {
			container.Labels.Set(s, name, value, mark("LABEL"))
		}
	}
}

// annotationsGiven are the annotations of an image that its containers have. From
// 4.5.1 on Podman gives them none.
func annotationsGiven(img *Image, version string) map[string]string {
	if v, known := engine.ParseVersion(version); known && !v.Before(engine.Annotated) {
		return nil
	}
	return img.Annotations
}

// identity derives the maps of the workload's own uid and gid where they are the
// caller's. Who is one of the caller's sub-ids, the plan leaves open.
func identity(s *container.Spec, uid, gid int) {
	user, _, ok := container.User.Get(s)
	u, g, split := strings.Cut(user, ":")
	if !ok || !split || uid < 0 || gid < 0 {
		return
	}
	userns, _, _ := container.Userns.Get(s)
	if isOwn(engine.UIDs, userns, u, uid) {
		container.UidMap.Set(s, u+"="+strconv.Itoa(uid), derived("userns"))
	}
	if isOwn(engine.GIDs, userns, g, gid) {
		container.GidMap.Set(s, g+"="+strconv.Itoa(gid), derived("userns"))
	}
}

// isOwn tells whether an id of a container is the caller's own on the host: the only
// one of an engine without sub-ids.
func isOwn(ids engine.IDs, userns, id string, own int) bool {
	n, err := strconv.ParseInt(id, 10, 64)
	m, known := ids.MapOf(userns, engine.Rootless(int64(own)), n)
	outside, mapped := m.Outside(n)
	return err == nil && known && mapped && outside == int64(own)
}

// processLabel says which SELinux type the process gets. Privileged, a foreign
// pid or ipc namespace, and label=disable all switch the label off.
func processLabel(s *container.Spec, on bool) {
	label := ""
	if on && confined(s) {
		label = "container_t"
	}
	opts, _, _ := container.SecurityLabel.Get(s)
	for _, o := range opts {
		if t, ok := strings.CutPrefix(o, "type:"); ok && label != "" {
			label = t
		}
	}
	container.ProcessLabel.Set(s, label, derived("security_label"))
}

func confined(s *container.Spec) bool {
	privileged, _, _ := container.Privileged.Get(s)
	pid, _, _ := container.Pid.Get(s)
	ipc, _, _ := container.Ipc.Get(s)
	opts, _, _ := container.SecurityLabel.Get(s)
	for _, o := range opts {
		if o == "disable" {
			return false
		}
	}
	return !privileged && pid != "host" && ipc != "host"
}

func orDefault(v, def string) string {
	if v == "" {
		return def
	}
	return v
}
