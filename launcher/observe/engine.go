package observe

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// engines are the mounts that Podman and the runtime add to every container, each
// with what it must be to count as theirs. A mount at such a place that looks
// otherwise is listed as a volume. Measured with Podman 4.3.1 and runc, 5.4.2
// and 5.8.6 and crun.
var engines = []struct {
	at  func() *regexp.Regexp
	its func(m *mount, in *Context) bool
}{
	{at(`/`), root}, // read_only tells of it
	{at(`/proc`), kind("proc")},
	{at(`/sys`), kind("sysfs")}, // read-only
	{at(`/dev`), kind("tmpfs")},
	{at(`/dev/pts`), kind("devpts")},
	{at(`/dev/console`), kind("devpts")}, // --tty
	{at(`/dev/mqueue`), kind("mqueue")},
	{at(`/dev/(null|zero|full|tty|random|urandom)`), node},
	// The cgroup tree, read-only. On cgroup v1 the runtime makes a tmpfs of
	// directories, on which each controller is mounted.
	{at(`/sys/fs/cgroup`), cgroup},
	{at(`/sys/fs/cgroup/.+`), cgroup},
	// What Mask and Unmask tell of: something empty over a path, or the path
	// bound read-only over itself.
	{at(`/(proc|sys)/.+`), masked},
	{at(`/(proc|sys)/.+`), readOnlyAgain},
	// Files Podman makes for this one container.
	{at(`/etc/(hosts|hostname|resolv\.conf|passwd|group|localtime)`), ownFile},
	{at(`/run/\.containerenv`), ownFile},
	{at(`/run/notify`), ownFile},
	{at(`/.+`), ownSecret}, // the row secret tells of it
	{at(`/run/secrets`), secretsDir},
	{at(`/dev/init|/run/podman-init`), initProgram},
}

// at compiles a pattern of whole targets when it is first used.
func at(pattern string) func() *regexp.Regexp { return lazyregexp.New(`^(?:` + pattern + `)$`) }

// isEngines tells whether the engine adds this mount by itself.
func isEngines(m *mount, in *Context) bool {
	for _, e := range engines {
		if e.at().MatchString(m.target) && e.its(m, in) {
			return true
		}
	}
	return false
}

// root accepts the one root the kernel shows; the OCI configuration has it apart
// from the mounts.
func root(m *mount, _ *Context) bool { return m.dev != "" && !m.again }

// kind accepts a file system of that type made for this container. The host's own
// counts only where the namespace it belongs to is the host's, too; the OCI
// configuration then binds it from the same place.
func kind(fstype string) func(*mount, *Context) bool {
	return func(m *mount, in *Context) bool {
		if m.dev == "" && m.fstype == "bind" {
			return m.source == m.target && in.shares(fstype)
		}
		own := m.dev == "" || in.shares(fstype) || !in.host().known(m.dev)
		return m.fstype == fstype && own && (m.opts.ReadOnly || fstype != "sysfs")
	}
}

// node accepts the host's device of the same name.
func node(m *mount, in *Context) bool {
	return hostNode(m, in) && path.Base(m.root) == path.Base(m.target)
}

// hostNode tells a file at the top of the host's /dev: a devtmpfs or, where the
// host is itself a container, a tmpfs mounted there.
func hostNode(m *mount, in *Context) bool {
	if path.Dir(m.root) != "/" || m.root == "/" {
		return false
	}
	return m.fstype == "devtmpfs" ||
		m.fstype == "tmpfs" && slices.Contains(in.host().paths(m.dev, m.root), path.Join("/dev", m.root))
}

func cgroup(m *mount, _ *Context) bool {
	switch m.fstype {
	case "cgroup", "cgroup2":
		return m.opts.ReadOnly
	case "tmpfs":
		return m.target == "/sys/fs/cgroup" && m.opts.NoSuid && m.opts.NoDev && m.opts.NoExec
	}
	return false
}

// masked accepts an empty read-only tmpfs over a directory, or crun's empty directory, and
// /dev/null over a file.
func masked(m *mount, in *Context) bool {
	return m.fstype == "tmpfs" && m.opts.ReadOnly && m.root == "/" || hostNode(m, in) && m.root == "/null" || emptyDirectory(m, in)
}

