package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// What of a host is sensitive, as tables of places.

// hostPlaces give persistence on the host or a way out of the container (ZL-506). Of /dev only what is no device; devices are ZL-605.
var hostPlaces = newPlaceTable([][2]string{
	{"the whole host", "=/"},
	{"host configuration", "/etc"},
	{"configuration by which the host starts programs or gives rights", "/etc/cron.d /etc/cron.daily /etc/cron.hourly /etc/cron.monthly /etc/cron.weekly /etc/crontab /etc/anacrontab " +
		"/etc/systemd /etc/init.d /etc/init /etc/rc.d /etc/rc.local /etc/inittab /etc/profile /etc/profile.d /etc/bash.bashrc /etc/bashrc /etc/zsh /etc/environment /etc/ld.so.preload " +
		"/etc/ld.so.conf /etc/ld.so.conf.d /etc/ld.so.cache /etc/udev /etc/modprobe.d /etc/modules-load.d /etc/sysctl.d /etc/tmpfiles.d /etc/sysusers.d /etc/binfmt.d /etc/dbus-1 /etc/xdg /etc/X11 " +
		"/etc/passwd /etc/group /etc/subuid /etc/subgid /etc/login.defs /etc/nsswitch.conf /etc/fstab /etc/alternatives /etc/apt /etc/dpkg /etc/yum.repos.d /etc/dnf /etc/rpm /etc/pacman.d " +
		"/etc/containers /etc/cni /etc/crio /etc/containerd /etc/cdi /etc/kernel /etc/grub.d /etc/default /etc/sysconfig /etc/logrotate.d /etc/network /etc/netplan /etc/hosts /etc/resolv.conf"},
	{systemPrograms, "/bin /lib /lib32 /lib64 /libx32 /sbin /usr"},
	{"part of the operating system", "/boot /efi /gnu /nix /ostree /snap /sysroot"},
	{"the kernel's view of the host", "/proc /sys"},
	{"all devices", "=/dev"},
	{"the host's shared memory and terminals", "/dev/shm /dev/mqueue /dev/pts /dev/hugepages"},
	{"root's home directory", "/root /var/root"},
	{"state and sockets of running programs", "/run"},
	{"what the host's own services are steered by", "/run/NetworkManager /run/acpid.socket /run/avahi-daemon /run/blkid /run/chrony /run/cloud-init /run/console /run/containerd " +
		"/run/containers /run/credentials /run/crio /run/crun /run/cryptsetup /run/cups /run/dbus /run/docker /run/faillock /run/firewalld /run/flatpak /run/gdm /run/host /run/initctl " +
		"/run/initramfs /run/keys /run/kubernetes /run/libpod /run/libvirt /run/lightdm /run/log /run/lvm /run/lxc /run/lxd /run/mount /run/multipathd /run/netns /run/nscd " +
		"/run/ostree-booted /run/pcscd /run/podman /run/polkit /run/rpcbind /run/runc /run/screen /run/secrets.d /run/setrans /run/snapd /run/sshd /run/sssd /run/sudo /run/systemd /run/tmpfiles.d " +
		"/run/agenix /run/agenix.d /run/ceph /run/fail2ban /run/frr /run/openvswitch /run/qemu /run/salt /run/samba /run/supervisor /run/tailscale /run/wrappers /run/xenstored " +
		"/run/tmux /run/udev /run/udisks2 /run/utmp /run/wpa_supplicant /run/xtables.lock /run/zfs " +
		"%t/systemd %t/bus %t/dbus-1 %t/dconf %t/doc %t/gnupg %t/gvfs %t/keyring %t/libpod %t/crun %t/runc %t/netns %t/tmux %t/screen %t/libvirt %t/emacs %t/nvim.* %t/xauth_* %t/gdm %t/ICEauthority"},
	{"state of the host's services", "=/var =/var/lib =/var/backups /var/account /var/crash /var/db /var/lib/NetworkManager /var/lib/bluetooth /var/lib/cloud /var/lib/flatpak /var/lib/libvirt /var/lib/machines /var/lib/snapd /var/lib/systemd /var/lib/sss /var/lock"},
	{"what decides who is who on the host, and its keys", "/var/lib/AccountsService /var/lib/dbus /var/lib/fprint /var/lib/gdm /var/lib/gdm3 /var/lib/gssproxy /var/lib/ipa /var/lib/ipa-client /var/lib/lightdm /var/lib/pam " +
		"/var/lib/polkit-1 /var/lib/private /var/lib/samba/private /var/lib/sbctl /var/lib/sddm /var/lib/sudo /var/lib/tailscale /var/lib/tpm /var/lib/tpm2-tss"},
	{"programs and virtual machines that the host starts", "/var/lib/boltd /var/lib/confexts /var/lib/dkms /var/lib/extensions /var/lib/fwupd /var/lib/incus /var/lib/initramfs-tools /var/lib/k3s /var/lib/lxc /var/lib/portables /var/lib/selinux"},
	{packageState, "/var/lib/alternatives /var/lib/apt /var/lib/aptitude /var/lib/dnf /var/lib/dpkg /var/lib/pacman /var/lib/PackageKit /var/lib/rpm /var/lib/rpm-state /var/lib/ucf /var/lib/yum /var/lib/zypp"},
	{"logs, mail and timed jobs of the host", "/var/log /var/mail /var/spool"},
	{"records of who did what on the host", "/var/log/audit /var/log/auth.log* /var/log/btmp* /var/log/containers /var/log/cron /var/log/cron-* /var/log/faillog /var/log/journal /var/log/kern.log* /var/log/lastlog " +
		"/var/log/messages* /var/log/pods /var/log/secure /var/log/secure-* /var/log/sssd /var/log/sudo /var/log/sudo-io /var/log/syslog* /var/log/tallylog /var/log/wtmp*"},
	{"all home directories", "=/home =/var/home =/Users"},
	{"container storage", "/var/lib/containers /var/lib/docker /var/lib/containerd ~/.local/share/containers ~/.local/share/docker"},
	{"a cluster's state", "/var/lib/kubelet /var/lib/etcd /var/lib/rancher"},
	{"units that start by themselves", "~/.config/systemd ~/.config/autostart ~/.config/environment.d ~/.config/containers/systemd ~/.local/share/systemd"},
	{"a start-up file of a shell", "~/.bashrc ~/.bash_profile ~/.bash_login ~/.bash_logout ~/.bash_aliases ~/.bashrc.d ~/.profile ~/.zshrc ~/.zshenv " +
		"~/.zprofile ~/.zlogin ~/.zlogout ~/.kshrc ~/.cshrc ~/.tcshrc ~/.login ~/.logout ~/.inputrc ~/.pam_environment ~/.xprofile ~/.xsession " +
		"~/.xinitrc ~/.xsessionrc ~/.config/fish ~/.config/zsh ~/.oh-my-zsh ~/.config/plasma-workspace"},
	{toolConfiguration, "~/.gitconfig ~/.config/git ~/.vimrc ~/.vim ~/.config/nvim ~/.emacs ~/.emacs.d ~/.config/emacs ~/.exrc " +
		"~/.tmux.conf ~/.config/tmux ~/.screenrc ~/.gdbinit ~/.pdbrc ~/.pythonrc ~/.ipython ~/.config/pip ~/.pip ~/.config/containers/containers.conf " +
		"~/.config/containers/containers.conf.d ~/.config/containers/storage.conf ~/.config/containers/registries.conf ~/.config/containers/registries.conf.d " +
		"~/.config/containers/policy.json ~/.config/containers/mounts.conf ~/.config/containers/oci ~/.config/zlaunch ~/.vscode ~/.vscode-server ~/.config/Code " +
		"~/.config/VSCodium ~/.config/Cursor ~/.config/Windsurf ~/.config/zed ~/.config/sublime-text ~/.config/sublime-text-3 ~/.config/tmuxinator ~/.config/k9s ~/.config/lazygit " +
		"~/.config/bash ~/.config/cargo ~/.config/JetBrains ~/.config/helix ~/.config/kak ~/.config/micro ~/.config/direnv ~/.direnvrc ~/.config/mise ~/.config/nushell ~/.config/xonsh ~/.config/starship.toml " +
		"~/.config/atuin ~/.config/alacritty ~/.config/kitty ~/.config/wezterm ~/.config/ghostty ~/.config/foot ~/.config/zellij ~/.config/sway ~/.config/hypr ~/.config/i3 ~/.config/awesome ~/.config/bspwm " +
		"~/.config/sxhkd ~/.config/openbox ~/.config/qtile ~/.config/niri ~/.config/ranger ~/.config/lf ~/.config/nnn ~/.config/vifm ~/.config/yazi ~/.config/mpv ~/.config/gdb ~/.config/npm ~/.config/matplotlib " +
		"~/.config/ipython ~/.jupyter ~/.ansible ~/.ansible.cfg ~/.sbt ~/.ivy2 ~/.bundle ~/.rpmmacros ~/.lesskey ~/.lessfilter ~/.mailcap ~/.procmailrc ~/.forward ~/.dotfiles"},
})

