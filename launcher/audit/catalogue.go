package audit

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The catalogue. Ids, names and severities are those of the controls reference;
// a control whose Judge is nil is judged in preflight or by the proof.

var host = []Control{
	{"ZL-101", "rootless", High, "an escape lands as an ordinary user, not as uid 0 on the host", "L131-144", nil, nil},
	{"ZL-104", "limits-enforceable", Medium, "a limit that is silently dropped is a denial of service waiting to happen", "L100", nil, nil},
	{"ZL-105", "sub-ids", Medium, "without a range of its own every container uid is the caller", "L132-138", nil, nil},
	{"ZL-107", "host-defaults", High, "containers.conf can weaken every run while the command line looks clean", "L104-108", nil, nil},
	{"ZL-108", "runtime-and-hooks", Medium, "a hook or another runtime changes isolation without any flag", "", nil, nil},
}

var privilege = []Control{
	{"ZL-201", "not-privileged", Critical, "one word adds all capabilities and switches seccomp, SELinux and the masks off", "L146-148", []container.Row{container.Privileged},
		func(s *container.Spec) string {
			if v, _, _ := container.Privileged.Get(s); v {
				return "privileged must be false"
			}
			return ""
		}},
	{"ZL-203", "cap-drop-all", High, "a bug in the server cannot become raw sockets, chown, setuid or file-permission bypass", "L146-148", []container.Row{container.CapDrop, container.Capabilities}, capDropAll},
	{"ZL-204", "no-dangerous-cap", Critical, "each of these is a known route to the host or to other processes", "L146-148", []container.Row{container.CapAdd}, noDangerousCap},
	{"ZL-206", "no-added-cap", Medium, "least privilege is written down, not accumulated", "L146-148", []container.Row{container.CapAdd}, noAddedCap},
	{"ZL-207", "no-new-privileges", High, "setuid binaries and file capabilities cannot raise privilege after start", "L115-118", []container.Row{container.NoNewPrivileges},
		claims(container.NoNewPrivileges, true, "no_new_privileges must be true")},
	{"ZL-208", "seccomp-on", Critical, "without the filter every syscall is reachable, those behind most escapes included", "L104-106", []container.Row{container.SeccompProfile, container.SeccompFilter},
		not(container.SeccompProfile, "seccomp_profile must not be unconfined", "unconfined")},
	{"ZL-211", "masks-kept", High, "/proc/kcore, /proc/keys, /sys/firmware and their like leak host state", "L104-106", []container.Row{container.Unmask, container.Mask}, masksKept},
	{"ZL-401", "selinux-on", Critical, "the wall that still stands when namespaces, capabilities or the runtime fail", "L94-98", []container.Row{container.SecurityLabel, container.ProcessLabel}, labelled},
	{"ZL-407", "apparmor-kept", High, "AppArmor confines where it applies; rootless Podman cannot ask for a profile", "L94-98", []container.Row{container.Apparmor},
		not(container.Apparmor, "apparmor_profile must not be unconfined", "unconfined")},
	{"ZL-601", "private-pid", High, "the host's processes of the same user are seen, signalled and read; SELinux goes off as a side effect", "L90", []container.Row{container.Pid},
		private(container.Pid, "pid must be private")},
	{"ZL-602", "private-ipc", Medium, "host shared memory is readable and writable; shareable lets other containers join", "", []container.Row{container.Ipc},
		private(container.Ipc, "ipc must be private", "none")},
	{"ZL-603", "private-uts", Low, "the host's name is the host's", "", []container.Row{container.Uts}, private(container.Uts, "uts must be private")},
	{"ZL-604", "own-cgroup", Medium, "the host's control group tree stays out of sight", "L100", []container.Row{container.Cgroupns}, private(container.Cgroupns, "cgroupns must be private")},
	{"ZL-605", "no-devices", High, "raw devices pass by every file check", "L146-148", []container.Row{container.Device}, noDevices},
	{"ZL-608", "no-systemd-mode", Low, "systemd mode mounts file systems and makes control groups writable", "L128-129", []container.Row{container.Systemd},
		claims(container.Systemd, "false", `systemd must be "false"`)},
}

