# shellcheck shell=bash
# What the scripts of the lab share. Source it: the first argument of the script
# is the architecture of the guest, and is shifted away.
#
# Settings, from the environment:
#   ZLAUNCH_LAB         where everything is kept
#   ZLAUNCH_LAB_MIRROR  the Debian mirror, if not the one of this host's apt
#   ZLAUNCH_LAB_RELEASE the release of Debian that a guest is built of, in the place of trixie
#   ZLAUNCH_LAB_PORT    the port of 127.0.0.1 that leads to the guest's SSH
#   ZLAUNCH_LAB_MEMORY, ZLAUNCH_LAB_CPUS, ZLAUNCH_LAB_ACCEL=kvm|tcg,
#   ZLAUNCH_LAB_APPEND  the guest's memory in MiB, its processors, how it is run,
#                       and more kernel arguments
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../host.sh"

arch=${1:-}
case $arch in
amd64 | s390x) shift ;;
*) die "which guest: ${arch:-none was named}" "${0#"$PWD/"} amd64|s390x" ;;
esac
script="$script $arch"

: "${ZLAUNCH_LAB:=${XDG_CACHE_HOME:-$HOME/.cache}/zlaunch-lab}"
export ZLAUNCH_LAB
tools=$ZLAUNCH_LAB/tools  # a Debian tree with QEMU and what makes disks
vm=$ZLAUNCH_LAB/$arch     # all of this guest
disk=$vm/disk.qcow2       # what the guest runs on: changes on top of base.qcow2
pidfile=$vm/qemu.pid
export console=$vm/console.log

# What differs: port, kernel package, machine, processor (see amd64.sh).
# shellcheck source=amd64.sh
. "$here/$arch.sh"
port=${ZLAUNCH_LAB_PORT:-$port}

# as_root runs this script again as root when somebody else runs it. The
# directory is made before, so that root makes nothing above it.
as_root() {
	local name pass=()
	mkdir -p "$ZLAUNCH_LAB"
	is_root && return
	for name in $(compgen -e | grep -E '^(ZLAUNCH_LAB.*|(https?|no)_proxy)$'); do pass+=("$name=${!name}"); done
	if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		exec sudo env "${pass[@]}" bash "$0" "$arch" "$@"
	fi
	lacks "the lab needs root: it makes file systems of other owners" "as root: ${0#"$PWD/"} $arch${*:+ $*}"
}

# tool runs a program of the tools tree with that tree's own libraries.
tool() {
	local program=$1 libs loader
	shift
	libs=$(echo "$tools"/usr/lib/*-linux-gnu)
	for loader in "$tools"/lib64/ld*.so.* "$tools"/lib/ld*.so.*; do [ ! -e "$loader" ] || break; done
	QEMU_MODULE_DIR=$libs/qemu "$loader" --library-path "$libs" "$tools/usr/bin/$program" "$@"
}

# guest_pid prints the process of the guest, if it lives: the number is held
# against the process itself.
guest_pid() {
	local pid
	pid=$(cat "$pidfile" 2>/dev/null) || return 1
	tr '\0' ' ' 2>/dev/null <"/proc/${pid:-none}/cmdline" | grep -qF -- "file=$disk," || return 1
	echo "$pid"
}
guest_alive() { guest_pid >/dev/null; }

ssh_options=(-F /dev/null -i "$vm/key" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR
	-o "UserKnownHostsFile=$vm/known_hosts" -o StrictHostKeyChecking=yes -o "HostKeyAlias=zlab-$arch"
	-o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=8
	-o ControlMaster=auto -o ControlPersist=600 -o "ControlPath=$vm/ssh-%r" -o "Port=$port")

# hang_up ends the SSH connections that are kept for the next command.
hang_up() {
	local user
	for user in root zuser; do
		ssh "${ssh_options[@]}" -O exit "$user@127.0.0.1" >/dev/null 2>&1 || true
		rm -f "$vm/ssh-$user"
	done
}
