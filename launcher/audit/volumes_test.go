package audit_test

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

var mountFixtures = map[string][]fixture{
	"ZL-510": {
		{name: "unlabelled", change: remount(func(v *Volume) { v.Relabel = "" }), says: "volume /models must carry z or Z"},
		{name: "labelled on disk", change: remount(func(v *Volume) { v.Relabel, v.Labelled = "", true }), verdict: audit.Pass},
		{name: "SELinux is off", also: []string{"ZL-401", "ZL-402", "ZL-403", "ZL-404", "ZL-405", "ZL-406", "ZL-408", "ZL-511", "ZL-512"}, change: gives(SELinux, "off"), verdict: audit.NotApplicable},
		{name: "a host that is not known", also: []string{"ZL-406", "ZL-408"}, raw: true, change: then(unknown(SELinux), remount(func(v *Volume) { v.Relabel = "" }))},
		{name: "named volume", also: []string{"ZL-518"}, change: volume("/data", Volume{Source: "data", ReadOnly: true}), verdict: audit.Pass},
		{name: "a variable and a path", also: []string{"ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-522"}, change: remount(func(v *Volume) { v.Source, v.Relabel, v.Open = "$PWD/models", "", true }), says: "must carry"},
		{name: "a variable alone", also: []string{"ZL-102", "ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-522"}, change: remount(func(v *Volume) { v.Source, v.Relabel, v.Open = "$V", "", true }), verdict: audit.Open},
		{name: "z is forgotten after the start", also: []string{"ZL-513"}, raw: true, verdict: audit.Open,
			change: then(remount(func(v *Volume) { v.Relabel = "" }), kernelSaw)},
	},
	"ZL-511": {
		{name: "keys", also: []string{"ZL-508", "ZL-512", "ZL-938"}, change: then(mounting("/home/u/.ssh"), relabel("z")), says: "must not carry z: it would relabel /home/u/.ssh"},
		{name: "below /etc", also: []string{"ZL-506"}, change: then(mounting("/etc/ssh"), relabel("Z")), says: "must not carry Z"},
		{name: "the home", also: []string{"ZL-507"}, change: then(mounting("/home/u"), relabel("Z"))},
		{name: "not relabelled", also: []string{"ZL-506"}, change: mounting("/etc/ssh"), verdict: audit.Pass},
		{name: "a path that is not known", also: []string{"ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-522"}, change: then(expanding("$X/y"), relabel("z")), verdict: audit.Open},
		{name: "forgotten", also: []string{"ZL-506", "ZL-513"}, raw: true, change: then(mounting("/etc/ssh"), kernelSaw), verdict: audit.Open},
	},
	"ZL-512": {
		{name: "a key for everybody", change: remount(func(v *Volume) { v.Source = "/srv/tls/server.key" }), says: "must carry Z"},
		{name: "a secret's directory", change: remount(func(v *Volume) { v.Source = "/srv/secrets" }), says: "must carry Z"},
		{name: "a key for one", change: remount(func(v *Volume) { v.Source, v.Relabel = "/srv/tls/server.key", "Z" }), verdict: audit.Pass},
		{name: "a keyboard is no key", change: remount(func(v *Volume) { v.Source = "/srv/keyboard" }), verdict: audit.Pass},
		{name: "both labels", also: moreTrees(), change: volume("/n", soundly(func(v *Volume) { v.Source, v.Relabel = "/srv/m", "Z" })), says: "mounted twice"},
	},
	"ZL-513": {
		{name: "given away", change: remount(func(v *Volume) { v.Chown = true }), says: "volume /models must not carry U"},
		{name: "seen after the start", raw: true, change: kernelSaw, verdict: audit.Open},
	},
	"ZL-514": {
		{name: "shared", change: remount(func(v *Volume) { v.Propagation = "rshared" }), says: "must be rprivate, not rshared"},
		{name: "slave", change: remount(func(v *Volume) { v.Propagation = "rslave" }), says: "or say why"},
		{name: "slave, with its reason", verdict: audit.Pass, change: func(s *Spec) {
			VolumeAt.Set(s, "/models", soundly(func(v *Volume) { v.Source, v.Propagation = "/srv/m", "rslave" }), Mark{Evidence: Planned, Why: "automounts"})
		}},
		{name: "private", change: remount(func(v *Volume) { v.Propagation = "private" }), verdict: audit.Pass},
	},
	"ZL-515": {
		{name: "suid", change: remount(func(v *Volume) { v.NoSuid = false }), says: "volume /models must be nosuid"},
		{name: "dev", change: remount(func(v *Volume) { v.NoDev = false }), says: "volume /models must be nodev"},
		{name: "the engine's volume has both", also: []string{"ZL-518"}, change: volume("/data", Volume{Source: "data", ReadOnly: true}), verdict: audit.Pass},
	},
	"ZL-516": {
		{name: "writable sub-mount", change: gives(SubMounts, []string{"/models/cache"}), says: lookBelow},
		{name: "not known of a container", raw: true, change: unknown(SubMounts), verdict: audit.Open},
		{name: "not known of a line", also: line(), raw: true, change: then(unknown(SubMounts), gives(Subject, "line")), verdict: audit.NotApplicable, says: "needs the host"},
		{name: "nothing is mounted", also: noModels(), raw: true, verdict: audit.Pass, change: func(s *Spec) { SubMounts.Clear(s); VolumeAt.Delete(s, "/models") }},
	},
	"ZL-517": {
		{name: "upper directory", change: remount(func(v *Volume) { v.Overlay, v.Upper = true, "/srv/up" }), says: "must not keep what is written in /srv/up"},
		{name: "throw-away", change: remount(func(v *Volume) { v.Overlay = true }), verdict: audit.Pass},
		{name: "seen", also: noModels("ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-511", "ZL-513"), raw: true, verdict: audit.Open, change: then(remount(func(v *Volume) { v.Source = "overlay" }), kernelSaw)},
		{name: "seen where the engine mounted it", also: []string{"ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-511", "ZL-513"}, raw: true, verdict: audit.Open,
			change: then(remount(func(v *Volume) {
				v.Source = "/home/u/.local/share/containers/storage/vfs-containers/" + strings.Repeat("0f", 32) + "/userdata/overlay/1871515693/merge"
			}), kernelSaw)},
	},
	"ZL-518": {
		{name: "o=bind", also: moreTrees(), change: volume("/data", Volume{Source: "data", Device: "/srv/d", ReadOnly: true}), says: "data is /srv/d"},
		{name: "a file server", also: moreTrees(), change: volume("/data", Volume{Source: "data", Device: "server:/export", ReadOnly: true}), verdict: audit.Pass},
		{name: "a mistyped path", change: volume("/data", Volume{Source: "srv/models", ReadOnly: true}), says: "is no name of a volume"},
		{name: "not resolved", change: volume("/data", Volume{Source: "data", ReadOnly: true}), verdict: audit.Open, says: "podman volume inspect"},
		{name: "not resolved, of a line", also: line(), change: then(gives(Subject, "line"), volume("/data", Volume{Source: "data", ReadOnly: true})), verdict: audit.NotApplicable},
		{name: "as the kernel shows it", raw: true, verdict: audit.Pass, change: func(s *Spec) {
			VolumeAt.Set(s, "/data", Volume{Source: "data", ReadOnly: true}, Mark{Evidence: Kernel})
		}},
	},
	"ZL-519": {
		{name: "inherited", also: []string{"ZL-102"}, change: gives(VolumesFrom, []string{"other"}), says: "volumes_from must be empty"},
	},
	"ZL-520": {
		{name: "programs", also: moreTrees(), change: volume("/usr/local/lib", sound), says: "volume /usr/local/lib must not cover"},
		{name: "a tmpfs", change: tmpfs("/etc", Tmpfs{Size: 1}), says: "tmpfs /etc must not cover"},
		{name: "secrets", also: moreTrees(), change: volume("/run/secrets", sound), says: "must not cover"},
		{name: "secrets by another name", also: moreTrees(), change: volume("/var/run/../run/secrets/x", sound), says: "must not cover"},
		{name: "the linker", also: moreTrees(), change: volume("/etc/ld.so.conf", sound), says: "must not cover"},
		{name: "a file of configuration", also: moreTrees(), change: volume("/etc/app/app.yaml", sound), verdict: audit.Pass},
		{name: "the hosts", also: moreTrees(), change: volume("/etc/hosts", sound), verdict: audit.Pass},
		{name: "the hosts, written", also: moreTrees("ZL-505"), change: volume("/etc/hosts", soundly(func(v *Volume) { v.ReadOnly = false }))},
		{name: "shared memory", change: tmpfs("/dev/shm", Tmpfs{Size: 1}), verdict: audit.Pass},
	},
	"ZL-521": {
		{name: "a tree", also: []string{"ZL-901", "ZL-902", "ZL-903", "ZL-904", "ZL-907"}, change: gives(Rootfs, "/srv/root"), says: "rootfs must be left away"},
	},
	"ZL-522": {
		{name: "relative", also: []string{"ZL-506", "ZL-507", "ZL-508", "ZL-509"}, change: mounting("./models"), says: "must come from an absolute path, not ./models"},
		{name: "writable by others", change: gives(UnsafeSources, []string{"/models: /srv is writable by all"}), says: "/srv is writable by all"},
		{name: "dots", change: mounting("/srv/x/../m"), says: "without .."},
		{name: "not known of a container", raw: true, change: unknown(UnsafeSources), verdict: audit.Open},
		{name: "not known of a unit", also: line("ZL-815", "ZL-819"), raw: true, change: then(unknown(UnsafeSources), gives(Subject, "unit")), verdict: audit.NotApplicable},
		{name: "tilde", change: expanding("~/models"), verdict: audit.Pass},
	},
	"ZL-523": {
		{name: "subscription", change: gives(HostMounts, []string{"/run/secrets"}), says: "mounts.conf"},
		{name: "as a volume", change: func(s *Spec) {
			VolumeAt.Set(s, "/run/secrets", Volume{Source: "mounts.conf"}, From(Origin{Layer: LayerHost, File: "/usr/share/containers/mounts.conf"}))
		}, says: "volume /run/secrets must be taken out"},
		{name: "a path of the host", also: []string{"ZL-506"}, change: func(s *Spec) {
			VolumeAt.Set(s, "/h", Volume{Source: "/etc"}, From(Origin{Layer: LayerHost, Key: "containers.volumes"}))
		}},
		{name: "not known of a container", raw: true, change: unknown(HostMounts), verdict: audit.Open},
		{name: "not known of a line", also: line(), raw: true, change: then(unknown(HostMounts), gives(Subject, "line")), verdict: audit.NotApplicable},
	},
}

func relabel(with string) func(*Spec) {
	return remount(func(v *Volume) { v.Relabel, v.Labelled = with, false })
}
