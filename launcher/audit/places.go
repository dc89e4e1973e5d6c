package audit

import (
	"path"
	"slices"
	"strings"
)

// hostPlaces give persistence on the host or a way out of the container (controls
// reference, ZL-506). Of /dev only what is no device; devices are ZL-605.
var hostPlaces = newTable([][2]string{
	{"the whole host", "=/"},
	{"host configuration", "/etc"},
	{"part of the operating system", "/bin /boot /efi /lib /lib32 /lib64 /libx32 /ostree /sbin /sysroot /usr"},
	{"the kernel's view of the host", "/proc /sys"},
	{"all devices", "=/dev"},
	{"the host's shared memory and terminals", "/dev/shm /dev/mqueue /dev/pts /dev/hugepages"},
	{"root's home directory", "/root /var/root"},
	{"state and sockets of running programs", "/run"},
	{"state of the host's services", "=/var =/var/lib /var/account /var/crash /var/db /var/lib/systemd /var/lib/sss /var/lock"},
	{"logs, mail and timed jobs of the host", "/var/log /var/mail /var/spool"},
	{"all home directories", "=/home =/var/home =/Users"},
	{"container storage", "/var/lib/containers /var/lib/docker /var/lib/containerd ~/.local/share/containers ~/.local/share/docker"},
	{"a cluster's state", "/var/lib/kubelet /var/lib/etcd /var/lib/rancher"},
	{"units that start by themselves", "~/.config/systemd ~/.config/autostart ~/.config/environment.d ~/.config/containers/systemd"},
	{"a start-up file of a shell", "~/.bashrc ~/.bash_profile ~/.bash_login ~/.bash_logout ~/.profile ~/.zshrc ~/.zshenv ~/.zprofile ~/.zlogin ~/.pam_environment"},
})

// credentialPlaces hold keys and tokens (controls reference, ZL-508).
var credentialPlaces = newTable([][2]string{
	{"keys", "~/.ssh ~/.gnupg ~/.pki ~/.vault-token"},
	{"tokens of a cloud", "~/.aws ~/.azure ~/.bluemix ~/.config/gcloud ~/.config/doctl ~/.config/rclone ~/.oci ~/.boto ~/.s3cfg ~/.terraform.d ~/.databrickscfg"},
	{"tokens of a cluster", "~/.kube"},
	{"registry logins", "~/.docker ~/.dockercfg ~/.config/containers %t/containers /run/containers"},
	{"the token of the Hugging Face hub", "~/.cache/huggingface/token ~/.cache/huggingface/stored_tokens ~/.huggingface"},
	{"logins of tools", "~/.netrc ~/.pypirc ~/.npmrc ~/.pgpass ~/.my.cnf ~/.kaggle ~/.cargo/credentials ~/.cargo/credentials.toml ~/.gem/credentials ~/.m2/settings.xml"},
	{"logins of git", "~/.git-credentials ~/.config/git/credentials ~/.config/gh ~/.config/hub"},
	{"stored passwords", "~/.password-store ~/.local/share/keyrings ~/.config/keepassxc ~/.config/op %t/keyring %t/gnupg"},
	{"a browser's passwords and cookies", "~/.mozilla ~/.thunderbird ~/.config/google-chrome ~/.config/chromium ~/.config/BraveSoftware"},
	{"the SSH agent", agentSocket + " %t/ssh-agent.socket %t/openssh_agent %t/gcr"},
	{"Kerberos tickets", "/tmp/krb5cc*"},
})

// agentSocket is where OpenSSH's own agent listens.
const agentSocket = "/tmp/ssh-*"

// socketPlaces are sockets through which a process acts outside, and directories
// of them (controls reference, ZL-509). Those of engines are ZL-102.
var socketPlaces = newTable([][2]string{
	{"the message bus", "/run/dbus /tmp/dbus-* %t/bus %t/dbus-* %t/at-spi"},
	{"systemd", "/run/systemd %t/systemd /run/initctl /run/udev /dev/log"},
	{"the desktop", "/tmp/.X11-unix /tmp/.ICE-unix %t/wayland-* %t/pulse %t/pipewire-* %t/gvfs"},
	{"the SSH agent", agentSocket + " %t/keyring %t/openssh_agent %t/gcr"},
	{"storage and machines", "/run/lvm /run/multipathd /run/libvirt /var/lib/lxd /run/cups /run/pcscd"},
})

// reachesSocket names the socket that a clean path is or holds.
func reachesSocket(p string) (what string, ok bool) {
	if slices.Contains(engineSockets, path.Base(p)) {
		return "", false
	}
	if pl, r := socketPlaces.find(p); r > above {
		return pl.what, true
	} else if q := spellings(p)[0]; r == above && (q == "/tmp" || q == "%t") { // what is further up is the host itself
		return pl.what, true
	}
	if base := path.Base(p); strings.HasSuffix(base, ".sock") || strings.HasSuffix(base, ".socket") {
		return "whoever listens there", true
	}
	return "", false
}

// reachesCredentials finds the store that a clean path is, lies in, or brings
// along; a whole home directory does too, and is ZL-507.
func reachesCredentials(p string) (place, relation) {
	pl, r := credentialPlaces.find(p)
	if q := spellings(p)[0]; r == above && !strings.HasPrefix(q, "~/") {
		return place{}, apart
	}
	return pl, r
}

// reachesHost finds the place of the host that a clean path is, lies in, or
// brings along. Below /run a nearer control speaks where there is one.
func reachesHost(p string) (place, relation) {
	pl, r := hostPlaces.find(p)
	q := spellings(p)[0]
	if r == above && q == "~" || strings.HasPrefix(q, "/run/media/") {
		return place{}, apart // removable media of users are data
	}
	if pl.path == "/run" && r == inside {
		_, socket := reachesSocket(p)
		if _, store := reachesCredentials(p); socket || store != apart || holdsSocket(p) {
			return place{}, apart
		}
	}
	return pl, r
}

// wholeHome tells whether a clean path is a home directory or holds all of them.
func wholeHome(p string) bool {
	rest, ok := beneathHome(p)
	return ok && rest == "" || p == "/" || slices.Contains(homes, p)
}

// forbidden tells whether any control forbids a clean path as a source.
func forbidden(p string) bool {
	_, system := reachesHost(p)
	_, store := reachesCredentials(p)
	_, socket := reachesSocket(p)
	return system != apart || store != apart || socket || holdsSocket(p) || wholeHome(p)
}

// harmless are host paths that a container may read, and what lies below them.
var harmless = []string{"/etc/localtime", "/etc/timezone", "/etc/ca-certificates", "/etc/pki/ca-trust", "/etc/pki/tls/certs", "/etc/ssl/certs",
	"/usr/share/zoneinfo", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"}

// hostData are what else of a host a container may read: data of the site and of
// packages, and what every engine copies in anyway. In an image the same paths
// hold its own programs.
var hostData = append([]string{"/etc/hosts", "/etc/resolv.conf", "/usr/local", "/usr/share"}, harmless...)

// readable tells whether a clean path may be mounted read-only although it lies in
// a sensitive place.
func readable(p string) bool {
	return slices.ContainsFunc(harmless, func(h string) bool { return beneath(p, h) })
}
