package profile

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// row is one key of a [container] table: what may be written, and how it gets
// into the spec.
type row struct {
	key   string
	shape *shape
	state func(s *container.Spec, n *node, why whys) error
}

// scalar is the row of a field whose leaf is already of the field's type.
func scalar[T any](f container.Field[T], sh *shape) row {
	return row{f.Key(), sh, func(s *container.Spec, n *node, why whys) error {
		f.Set(s, n.value.(T), why.mark(f.Key(), n))
		return nil
	}}
}

// keyed is the row of a collection; element turns one entry into its value.
func keyed[T any](m container.Map[T], name rule, elem *shape, element func(string, *node) (T, error)) row {
	return row{m.Key(), &shape{elem: elem, name: name}, func(s *container.Spec, n *node, why whys) error {
		for _, k := range n.keys() {
			v, err := element(k, n.table[k])
			if err != nil {
				return fmt.Errorf("%s %s: %w", m.Key(), k, err)
			}
			m.Set(s, k, v, why.mark(m.Key()+" "+k, n.table[k]))
		}
		return nil
	}}
}

// plain takes the leaf as the element.
func plain[T any](_ string, n *node) (T, error) { return n.value.(T), nil }

func table(fields map[string]*shape) *shape {
	fields["why"] = text(nil)
	return &shape{fields: fields}
}

var (
	word      = lazy(`^[a-zA-Z0-9_][a-zA-Z0-9_.:=,@/-]*$`, 256)
	namespace = lazy(`^(private|host|none|shareable|container:[a-zA-Z0-9_.-]+)$`, 0)
	userOf    = lazy(`^[a-zA-Z0-9_][a-zA-Z0-9_.-]*(:[a-zA-Z0-9_][a-zA-Z0-9_.-]*)?$`, 0)
	restarts  = lazy(`^(no|always|unless-stopped|on-failure(:[0-9]{1,3})?)$`, 0)
	hostName  = lazy(`^[a-zA-Z0-9][a-zA-Z0-9.-]*$`, 63)
	limits    = lazy(`^(as|core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack)$`, 0)
	devices   = lazy(`^(/dev/[a-zA-Z0-9_./:-]+|[a-z0-9.-]+/[a-z0-9_-]+=[a-zA-Z0-9_.:-]+)$`, 0)
	cdiKind   = lazy(`^[a-zA-Z][a-zA-Z0-9_.-]*/[a-zA-Z][a-zA-Z0-9_.-]*$`, 128)
	cdiName   = lazy(`^[a-zA-Z][a-zA-Z0-9_.-]*/[a-zA-Z][a-zA-Z0-9_.-]*=[a-zA-Z0-9]([a-zA-Z0-9_.:-]*[a-zA-Z0-9])?$`, 256)
	masks     = lazy(`^(/[a-zA-Z0-9_./*-]+|ALL|all)$`, 0)
)

func wordText(re pattern, want string) *shape { return text(matching(re, want)).as(want).like(re) }
func words(re pattern, want string) *shape {
	return list(matching(re, want), true).as("a list, each " + want).like(re)
}

