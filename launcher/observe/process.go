package observe

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func cleanTarget(p string) string { return path.Clean("/" + p) }

// fillProcess sets what the OCI configuration says of the process.
func fillProcess(s *container.Spec, c *specs.Spec, in *Context) (notes []string) {
	p, mark := c.Process, seen(container.OCI)
	fillArgs(s, c, in)
	container.Workdir.Set(s, p.Cwd, mark)
	notes = fillEnv(s, c, in)
	container.User.Set(s, fmt.Sprintf("%d:%d", p.User.UID, p.User.GID), mark)
	container.GroupAdd.Set(s, groups(p.User), mark)
	container.Capabilities.Set(s, capabilities(p.Capabilities), mark)
	container.NoNewPrivileges.Set(s, p.NoNewPrivileges, mark)
	container.ProcessLabel.Set(s, labelType(p.SelinuxLabel), mark)
	container.Apparmor.Set(s, p.ApparmorProfile, mark)
	container.Tty.Set(s, p.Terminal, mark)
	if p.User.Umask != nil {
		container.Umask.Set(s, fmt.Sprintf("%04o", *p.User.Umask), mark)
	}
	for _, l := range p.Rlimits {
		name := strings.ToLower(strings.TrimPrefix(l.Type, "RLIMIT_"))
		setUlimit(s, name, container.Ulimit{Soft: limit(l.Soft), Hard: limit(l.Hard)}, in, container.OCI)
	}
	container.UlimitOf.SetComplete(s, mark)
	return notes
}

// fillArgs sets entrypoint and args, and takes Podman's init off
// the front.
func fillArgs(s *container.Spec, c *specs.Spec, in *Context) {
	argv := c.Process.Args
	if len(argv) > 2 && argv[1] == "--" && hasInit(c.Mounts, argv[0]) {
		argv = argv[2:]
	}
	entrypoint, args := split(argv, in)
	container.Entrypoint.Set(s, entrypoint, seen(container.OCI))
	container.Args.Set(s, args, seen(container.OCI))
}

// split parts argv as the plan does where it can.
func split(argv []string, in *Context) (entrypoint, args []string) {
	entrypoint, args = []string{}, argv
	first, knowsFirst := planned(in, container.Entrypoint)
	rest, knowsRest := planned(in, container.Args)
	switch n := len(argv) - len(rest); {
	case knowsFirst && knowsRest && slices.Equal(slices.Concat(first, rest), argv):
		entrypoint, args = first, rest
	case knowsFirst && !knowsRest && len(first) <= len(argv) && slices.Equal(first, argv[:len(first)]):
		entrypoint, args = first, argv[len(first):]
	case !knowsFirst && knowsRest && n >= 0 && slices.Equal(rest, argv[n:]):
		entrypoint, args = argv[:n], rest
	}
	return entrypoint, args
}

func hasInit(mounts []specs.Mount, target string) bool {
	return slices.ContainsFunc(mounts, func(o specs.Mount) bool {
		m := ociMount(o)
		return m.target == target && initPaths().MatchString(target) && initProgram(&m, nil)
	})
}

// groups are the supplementary groups beside the primary one.
func groups(u specs.User) []string {
	out := []string{}
	for _, g := range u.AdditionalGids {
		if g != u.GID {
			out = append(out, strconv.FormatUint(uint64(g), 10))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// capabilities is the union of the five sets: what the process has or can get.
func capabilities(c *specs.LinuxCapabilities) []string {
	out := []string{}
	if c == nil {
		return out
	}
	for _, set := range [][]string{c.Bounding, c.Effective, c.Permitted, c.Inheritable, c.Ambient} {
		for _, n := range set {
			out = append(out, strings.TrimPrefix(strings.ToLower(n), "cap_"))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// labelType is the type of an SELinux label user:role:type:level, "" for anything
// else.
func labelType(label string) string {
	parts := strings.Split(strings.Trim(label, "\x00\n "), ":")
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}

// limit turns the runtime-spec's and the kernel's number into podman's: -1 for no
// limit, which is every number int64 cannot hold.
func limit(n uint64) int64 {
	if n > 1<<63-1 {
		return -1
	}
	return int64(n)
}

// setUlimit sets a limit, but for the two that Podman takes from its caller where
// the plan does not set them.
func setUlimit(s *container.Spec, name string, u container.Ulimit, in *Context, e container.Evidence) {
	_, known := plannedAt(in, container.UlimitOf, name)
	if in.Planned != nil && !known && (name == "nofile" || name == "nproc") {
		return
	}
	container.UlimitOf.Set(s, name, u, seen(e))
}
