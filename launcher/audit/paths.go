package audit

import (
	"path"
	"slices"
	"strings"
)

// Paths of the host are compared by text alone, cleaned: a control reads no disk.
// Links are resolved where a plan is made; of a foreign run they are not known.

// relation is how a source lies to a sensitive place.
type relation uint8

const (
	apart   relation = iota
	above            // the place is below the source, and comes along
	inside           // the source is below the place
	exactly          // it is the place
)

// place is a path of the host that must not reach a container, with what is
// there. In its path ~ is any home directory and %t any user's runtime directory.
type place struct {
	path, what string
	exact      bool // what lies below it may be mounted
}

// table finds places by path.
type table struct {
	at    map[string]place
	above map[string]place // by every directory that holds a place
}

// newTable reads rows of a description and its paths; = before a path makes it an
// exact one.
func newTable(rows [][2]string) table {
	t := table{map[string]place{}, map[string]place{}}
	for _, r := range rows {
		for _, p := range strings.Fields(r[1]) {
			exact := strings.HasPrefix(p, "=")
			p = strings.TrimPrefix(p, "=")
			t.at[p] = place{p, r[0], exact}
			for dir := parent(p); dir != ""; dir = parent(dir) {
				if _, ok := t.above[dir]; !ok {
					t.above[dir] = t.at[p]
				}
			}
		}
	}
	return t
}

// find returns the place nearest to a clean path and how they lie. above is the
// answer only where no place is around.
func (t table) find(p string) (place, relation) {
	for _, q := range spellings(p) {
		for dir := top(q); dir != ""; dir = parent(dir) {
			if pl, ok := t.at[dir]; ok && dir == q {
				return pl, exactly
			} else if ok && !pl.exact {
				return pl, inside
			}
		}
	}
	for _, q := range spellings(p) {
		if pl, ok := t.above[q]; ok {
			return pl, above
		}
	}
	return place{}, apart
}

// deepest is more names than any place has, so that a path of a million names costs
// no more than a short one.
const deepest = 8

// top is what of a path a place can be in.
func top(p string) string {
	n := 0
	for i := range len(p) {
		if p[i] == '/' && i > 0 {
			if n++; n == deepest {
				return p[:i]
			}
		}
	}
	return p
}

// parent is the directory of a spelled path; of ~ it is /home and of %t /run/user,
// and "" beyond the root.
func parent(p string) string {
	switch p {
	case "/":
		return ""
	case "~":
		return "/home"
	case "%t":
		return "/run/user"
	}
	if i := strings.LastIndexByte(p, '/'); i > 0 {
		return p[:i]
	}
	return "/"
}

// spellings are a clean path as it is, and by ~, %t and the patterns of names that
// differ from run to run.
func spellings(p string) []string {
	if rest, ok := strings.CutPrefix(p, "/var/run"); ok && (rest == "" || rest[0] == '/') {
		p = "/run" + rest
	}
	q := p
	if rest, ok := beneathHome(p); ok {
		q = "~" + rest
	} else if rest, ok := beneathRuntime(p); ok {
		q = "%t" + rest
	}
	for _, pre := range varying {
		if rest, ok := strings.CutPrefix(q, pre); ok {
			_, tail, more := strings.Cut(rest, "/")
			if q = pre + "*"; more {
				q += "/" + tail
			}
		}
	}
	if q == p {
		return []string{p}
	}
	return []string{q, p}
}

// varying are the beginnings of names that end differently in every session.
var varying = []string{"/tmp/ssh-", "/tmp/krb5cc", "/tmp/dbus-", "%t/wayland-", "%t/pipewire-", "%t/dbus-"}

// homes hold the home directories of users, one directory each.
var homes = []string{"/home", "/var/home", "/Users"}

// beneathHome returns what of a clean path lies below a home directory: "" for
// the home itself, "/.ssh".
func beneathHome(p string) (rest string, ok bool) {
	for _, root := range []string{"/root", "/var/root"} {
		if rest, ok := strings.CutPrefix(p, root); ok && (rest == "" || rest[0] == '/') {
			return rest, true
		}
	}
	for _, h := range homes {
		if rest, ok := beneathOne(p, h); ok {
			return rest, true
		}
	}
	return "", false
}

// beneathRuntime is [beneathHome] for the runtime directory of a user.
func beneathRuntime(p string) (rest string, ok bool) { return beneathOne(p, "/run/user") }

func beneathOne(p, dir string) (rest string, ok bool) {
	name, ok := strings.CutPrefix(p, dir)
	if !ok || len(name) < 2 || name[0] != '/' {
		return "", false
	}
	name = name[1:]
	if i := strings.IndexByte(name, '/'); i >= 0 {
		return name[i:], true
	}
	return "", true
}

// beneath tells whether a clean path is a directory or lies below it.
func beneath(p, dir string) bool {
	rest, ok := strings.CutPrefix(p, dir)
	return dir == "/" || ok && (rest == "" || rest[0] == '/')
}

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