// rows are the keys of a [container] table in the order of container.Rows: all
// that podman-run can state, but for name and publish, which zlaunch works out.
// Treat it as a constant.
var rows = []row{
	scalar(container.Image, text(image).as("an image reference").like(imageRef)),
	scalar(container.Pull, oneOf("missing", "never", "newer", "always")),
	scalar(container.Entrypoint, list(nil, false)),
	scalar(container.Args, list(nil, false)),
	scalar(container.Workdir, text(absolute).as("an absolute path").like(paths)),
	keyed(container.Env, called(envName, "a variable name"), text(nil), plain[string]),
	keyed(container.SecretOf, called(objectName, "the name of a podman secret"), secretShape, secret),
	scalar(container.User, wordText(userOf, `a user such as "1000:1000"`)),
	scalar(container.GroupAdd, words(userOf, "a group")),
	scalar(container.Userns, wordText(word, "a user namespace mode")),
	scalar(container.Privileged, boolean()),
	scalar(container.CapDrop, capabilities()),
	scalar(container.CapAdd, capabilities()),
	scalar(container.NoNewPrivileges, boolean()),
	scalar(container.SeccompProfile, seccompShape),
	scalar(container.SecurityLabel, words(word, "an SELinux option such as type:container_t")),
	scalar(container.Apparmor, wordText(word, "an AppArmor profile")),
	scalar(container.Mask, words(masks, "a path")),
	scalar(container.Unmask, words(masks, "a path")),
	scalar(container.ReadOnly, boolean()),
	scalar(container.ReadOnlyTmpfs, boolean()),
	keyed(container.TmpfsAt, rule{absolute, paths}, tmpfsShape, tmpfs),
	keyed(container.VolumeAt, rule{absolute, paths}, volumeShape, volume),
	scalar(container.ImageVolume, oneOf("ignore", "tmpfs", "anonymous")),
	scalar(container.ShmSize, size(false)),
	scalar(container.Device, words(devices, "a device below /dev or a CDI name")),
	scalar(container.Network, words(word, "a network")),
	scalar(container.Hostname, wordText(hostName, "a host name")),
	scalar(container.Ipc, wordText(namespace, "a namespace mode")),
	scalar(container.Pid, wordText(namespace, "a namespace mode")),
	scalar(container.Uts, wordText(namespace, "a namespace mode")),
	scalar(container.Cgroupns, wordText(namespace, "a namespace mode")),
	keyed(container.Sysctl, called(sysctlName, "a sysctl"), text(nil), plain[string]),
	scalar(container.Memory, size(false)),
	scalar(container.MemorySwap, size(true)),
	scalar(container.Cpus, number()),
	scalar(container.PidsLimit, integer(-1, 1<<22)), // the kernel's own pid_max
	keyed(container.UlimitOf, called(limits, "a limit such as nofile"), ulimit(), plain[container.Ulimit]),
	scalar(container.Rm, boolean()),
	scalar(container.Restart, wordText(restarts, "a restart policy")),
	scalar(container.Init, boolean()),
	scalar(container.StopTimeout, integer(0, 3600)),
	scalar(container.Systemd, quotedFalse("true", "false", "always")),
	scalar(container.NoHealthcheck, boolean()),
	scalar(container.Interactive, boolean()),
	scalar(container.Tty, boolean()),
	scalar(container.LogDriver, oneOf("k8s-file", "journald", "json-file", "none")),
	keyed(container.LogOpt, called(labelName, "a log option"), text(nil), plain[string]),
	scalar(container.Umask, umask()),
	scalar(container.HttpProxy, boolean()),
	keyed(container.Labels, called(labelName, "a label"), text(nil), plain[string]),
	keyed(container.Annotation, called(labelName, "an annotation"), text(nil), plain[string]),
}

// seccompShape: "default" is the engine's own filter, which the spec writes "".
var seccompShape = &shape{takes: "default, inference, unconfined or an absolute path", json: textLike(lazy(`^(default|inference|unconfined|/.+)$`, 0)), leaf: func(v any) (any, error) {
	s, err := asString(v)
	if err != nil {
		return nil, err
	}
	switch {
	case s == "default":
		return "", nil
	case s == "inference" || s == "unconfined" || absolute(s) == nil:
		return s, nil
	}
	return nil, wanted("default, inference, unconfined or an absolute path", v)
}}

var tmpfsShape = table(map[string]*shape{"size": size(false), "mode": mode(), "exec": boolean()})

func tmpfs(_ string, n *node) (container.Tmpfs, error) {
	t := container.Tmpfs{Size: get[int64](n, "size", 0), Mode: get[uint32](n, "mode", 0), Exec: get(n, "exec", false)}
	if t.Size == 0 {
		return t, fmt.Errorf(`has no size, such as size = "64m"`)
	}
	return t, nil
}

var volumeShape = table(map[string]*shape{
	"source": text(func(s string) error {
		if strings.HasPrefix(s, "/") {
			return absolute(s)
		}
		return matching(objectName, "an absolute path or the name of a volume")(s)
	}).as("an absolute path or the name of a volume"),
	"read_only": boolean(), "relabel": oneOf("shared", "private"),
	"nosuid": boolean(), "nodev": boolean(), "noexec": boolean(),
})

// volume is read-only, nosuid and nodev unless it says otherwise.
func volume(_ string, n *node) (container.Volume, error) {
	relabel := map[string]string{"shared": "z", "private": "Z"}
	v := container.Volume{
		Source: get(n, "source", ""), Relabel: relabel[get(n, "relabel", "")],
		ReadOnly: get(n, "read_only", true), NoSuid: get(n, "nosuid", true), NoDev: get(n, "nodev", true),
		NoExec: get(n, "noexec", false),
	}
	if v.Source == "" {
		return v, fmt.Errorf("has no source")
	}
	return v, nil
}

var secretShape = table(map[string]*shape{"type": oneOf("mount", "env"), "target": text(nil), "mode": mode()})

// secret is a file unless it says env. Its default path is below /run/zl:
// /run/secrets is a read-only mount of Podman's own, in which nothing more can
// be made once the root is read-only.
func secret(name string, n *node) (container.Secret, error) {
	s := container.Secret{Type: get(n, "type", "mount"), Mode: get[uint32](n, "mode", 0)}
	if s.Type == "env" {
		s.Target = get(n, "target", name)
		return s, matching(envName, "a variable name")(s.Target)
	}
	s.Target = get(n, "target", "/run/zl/"+name)
	return s, absolute(s.Target)
}
