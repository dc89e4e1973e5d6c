package subject

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// surround adds the facts of engine, host, image, networks and sessions.
func (au *Auditor) surround(ctx context.Context, o *Observed, c *podman.Container, t *observe.Texts) error {
	s := o.Spec
	engine := container.Mark{Origin: []container.Origin{{Layer: container.LayerEngine, Key: "podman"}}, Evidence: container.Inspected}
	container.Subject.Set(s, "container", engine)
	container.Engine.Set(s, "podman", engine)
	container.EngineVersion.Set(s, au.Engine.Version(), engine)
	api := au.Engine.URL()
	if au.Engine.Private() {
		api = "unix://" // zlaunch's own service, at another path each time
	}
	container.EngineAPI.Set(s, api, engine)
	if au.Host != nil && au.Engine.Local() {
		mounts, m, seen := container.HostMounts.Get(s)
		plan.SetHostFacts(s, au.Host, container.Mark{Origin: []container.Origin{{Layer: container.LayerHost, Key: "host"}}, Evidence: container.Kernel})
		container.HostMounts.Clear(s) // what is really mounted, rather than what would be
		if seen {
			container.HostMounts.Set(s, mounts, m)
		}
		if au.Host.SELinux.Enabled {
			labelsOnDisk(s)
		}
	}
	facts, err := au.Planner.EngineFacts(ctx)
	if err != nil {
		return err
	}
	container.Rootless.Set(s, facts.Rootless, engine)
	around := surroundings{au.Engine, s}
	around.filter(t, au.knownFilters())
	if err := around.image(ctx, o, c); err != nil {
		return err
	}
	around.networks(ctx, c)
	if err := around.pod(ctx); err != nil {
		return err
	}
	backing, err := plan.Backing(ctx, au.Engine, s)
	if err != nil {
		return err
	}
	plan.Backed(s, backing)
	around.sessions(ctx, c)
	return nil
}

// surroundings add to a container's spec what the engine tells of the things around it.
type surroundings struct {
	engine *podman.Engine
	spec   *container.Spec
}

// filter judges the filter the runtime was given: against those that are known,
// zlaunch's own and this host's default, resolved for the same capabilities, and by
// the floor below which no default lies.
func (a surroundings) filter(t *observe.Texts, known []*seccomp.Profile) {
	s := a.spec
	digest, m, seen := container.SeccompFilter.Get(s)
	if !seen {
		return
	}
	if digest == seccomp.None {
		container.WeakFilter.Set(s, seccomp.Floor(nil, nil), m)
		container.FilterKnown.Set(s, false, m)
		return
	}
	caps, _, _ := container.Capabilities.Get(s)
	filters := t.Seccomp()
	if len(filters) == 0 || filters[len(filters)-1] == nil {
		return
	}
	filter := filters[len(filters)-1] // what the runtime took
	m.Evidence = container.OCI
	weak := seccomp.Floor(filter, caps)
	for _, profile := range known {
		resolved := profile.Resolve(runtime.GOARCH, caps)
		if seccomp.Digest(resolved) == digest {
			container.WeakFilter.Set(s, nil, m)
			container.FilterKnown.Set(s, true, m)
			return
		}
		may := seccomp.Floor(resolved, caps) // this host's default may be weaker than any of Podman's
		weak = slices.DeleteFunc(weak, func(w string) bool { return slices.Contains(may, w) })
	}
	container.WeakFilter.Set(s, weak, m)
	if len(known) > 1 {
		container.FilterKnown.Set(s, false, m)
	}
}

// knownFilters are zlaunch's own profile and, where a file holds it, the host's
// default. They are read once.
func (au *Auditor) knownFilters() []*seccomp.Profile {
	au.filters.Do(func() {
		texts := [][]byte{seccomp.Inference()}
		if au.Host != nil && au.Engine.Local() {
			if own, err := au.Host.Seccomp(); err == nil && own != nil {
				texts = append(texts, own)
			}
		}
		for _, text := range texts {
			if p, err := seccomp.Read(text); err == nil {
				au.known = append(au.known, p)
			}
		}
	})
	return au.known
}

