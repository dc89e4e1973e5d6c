package audit_test

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// remount changes the one volume of the hardened spec.
func remount(change func(*Volume)) func(*Spec) {
	return func(s *Spec) {
		v, m, _ := VolumeAt.Get(s, "/models")
		change(&v)
		VolumeAt.Set(s, "/models", v, m)
	}
}

// mounting mounts another source, unlabelled: who relabels a sensitive tree fails for
// that as well.
func mounting(source string) func(*Spec) {
	return remount(func(v *Volume) { v.Source, v.Relabel, v.Labelled = source, "", true })
}

// expanding mounts a source that a shell expands.
func expanding(source string) func(*Spec) {
	return remount(func(v *Volume) { v.Source, v.Relabel, v.Labelled, v.Open, v.Spelled = source, "", true, true, true })
}

// volume adds a mount beside the models.
func volume(target string, v Volume) func(*Spec) {
	return func(s *Spec) { VolumeAt.Set(s, target, v, by) }
}

// tmpfs changes or adds a tmpfs.
func tmpfs(target string, t Tmpfs) func(*Spec) {
	return func(s *Spec) { TmpfsAt.Set(s, target, t, by) }
}

// gives sets one row.
func gives[T any](row Field[T], v T) func(*Spec) { return func(s *Spec) { row.Set(s, v, by) } }

// unknown clears rows, after the engine's defaults.
func unknown(rows ...Row) func(*Spec) {
	return func(s *Spec) {
		for _, r := range rows {
			r.Clear(s)
		}
	}
}

// bareRoot are the controls that a root without an image moves, and more.
func bareRoot(more ...string) []string {
	return append([]string{"ZL-521", "ZL-901", "ZL-902", "ZL-903", "ZL-904", "ZL-907"}, more...)
}

// then makes several changes.
func then(changes ...func(*Spec)) func(*Spec) {
	return func(s *Spec) {
		for _, c := range changes {
			c(s)
		}
	}
}

// kernelSaw marks the models as seen on a container of which nothing tells how it
// was created.
func kernelSaw(s *Spec) {
	v, _, _ := VolumeAt.Get(s, "/models")
	VolumeAt.Set(s, "/models", v, Mark{Evidence: Kernel})
}

// sound is a volume nothing is wrong with.
var sound = Volume{Source: "/srv/n", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}

func soundly(change func(*Volume)) Volume { v := sound; change(&v); return v }

const lookBelow = "does not reach it"

// noModels are the controls of model trees, which a spec without one moves, and
// more. moreTrees are those that another read-only mount moves, and line those that
// are asked otherwise of a line or unit.
func noModels(more ...string) []string {
	return append(more, "ZL-931", "ZL-932", "ZL-933", "ZL-934", "ZL-935", "ZL-936")
}

func moreTrees(more ...string) []string {
	return append(more, "ZL-931", "ZL-932", "ZL-933", "ZL-934")
}

func line(more ...string) []string {
	return append(more, "ZL-807", "ZL-916", "ZL-932", "ZL-933", "ZL-934", "ZL-935")
}