// emptyDirectory accepts what newer releases of crun bind read-only over every masked
// directory (1.28, measured; 1.21 has a tmpfs each): one directory of the user who runs it,
// below the runtime directory, by exactly that path. What somebody else binds from elsewhere
// is a volume.
func emptyDirectory(m *mount, in *Context) bool {
	return m.opts.ReadOnly && slices.ContainsFunc(in.host().paths(m.dev, m.root), crunEmpty().MatchString)
}

var crunEmpty = lazyregexp.New(`^/run/(?:user/[0-9]+/)?crun/\.empty-directory$`)

func readOnlyAgain(m *mount, in *Context) bool {
	top := map[string]string{"proc": "/proc", "sysfs": "/sys"}[m.fstype]
	return top != "" && m.opts.ReadOnly && top+m.root == m.target && (in.shares(m.fstype) || !in.host().known(m.dev))
}

func ownFile(m *mount, in *Context) bool {
	name, ok := userdata(m, in)
	if !ok {
		name, ok = theirData(m, in)
	}
	return ok && name == path.Base(m.target)
}

// ownSecret accepts a podman secret, at its planned target where the plan has it.
func ownSecret(m *mount, in *Context) bool {
	name, ok := userdata(m, in)
	dir, file := path.Split(name)
	if !ok || dir != "secrets/" || file == "" {
		return false
	}
	want, known := plannedAt(in, container.SecretOf, file)
	return !known || secretPath(file, want.Target) == m.target
}

// secretsDir accepts the directory that Podman makes and mounts where a secret is a
// file, wherever that file appears. mounts.conf fills the same one: then the plan has it
// as a volume, and so has the answer.
func secretsDir(m *mount, in *Context) bool {
	if name, ok := userdata(m, in); !ok || name != "run/secrets" || in.Audit || in.Planned == nil {
		return false
	}
	if _, filled := plannedAt(in, container.VolumeAt, m.target); filled {
		return false
	}
	return slices.ContainsFunc(container.SecretOf.Keys(in.Planned), func(name string) bool {
		want, _ := plannedAt(in, container.SecretOf, name)
		return want.Type != "env"
	})
}

// secretPath is where a secret of type mount appears.
func secretPath(name, target string) string {
	if target == "" {
		target = name
	}
	if path.IsAbs(target) {
		return path.Clean(target)
	}
	return path.Join("/run/secrets", target)
}

// initProgram accepts Podman's init under --init; its path is the host's choice.
func initProgram(m *mount, _ *Context) bool {
	return m.opts.ReadOnly && path.Base(m.root) == "catatonit"
}

var fullID = lazyregexp.New(`^[0-9a-f]{64}$`)

// userdata gives the name of a file below the directory that Podman keeps for
// this container, STORAGE/ID/userdata. Nobody knows the id before the container
// is made, so no configuration can name such a path.
func userdata(m *mount, in *Context) (name string, ok bool) { return keptFor(in.ID, m) }

// theirData is [userdata] of the containers whose namespaces an audited one has. Theirs are
// its /etc/hosts, /etc/hostname, /etc/resolv.conf and /dev/shm.
func theirData(m *mount, in *Context) (name string, ok bool) {
	for _, id := range in.Joined {
		if name, ok = keptFor(id, m); ok && in.Audit {
			return name, true
		}
	}
	return "", false
}

// keptFor is a mount's place in what Podman keeps for a container.
func keptFor(id string, m *mount) (name string, ok bool) {
	if !fullID().MatchString(id) || m.root != path.Clean(m.root) {
		return "", false
	}
	_, name, ok = strings.Cut(m.root, "/"+id+"/userdata/")
	return name, ok
}

// isShm tells Podman's /dev/shm: made for this container, or with the host's IPC
// namespace the host's own. Another one there is a volume.
func isShm(m *mount, in *Context) bool {
	if m.target != "/dev/shm" || !m.opts.NoSuid || !m.opts.NoDev {
		return false
	}
	if m.dev != "" {
		return m.fstype == "tmpfs" && m.root == "/" && (in.shares("mqueue") || !in.host().known(m.dev))
	}
	name, own := userdata(m, in)
	if !own {
		name, own = theirData(m, in)
	}
	if _, other := plannedAt(in, container.TmpfsAt, m.target); m.fstype == "tmpfs" && m.opts.NoExec && !other {
		return true // what shm_size is given as where the root is read-only
	}
	return own && name == "shm" || m.fstype == "bind" && m.source == m.target && in.shares("mqueue")
}