// What of a host weighs less than the rest of its kind in some ways; see weighed.
const (
	packageState      = "what the host's package manager goes by"
	systemPrograms    = "programs and libraries of the operating system"
	toolConfiguration = "configuration by which a tool runs programs"
)

// ownBelow are directories in which every service has one of its own. What there is the
// host's own stands in [hostPlaces] by its name.
var ownBelow = []string{"/run", "/var/log", "/var/lib/private"}

// engineName matches what in such a directory is an engine's, or a cluster's, by its name.
var engineName = lazyregexp.New(`(?i)docker|containerd|podman|cri-?o\b|kube|k3s|k0s|rke2|buildkit|lxc|lxd|incus|nomad|balena|libpod|machine`)

// rootHomes are homes beside those of users.
var rootHomes = []string{"/root", "/var/root"}

// ownConfiguration tells a directory of ~/.config that is no program's that is known to run
// what it finds there, nor named as what runs or configures programs: ~/.config/foo.toml.
func ownConfiguration(p string) bool {
	rest, _ := beneathHome(p)
	return strings.HasPrefix(rest, "/.config/") && !slices.ContainsFunc(startNames, func(end string) bool { return strings.HasSuffix(rest, end) }) &&
		!slices.ContainsFunc(startDirs, func(dir string) bool { return strings.Contains(rest+"/", dir) })
}