var filesFixtures = map[string][]fixture{
	"ZL-501": {
		{name: "writable root", also: []string{"ZL-502"}, change: gives(ReadOnly, false), says: "read_only must be true"},
		{name: "not known", also: []string{"ZL-502"}, change: unknown(ReadOnly), raw: true, verdict: audit.Open},
	},
	"ZL-502": {
		{name: "implicit tmpfs", change: gives(ReadOnlyTmpfs, true), says: "tmpfs must name /run, /var/tmp with a size"},
		{name: "implicit tmpfs, all replaced", verdict: audit.Pass, change: then(gives(ReadOnlyTmpfs, true),
			tmpfs("/run", Tmpfs{Size: 1}), tmpfs("/var/tmp", Tmpfs{Size: 1}))},
		{name: "implicit tmpfs, more may be mounted", also: []string{"ZL-503", "ZL-520"}, verdict: audit.Open, raw: true, change: func(s *Spec) {
			ReadOnlyTmpfs.Set(s, true, by)
			TmpfsAt.Clear(s)
		}},
		{name: "seen without a size", also: []string{"ZL-503"}, raw: true, says: "tmpfs /run must have a size",
			change: then(unknown(ReadOnlyTmpfs), tmpfs("/run", Tmpfs{Exec: true}))},
		{name: "seen with a size", raw: true, change: unknown(ReadOnlyTmpfs), verdict: audit.Pass},
	},
	"ZL-503": {
		{name: "without size", change: tmpfs("/tmp", Tmpfs{}), says: "tmpfs /tmp must have a size"},
		{name: "executable", change: tmpfs("/tmp", Tmpfs{Size: 1, Exec: true}), says: "be noexec, or say why"},
		{name: "executable, with its reason", verdict: audit.Pass, change: func(s *Spec) {
			TmpfsAt.Set(s, "/tmp", Tmpfs{Size: 1, Exec: true}, Mark{Evidence: Planned, Why: "it compiles"})
		}},
		{name: "suid", change: tmpfs("/tmp", Tmpfs{Size: 1, Suid: true}), says: "be nosuid"},
		{name: "dev", change: tmpfs("/tmp", Tmpfs{Size: 1, Dev: true}), says: "be nodev"},
		{name: "a share of the memory", change: tmpfs("/tmp", Tmpfs{Size: -1}), verdict: audit.Open},
	},
	"ZL-504": {
		{name: "a VOLUME is not covered", change: then(gives(ImageVolume, "anonymous"), gives(ImageVolumes, []string{"/data"})), says: `VOLUME ["/data"]`},
		{name: "bind is anonymous", change: then(gives(ImageVolume, "bind"), gives(ImageVolumes, []string{"/data"}))},
		{name: "the image has none", change: gives(ImageVolume, "anonymous"), verdict: audit.Pass},
		{name: "every VOLUME is covered", change: then(gives(ImageVolume, "anonymous"), gives(ImageVolumes, []string{"/models/"})), verdict: audit.Pass},
		{name: "the image is not known", raw: true, verdict: audit.Open, change: then(gives(ImageVolume, "anonymous"), unknown(ImageVolumes))},
		{name: "ignored, of an image that is not known", raw: true, verdict: audit.Pass, change: unknown(ImageVolumes)},
		{name: "seen", raw: true, change: func(s *Spec) {
			unknown(ImageVolume)(s)
			ImageVolumes.Set(s, []string{"/data"}, by)
			VolumeAt.Set(s, "/data", Volume{Source: strings.Repeat("a", 64), NoSuid: true, NoDev: true}, Mark{Evidence: Kernel})
		}, says: "volume /data is a VOLUME"},
	},
	"ZL-505": {
		{name: "written", change: remount(func(v *Volume) { v.ReadOnly = false }), says: "volume /models must be read-only, or say why it is written"},
		{name: "written, with its reason", verdict: audit.Pass, change: func(s *Spec) {
			VolumeAt.Set(s, "/models", soundly(func(v *Volume) { v.Source, v.ReadOnly = "/srv/m", false }), Mark{Evidence: Planned, Why: "results"})
		}},
		{name: "named volume", also: []string{"ZL-518"}, change: volume("/data", Volume{Source: "data"}), says: "volume /data must be read-only"},
		{name: "anonymous volume", change: volume("/data", Volume{}), says: "volume /data must be read-only"},
		{name: "an overlay is not written to the host", verdict: audit.Pass, change: remount(func(v *Volume) { v.ReadOnly, v.Overlay = false, true })},
		{name: "of a name that mounts.conf uses", also: []string{"ZL-518"}, change: volume("/data", Volume{Source: "mounts.conf"}), says: "volume /data"},
		{name: "more may be mounted", also: moreTrees("ZL-102", "ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-510", "ZL-511", "ZL-512", "ZL-513", "ZL-514", "ZL-515", "ZL-517", "ZL-518", "ZL-520", "ZL-522", "ZL-523", "ZL-605", "ZL-606", "ZL-935", "ZL-938"), raw: true, verdict: audit.Open, change: func(s *Spec) { VolumeAt.Clear(s); VolumeAt.Set(s, "/models", sound, by) }},
		{name: "a log", change: logging("/srv/log/x"), says: "what the workload prints is written to /srv/log/x"},
		{name: "glob", also: []string{"ZL-102", "ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-510", "ZL-515", "ZL-522"}, change: gives(MountOther, []string{"type=glob,src=/srv/*,dst=/m"}), says: "mount /m must be read-only"},
	},
	"ZL-506": sensitiveFixtures,
	"ZL-507": {
		{name: "a home", change: mounting("/home/u"), says: "must not come from /home/u"},
		{name: "with a slash", change: mounting("/home/u/"), says: "must not come from"},
		{name: "an ostree home", change: mounting("/var/home/u")},
		{name: "tilde", change: expanding("~"), says: "must not come from ~"},
		{name: "of another user", change: expanding("~root"), says: "must not come from ~root"},
		{name: "systemd's word", change: expanding("%h"), says: "must not come from %h"},
		{name: "all homes", also: []string{"ZL-506"}, change: mounting("/home")},
		{name: "root's", also: []string{"ZL-506"}, change: mounting("/root")},
		{name: "as the root", also: bareRoot(), change: gives(Rootfs, "/home/u"), says: "rootfs must not come from /home/u"},
		{name: "tilde as the root", also: bareRoot(), change: gives(Rootfs, "~"), says: "rootfs must not come from ~"},
		{name: "below a home", change: mounting("/home/u/models"), verdict: audit.Pass},
		{name: "a variable", change: expanding("$HOME"), says: "must not come from $HOME"},
		{name: "a variable in braces", change: expanding("${HOME:?}/"), says: "must not come from ${HOME:?}/"},
		{name: "by the user's name", change: expanding("/home/$USER")},
		{name: "a variable that the script sets", also: []string{"ZL-102", "ZL-506", "ZL-508", "ZL-509", "ZL-522"}, verdict: audit.Open,
			change: then(expanding("$HOME"), remount(func(v *Volume) { v.Spelled = false }))},
		{name: "another variable", also: []string{"ZL-102", "ZL-506", "ZL-508", "ZL-509", "ZL-522"}, change: expanding("$HOMES"), verdict: audit.Open, says: "is expanded elsewhere"},
		{name: "relative", also: []string{"ZL-506", "ZL-508", "ZL-509", "ZL-522", "ZL-938"}, change: mounting("."), verdict: audit.Open, says: "depends on the directory"},
	},
	"ZL-508": {
		{name: "keys", also: []string{"ZL-938"}, change: mounting("/home/u/.ssh"), says: "it is keys"},
		{name: "below a variable", also: []string{"ZL-938"}, change: expanding("$HOME/.ssh"), says: "keys"},
		{name: "below braces", change: expanding("${HOME}/.aws/config"), says: "it lies in ~/.aws"},
		{name: "of any user", also: []string{"ZL-102", "ZL-506", "ZL-507", "ZL-509", "ZL-522"}, change: expanding("/home/$U/.kube/$F"), says: "it lies in ~/.kube"},
		{name: "above a store below a variable", also: []string{"ZL-506", "ZL-938"}, change: expanding("$HOME/.config"), says: "it holds ~/.config/"},
		{name: "above a store of its own base", also: []string{"ZL-506"}, change: expanding("$XDG_CONFIG_HOME"), says: "it holds ~/.config/"},
		{name: "models below a variable", change: expanding("$HOME/.cache/huggingface/hub"), verdict: audit.Pass},
		{name: "as the root", also: bareRoot(), change: gives(Rootfs, "/home/u/.ssh"), says: "rootfs must not come from /home/u/.ssh"},
		{name: "in a home elsewhere", also: []string{"ZL-938"}, change: mounting("/nfs/u/.ssh"), says: "it is keys"},
		{name: "a file in a home elsewhere", change: mounting("/nfs/u/.aws/config"), says: "it lies in ~/.aws"},
		{name: "one key", change: mounting("/home/u/.ssh/id_ed25519"), says: "it lies in ~/.ssh"},
		{name: "below tilde", also: []string{"ZL-938"}, change: expanding("~/.kube"), says: "tokens of a cluster"},
		{name: "above a token", change: mounting("/home/u/.cache/huggingface"), says: "it holds ~/.cache/huggingface"},
		{name: "registry logins", change: mounting("/run/user/1001/containers/auth.json"), says: "registry logins"},
		{name: "the agent", also: []string{"ZL-509"}, change: expanding("$SSH_AUTH_SOCK"), says: "the SSH agent"},
		{name: "as an upper directory", also: []string{"ZL-511", "ZL-517"}, change: remount(func(v *Volume) { v.Overlay, v.Upper = true, "/home/u/.aws" })},
		{name: "a log into a store", change: logging("/home/u/.ssh/authorized_keys"), also: []string{"ZL-506"}, says: "log_opt path must not be /home/u/.ssh/authorized_keys"},
		{name: "variables from a login", also: []string{"ZL-923"}, change: gives(EnvFile, []string{"/home/u/.netrc"}), says: "env_file must not come from"},
		{name: "volumes below the engine's configuration", change: mounting("/home/u/.config/containers/volumes/db"), verdict: audit.Pass},
		{name: "the home alone", also: []string{"ZL-507"}, change: mounting("/home/u"), verdict: audit.Pass},
		{name: "hub without the token", change: mounting("/home/u/.cache/huggingface/hub"), verdict: audit.Pass},
	},
	"ZL-509": {
		{name: "message bus", change: mounting("/run/dbus/system_bus_socket"), says: "it reaches the message bus"},
		{name: "of the session", change: mounting("/run/user/1001/bus"), says: "the message bus"},
		{name: "by systemd's word", change: expanding("%t/bus"), says: "the message bus"},
		{name: "X11", also: []string{"ZL-938"}, change: mounting("/tmp/.X11-unix"), says: "the desktop"},
		{name: "above X11", change: mounting("/tmp")},
		{name: "wayland", change: mounting("/run/user/1001/wayland-0"), says: "the desktop"},
		{name: "another socket", change: mounting("/srv/app/grpc.sock"), says: "whoever listens there"},
		{name: "with its reason", also: []string{"ZL-511"}, verdict: audit.Pass, change: func(s *Spec) {
			VolumeAt.Set(s, "/models", soundly(func(v *Volume) { v.Source = "/srv/app/grpc.sock" }), Mark{Evidence: Planned, Why: "it serves here"})
		}},
	},
}