// image adds what the container's image says of itself, and whether its name
// still means that image.
func (a surroundings) image(ctx context.Context, o *Observed, c *podman.Container) error {
	if c.ImageID == "" {
		return nil // a bare rootfs
	}
	m := container.Mark{Origin: []container.Origin{{Layer: container.LayerImage, Key: "image"}}, Evidence: container.Inspected}
	img, err := a.engine.Image(ctx, c.ImageID)
	if errors.Is(err, podman.ErrNoImage) {
		return nil
	}
	if err != nil {
		return err
	}
	o.image = img
	plan.ImageFacts(a.spec, img, m)
	now, err := a.engine.Image(ctx, c.Image)
	switch {
	case errors.Is(err, podman.ErrNoImage):
		return nil
	case err != nil:
		return err
	}
	container.ImageCurrent.Set(a.spec, now.ID == c.ImageID, m)
	return nil
}

// networks tells whether the container's networks reach beyond the host and into
// each other.
func (a surroundings) networks(ctx context.Context, c *podman.Container) {
	s, m := a.spec, container.Mark{Evidence: container.Inspected}
	mode, _, _ := strings.Cut(c.NetworkMode, ":")
	if nets, km, ok := container.Network.Get(s); ok && slices.Equal(nets, []string{"host"}) {
		mode, m = "host", km
	}
	switch mode {
	case "none":
		container.NetworkEgress.Set(s, false, m)
		return
	case "host", "slirp4netns", "pasta", "private":
		container.NetworkEgress.Set(s, true, m)
		return
	case "container", "ns":
		return
	}
	egress, isolated := false, true
	for _, name := range c.Networks {
		n, err := a.engine.Networks.Inspect(ctx, name)
		if err != nil {
			return // gone meanwhile, or not to be asked: not known
		}
		egress, isolated = egress || !n.Internal, isolated && n.Isolate
	}
	if len(c.Networks) > 0 {
		container.NetworkEgress.Set(s, egress, m)
		container.NetworkIsolated.Set(s, isolated, m)
	}
}

// labelsOnDisk tells of the binds that nobody asked a label for which have one of
// containers already: of all of them, or of this container's level.
func labelsOnDisk(s *container.Spec) {
	own, _, _ := container.WorkloadLevel.Get(s)
	for _, at := range container.VolumeAt.Keys(s) {
		v, m, _ := container.VolumeAt.Get(s, at)
		if v.Relabel != "" || !v.Bind() || v.Overlay || plan.HostMade(m) {
			continue
		}
		var label [256]byte
		n, err := unix.Lgetxattr(v.Source, "security.selinux", label[:])
		if err != nil {
			continue // not known
		}
		f := strings.SplitN(strings.TrimRight(string(label[:n]), "\x00"), ":", 4)
		v.Labelled = len(f) == 4 && (f[2] == "container_file_t" || f[2] == "container_ro_file_t") && (f[3] == "s0" || f[3] == own)
		container.VolumeAt.Set(s, at, v, m)
	}
}

// maxSessions bounds the exec sessions looked at.
const maxSessions = 64

// sessions lists the exec sessions that are privileged or of root.
func (a surroundings) sessions(ctx context.Context, c *podman.Container) {
	out := []string{}
	for _, id := range c.Execs[:min(len(c.Execs), maxSessions)] {
		e, err := a.engine.Containers.Session(ctx, id)
		if err != nil {
			continue // it has ended meanwhile
		}
		user, _, _ := strings.Cut(e.User, ":")
		switch {
		case e.Privileged:
			out = append(out, fmt.Sprintf("%.12s privileged", id))
		case user == "0" || user == "root":
			out = append(out, fmt.Sprintf("%.12s as root", id))
		}
	}
	container.ExecPrivileged.Set(a.spec, out, container.Mark{Evidence: container.Inspected})
}