var (
	startNames = strings.Fields("rc rc.d profile env login logout aliases init .sh .bash .zsh .fish .py .pl .rb .js .el .vim .conf .toml .yaml .yml .json .lua .ini .desktop .dirs")
	startDirs  = strings.Fields("/bin/ /hooks/ /scripts/ /plugins/ /extensions/")
)

// codePlaces are where a home keeps programs that its owner runs. A container may read
// them, and not write.
var codePlaces = newPlaceTable([][2]string{
	{"programs that you run", "~/bin ~/.bin ~/.local/bin ~/.local/lib ~/.local/libexec ~/go/bin ~/.go/bin ~/.cargo/bin ~/.cargo/config ~/.cargo/config.toml ~/.cargo/env ~/.rustup " +
		"~/.pyenv ~/.rbenv ~/.nvm ~/.nodenv ~/.asdf ~/.sdkman ~/.jenv ~/.volta ~/.deno ~/.bun ~/.yarn ~/.npm-global ~/.npm ~/.gem ~/.linuxbrew ~/.nix-profile " +
		"~/.local/pipx ~/.local/share/mise ~/.local/share/pipx ~/.local/share/pnpm ~/.local/share/virtualenvs ~/.conda ~/miniconda3 ~/anaconda3 ~/miniforge3 ~/.juliaup"},
	{"what a desktop or a shell runs", "~/.local/share/applications ~/.local/share/dbus-1 ~/.local/share/bash-completion ~/.local/share/fish ~/.local/share/zsh " +
		"~/.local/share/nvim ~/.local/share/nautilus ~/.local/share/gnome-shell ~/.local/share/kservices5 ~/.local/share/kio ~/.local/share/plasma ~/.local/share/jupyter"},
})