var sensitiveFixtures = []fixture{
	{name: "the host", also: []string{"ZL-102", "ZL-507"}, change: mounting("/"), says: "it is the whole host"},
	{name: "the host as the root", also: bareRoot("ZL-102", "ZL-507"), change: gives(Rootfs, "/"), says: "rootfs must not come from /: it is the whole host"},
	{name: "a tree as the root", also: bareRoot(), change: gives(Rootfs, "/srv/root"), verdict: audit.Pass},
	{name: "a variable as the root", also: bareRoot("ZL-102", "ZL-507", "ZL-508", "ZL-509"), change: gives(Rootfs, "$R"), verdict: audit.Open},
	{name: "data of the site", change: mounting("/usr/local/models"), verdict: audit.Pass},
	{name: "shared data", change: mounting("/usr/share/nltk_data"), verdict: audit.Pass},
	{name: "programs of the site, written", also: []string{"ZL-505"}, change: then(mounting("/usr/local"), remount(func(v *Volume) { v.ReadOnly = false }))},
	{name: "removable media", change: mounting("/run/media/u/disk/models"), verdict: audit.Pass},
	{name: "all removable media", change: mounting("/run/media"), says: "it lies in /run"},
	{name: "the hosts", change: mounting("/etc/hosts"), verdict: audit.Pass},
	{name: "the name servers", change: mounting("/etc/resolv.conf"), verdict: audit.Pass},
	{name: "configuration", change: mounting("/etc"), says: "it is host configuration"},
	{name: "below it", change: mounting("/etc/ssh"), says: "it is keys of the host"},
	{name: "by a roundabout way", also: []string{"ZL-522"}, change: mounting("/srv/../etc//ssh/."), says: "it is keys of the host"},
	{name: "/run instead of the socket", also: []string{"ZL-102"}, change: mounting("/run"), says: "state and sockets"},
	{name: "/var/run", also: []string{"ZL-102"}, change: mounting("/var/run"), says: "state and sockets"},
	{name: "in /run", change: mounting("/run/lock"), says: "it lies in /run"},
	{name: "logs", change: mounting("/var/log/audit"), says: "records of who did what"},
	{name: "services", change: mounting("/var/lib"), says: "it is state"},
	{name: "data beside services", change: mounting("/var/lib/models"), verdict: audit.Pass},
	{name: "container storage", change: mounting("/home/u/.local/share/containers/storage/volumes/x/_data"), says: "container storage"},
	{name: "above container storage", also: []string{"ZL-508", "ZL-938"}, change: mounting("/home/u/.local"), says: "it holds ~/.local/share/containers"},
	{name: "units of a user", change: mounting("/home/u/.config/systemd/user"), says: "units that start by themselves"},
	{name: "the time zone", change: mounting("/etc/localtime"), verdict: audit.Pass},
	{name: "certificates", change: mounting("/etc/pki/ca-trust/extracted"), verdict: audit.Pass},
	{name: "certificates, written", also: []string{"ZL-505"}, change: then(mounting("/etc/ssl/certs"), remount(func(v *Volume) { v.ReadOnly = false }))},
	{name: "a named volume that binds", also: moreTrees("ZL-518"), change: volume("/data", Volume{Source: "data", Device: "/etc", ReadOnly: true, NoSuid: true, NoDev: true}),
		says: "volume /data must not come from /etc"},
	{name: "glob", also: []string{"ZL-102", "ZL-507", "ZL-508", "ZL-509", "ZL-511", "ZL-522"}, change: gives(MountOther, []string{"type=glob,src=/boot/*,dst=/e,ro,relabel=shared,nosuid,nodev"}), says: "mount /e must not come from /boot"},
	{name: "expanded below it", also: []string{"ZL-102", "ZL-507", "ZL-508", "ZL-509", "ZL-522"}, change: expanding("/boot/$X"), says: "it is part of"},
	{name: "expanded beside it", also: []string{"ZL-102", "ZL-507", "ZL-508", "ZL-509", "ZL-522"}, change: expanding("/srv/$X"), verdict: audit.Open},
	{name: "a file of configuration", change: mounting("/etc/app/app.conf"), verdict: audit.Review, says: "is for a person to say"},
	{name: "passwords", change: mounting("/etc/shadow"), says: "it is passwords of the host"},
	{name: "a key's directory", change: mounting("/etc/ssl"), says: "it lies in /etc"},
	{name: "a file of configuration, written", also: []string{"ZL-505"}, change: writing("/etc/app/app.conf"), says: "it lies in /etc"},
	{name: "programs of a user, written", also: []string{"ZL-505"}, change: writing("/home/u/bin"), says: "programs that you run"},
	{name: "programs of a user", change: mounting("/home/u/bin"), verdict: audit.Pass},
	{name: "aliases, written", also: []string{"ZL-505", "ZL-938"}, change: writing("/home/u/.bash_aliases"), says: "a start-up file of a shell"},
	{name: "a tool's configuration, written", also: []string{"ZL-505", "ZL-938"}, change: writing("/home/u/.gitconfig"), says: "runs programs"},
	{name: "hidden and not known, written", also: []string{"ZL-505"}, change: writing("/home/u/.tool/x"), says: "it lies in ~/.tool"},
	{name: "hidden and not known", change: mounting("/home/u/.tool/x"), verdict: audit.Review, says: "it lies in ~/.tool"},
	{name: "a cache, written", also: []string{"ZL-505"}, change: writing("/home/u/.cache/huggingface/hub"), verdict: audit.Pass},
	{name: "volumes below the engine's configuration, written", also: []string{"ZL-505"}, change: writing("/home/u/.config/containers/volumes/db"), verdict: audit.Pass},
	{name: "a log into a start-up file", change: logging("/home/u/.bashrc"), says: "log_opt path must not be /home/u/.bashrc"},
	{name: "a log into a home", change: logging("/home/u/x"), says: "the engine writes there what the workload prints"},
	{name: "a log into a home elsewhere", change: logging("/nfs/u/.bashrc"), says: "a name there begins with a dot"},
	{name: "a log by a variable", also: []string{"ZL-505", "ZL-508"}, change: logging("$X/log"), verdict: audit.Open, says: "is expanded elsewhere"},
	{name: "a capture", also: []string{"ZL-703", "ZL-704"}, change: gives(Network, []string{"pasta:--pcap,/home/u/.bashrc"}), says: "network pasta must not be /home/u/.bashrc"},
	{name: "a pid into a start-up file", change: file("--pidfile", "/home/u/.profile", "write"), says: "--pidfile must not be /home/u/.profile"},
	{name: "a pid", change: file("--pidfile", "/run/user/1001/x.pid", "write"), verdict: audit.Pass},
	{name: "an id by a unit's name", change: file("--cidfile", "%t/%n.ctr-id", "write"), verdict: audit.Pass},
	{name: "an id by a variable", also: []string{"ZL-508"}, change: file("--cidfile", "/run/$X", "write"), verdict: audit.Open},
	{name: "a use nobody knows", change: file("--new", "/home/u/x", ""), says: "--new must not be"},
	{name: "variables from passwords", also: []string{"ZL-923"}, change: gives(EnvFile, []string{"/etc/shadow"}), says: "env_file must not come from /etc/shadow"},
	{name: "variables from a service's file", also: []string{"ZL-923"}, change: gives(EnvFile, []string{"/etc/sysconfig/x"}), verdict: audit.Pass},
	{name: "two slashes", also: moreTrees("ZL-518"), change: backed("//etc", "none", "bind"), says: "must not come from //etc"},
	{name: "two slashes of a server", also: moreTrees(), change: backed("//server/share", "cifs", ""), verdict: audit.Pass},
	{name: "two slashes without a type", also: moreTrees("ZL-102", "ZL-507", "ZL-518"), change: backed("//", "", "bind"), says: "the whole host"},
	{name: "a lower directory", also: moreTrees("ZL-518"), change: backed("overlay", "overlay", "lowerdir=/srv/a:/etc,upperdir=/srv/u,workdir=/srv/w"), says: "must not come from /etc"},
	{name: "a work directory", also: []string{"ZL-517", "ZL-511"}, change: remount(func(v *Volume) { v.Overlay, v.Upper, v.Work = true, "/srv/u", "/etc/w" }), says: "must not come from /etc/w"},
	{name: "devices", change: mounting("/dev"), says: "all devices"},
	{name: "the host's shared memory", change: mounting("/dev/shm"), says: "shared memory"},
}

func writing(source string) func(*Spec) {
	return then(mounting(source), remount(func(v *Volume) { v.ReadOnly = false }))
}

func logging(to string) func(*Spec) {
	return func(s *Spec) { LogOpt.Set(s, "path", to, by) }
}

func file(option, name, use string) func(*Spec) {
	return func(s *Spec) { HostFiles.Set(s, option, HostFile{Path: name, Use: use}, by) }
}

// backed mounts a named volume that mounts a device.
func backed(device, kind, options string) func(*Spec) {
	v := Volume{Source: "data", ReadOnly: true, NoSuid: true, NoDev: true, Device: device, DeviceType: kind, DeviceOptions: options}
	return volume("/data", v)
}