var identity = []Control{
	{"ZL-301", "non-root-user", High, "root in the container owns the image's files and, under the default mapping, is you", "L122-129", []container.Row{container.User}, nonRoot},
	{"ZL-303", "host-identity", High, "the identity behind the process decides what an escape can read", "L131-138", []container.Row{container.UidMap, container.GidMap}, nil},
	{"ZL-304", "keep-id-pinned", Medium, "any other uid cannot read your 0600 model, and people answer with chmod 777", "L122, L170-172", []container.Row{container.Userns}, pinnedUserns},
	{"ZL-307", "no-leaked-groups", Medium, "keep-groups carries docker, disk or wheel past the namespace", "L244-248", []container.Row{container.GroupAdd}, noKeepGroups},
	{"ZL-311", "umask", Low, "files written to shared volumes stay unwritable for others", "", []container.Row{container.Umask},
		func(s *container.Spec) string {
			if u, _, _ := container.Umask.Get(s); u != "" && !strings.ContainsRune("2367", rune(u[len(u)-1])) {
				return `umask must keep others from writing: "0027"`
			}
			return ""
		}},
}

var files = []Control{
	{"ZL-501", "read-only-root", High, "an intruder cannot drop tools or alter the server: what runs is what was scanned", "L110-114", []container.Row{container.ReadOnly},
		claims(container.ReadOnly, true, "read_only must be true")},
	{"ZL-502", "no-implicit-tmpfs", Medium, "--read-only alone adds unsized, executable tmpfs on /tmp, /run and /var/tmp", "L110-114", []container.Row{container.ReadOnlyTmpfs},
		claims(container.ReadOnlyTmpfs, false, "read_only_tmpfs must be false")},
	{"ZL-503", "tmpfs-bounded", Low, "a writable place is sized, and runs programs only for a reason", "L110-114", []container.Row{container.TmpfsAt}, tmpfsBounded},
	{"ZL-504", "image-volumes-ignored", Medium, "each VOLUME of the image would be writable in spite of the read-only root", "L110-114", []container.Row{container.ImageVolume},
		not(container.ImageVolume, "image_volume must be ignore or tmpfs", "anonymous", "bind", "")},
	{"ZL-505", "volumes-read-only", High, "a compromised server must not rewrite the model that everyone else loads", "L159-164", []container.Row{container.VolumeAt}, volumesReadOnly},
	{"ZL-506", "no-sensitive-path", Critical, "host configuration, kernel trees and engine sockets give persistence and escape", "L165-172", []container.Row{container.VolumeAt}, noSensitivePath},
	{"ZL-510", "volumes-labelled", Medium, "an unlabelled mount fails where SELinux enforces, and people then turn it off", "L159-163", []container.Row{container.VolumeAt}, volumesLabelled},
	{"ZL-511", "no-harmful-relabel", High, "a relabel of a tree others need locks them out for good", "L159-163", nil, nil},
	{"ZL-515", "volumes-inert", Low, "setuid files and device nodes in a data directory stay inert", "L159-164", []container.Row{container.VolumeAt}, volumesInert},
	{"ZL-516", "no-writable-submount", High, ":ro is not recursive: a mount below the model tree stays writable", "L159-172", nil, nil},
	{"ZL-520", "no-shadowing", Medium, "a mount over a system path replaces reviewed code", "", []container.Row{container.VolumeAt, container.TmpfsAt}, noShadowing},
}

var network = []Control{
	{"ZL-701", "own-network", High, "the host's network reaches loopback services and is not isolated at all", "L84-90", []container.Row{container.Network}, ownNetwork},
	{"ZL-703", "named-network", Medium, "a named network gives name resolution and a boundary", "L84-90", []container.Row{container.Network}, namedNetwork},
	{"ZL-708", "loopback-ports", High, "these servers have no authentication and no TLS; an address that is not loopback shows them to the network", "L79-90", []container.Row{container.Publish}, loopbackPorts},
}