// secretPlaces are what of the host's configuration holds secrets, or gives rights;
// what else lies in /etc is read by any user.
var secretPlaces = newPlaceTable([][2]string{
	{"passwords of the host", "/etc/shadow /etc/shadow- /etc/gshadow /etc/gshadow- /etc/security /etc/sssd /etc/samba /etc/openldap /etc/ppp /etc/crypttab /etc/cryptsetup-keys.d"},
	{"keys of the host", "/etc/ssh /etc/ssl/private /etc/pki/tls/private /etc/pki/entitlement /etc/pki/consumer /etc/pki/nssdb /etc/krb5.keytab /etc/letsencrypt " +
		"/etc/wireguard /etc/openvpn /etc/ipsec.d /etc/ipsec.secrets /etc/swanctl /etc/credstore /etc/credstore.encrypted /etc/luks /etc/NetworkManager /etc/netplan /etc/wpa_supplicant /etc/ldap.secret /etc/smbcredentials /etc/gitlab /etc/gitlab-runner /etc/bind /etc/rndc.key /etc/munge /etc/pve /etc/step-ca /etc/cloudflared /etc/tinc"},
	{"who may do what", "/etc/sudoers /etc/sudoers.d /etc/doas.conf /etc/polkit-1 /etc/pam.d"},
	{"a cluster's or an engine's keys", "/etc/kubernetes /etc/rancher /etc/docker /etc/containers/certs.d /etc/ceph /etc/etcd /etc/consul.d /etc/vault.d /etc/nomad.d /etc/cloud /etc/puppetlabs /etc/ansible"},
	{"the kernel's view of the host", "/proc /sys"},
	{"root's home directory", "/root /var/root"},
})

// homeData are what of a home begins with a dot and is data, with what lies below.
// Everything else there steers a program of the user's, until somebody says otherwise.
var homeData = []string{"/.cache", "/.local/share", "/.local/state", "/.config/containers/volumes", "/.ollama/models", "/.lmstudio/models", "/.keras",
	"/.triton/cache", "/.nv/ComputeCache", "/.var/app", "/.m2/repository", "/.gradle/caches", "/.cargo/registry", "/.composer/cache", "/.n8n", "/.node-red", "/.homeassistant", "/.open-webui", "/.localai", "/.jellyfin"}

// hiddenPlace finds what of a home begins with a dot and is not known to be data.
func hiddenPlace(p string) (place, relation) {
	rest, ok := beneathHome(p)
	if !ok || !strings.HasPrefix(rest, "/.") || slices.ContainsFunc(homeData, func(d string) bool { return beneath(rest, d) }) {
		return place{}, apart
	}
	name, _, below := strings.Cut(rest[1:], "/")
	pl := place{path: "~/" + name, what: "a program's own files in a home"}
	if below {
		return pl, inside
	}
	return pl, exactly
}

// reachesHost finds the place of the host that a clean path is, lies in, or
// brings along. Below /run a nearer control speaks where there is one.
func reachesHost(p string) (place, relation) {
	pl, r := hostPlaces.find(p)
	q := spellings(p)[0]
	inRun := strings.HasPrefix(q, "/run/") || strings.HasPrefix(q, "%t")
	if r == above && q == "~" || strings.HasPrefix(q, "/run/media/") {
		return place{}, apart // removable media of users are data
	}
	if r > above && inRun {
		_, socket := reachesSocket(p)
		if _, store := reachesCredentials(p); socket || store != apart || holdsEngineSocket(p) {
			return place{}, apart
		}
	}
	return pl, r
}

// forbidden tells whether any control forbids a clean path as a source.
func forbidden(p string) bool {
	_, system := reachesHost(p)
	_, store := reachesCredentials(p)
	_, socket := reachesSocket(p)
	_, code := codePlaces.find(p)
	_, hidden := hiddenPlace(p)
	return code > above || hidden != apart || system != apart || store != apart || socket || holdsEngineSocket(p) || wholeHome(p)
}

// harmless are host paths that a container may read, and what lies below them.
var harmless = []string{"/etc/localtime", "/etc/timezone", "/etc/ca-certificates", "/etc/pki/ca-trust", "/etc/pki/tls/certs", "/etc/ssl/certs",
	"/usr/share/zoneinfo", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"}

// hostData are what else of a host a container may read: data of the site and of
// packages, and what every engine copies in anyway. In an image the same paths
// hold its own programs.
var hostData = append([]string{"/etc/hosts", "/etc/resolv.conf", "/etc/os-release", "/usr/lib/os-release", "/etc/lsb-release", "/etc/locale.conf", "/etc/mime.types", "/etc/services", "/usr/local", "/usr/share"}, harmless...)

// readable tells whether a clean path may be mounted read-only although it lies in
// a sensitive place.
func readable(p string) bool {
	return slices.ContainsFunc(harmless, func(h string) bool { return beneath(p, h) })
}

// engineState are where engines and service managers keep ids, pids and state.
var engineState = []string{"/run", "/var/run", "/var/lib/containers", "/var/lib/docker", "/var/log", "/var/lock"}