var resources = []Control{
	{"ZL-801", "memory-limit", Medium, "one request with a huge batch must not take the host down", "L100", []container.Row{container.Memory}, positive(container.Memory, "memory must be limited")},
	{"ZL-802", "swap-bounded", Low, "weights in swap are slow, and on disk", "L100", []container.Row{container.MemorySwap}, positive(container.MemorySwap, "memory_swap must be stated, equal to memory")},
	{"ZL-803", "pids-limit", Medium, "a fork bomb ends in its own container", "L100", []container.Row{container.PidsLimit}, positive(container.PidsLimit, "pids_limit must be positive")},
	{"ZL-804", "cpu-bound", Low, "a busy model leaves its neighbours their share", "L100", []container.Row{container.Cpus}, nil},
	{"ZL-805", "ulimits", Low, "a core dump writes model memory and inputs to disk", "L100", []container.Row{container.UlimitOf},
		func(s *container.Spec) string {
			if u, _, ok := container.UlimitOf.Get(s, "core"); !ok || u.Hard != 0 {
				return `ulimit.core must be "0:0"`
			}
			return ""
		}},
	{"ZL-806", "shm-size", Low, "shared memory that suffices keeps people from --ipc=host", "", []container.Row{container.ShmSize}, positive(container.ShmSize, "shm_size must be stated")},
	{"ZL-807", "limits-in-force", Medium, "a plan is not a fact", "L100", []container.Row{container.Memory, container.PidsLimit, container.Cpus}, nil},
	{"ZL-809", "restart-bounded", Low, "endless restarts hide a crash loop or somebody probing", "", []container.Row{container.Restart},
		not(container.Restart, "restart must not be always", "always", "unless-stopped")},
	{"ZL-810", "stop-timeout", Info, "a clean shutdown, and then an end", "", []container.Row{container.StopTimeout}, nil},
	{"ZL-811", "health-check", Low, "a hung server keeps its port; zlaunch asks from the host", "L79-82", []container.Row{container.NoHealthcheck}, nil},
	{"ZL-813", "logs-bounded", Low, "no log is no evidence, an unbounded one a full disk", "L174-180", []container.Row{container.LogDriver, container.LogOpt}, nil},
	{"ZL-814", "init", Info, "zombies use pids", "", []container.Row{container.Init}, nil},
	{"ZL-815", "throw-away", Info, "state left behind is unreviewed state", "", []container.Row{container.Rm}, nil},
}

var supply = []Control{
	{"ZL-901", "image-by-digest", Medium, "a tag can be moved after review", "L184-190", []container.Row{container.Image}, nil},
	{"ZL-906", "image-arch", Low, "the wrong architecture fails late", "L20-24", nil, nil},
	{"ZL-907", "pull-policy", Low, "a present digest is never pulled again", "L184-190", []container.Row{container.Pull}, nil},
	{"ZL-924", "no-proxy-variables", Low, "proxy variables carry passwords into every container", "L174-180", []container.Row{container.HttpProxy},
		claims(container.HttpProxy, false, "http_proxy must be false")},
	{"ZL-925", "secrets-mounted", Low, "a mounted secret with a tight mode does not show in inspect", "L174-180", []container.Row{container.SecretOf}, nil},
	{"ZL-931", "model-not-writable", High, "whoever can change the model controls the answers", "L170-172", nil, nil},
	{"ZL-932", "model-readable", Medium, "a model the server cannot read fails late and is answered with chmod 777", "L170-172", nil, nil},
	{"ZL-933", "model-no-links-out", Medium, "links out of the tree and special files have no place in a model", "L170-172", nil, nil},
	{"ZL-934", "model-runs-no-code", High, "loading a pickle is running a program", "L170-172", nil, nil},
	{"ZL-935", "model-digest", Medium, "detects a swap between review and start", "L170-172", nil, nil},
}
