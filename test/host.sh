# Facts about this host, for the scripts beside this file. Source it from bash.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
script=$(basename "$0")

# The ordinary user that tests and the demo run as when they are started by root.
test_user=zlaunch-test

# The Go release fetched where no package is new enough (see fetch_go in setup).
fetched_go=1.24.11

# Podman and the network helpers look for iptables and nft in sbin.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Podman 5 warns on every call where cgroups are version 1; once is enough, and
# zlaunch doctor says it.
export PODMAN_IGNORE_CGROUPSV1_WARNING=1

say() { printf '%s: %s\n' "$script" "$*" >&2; }
die() {
	printf '%s: error: %s\n' "$script" "$1" >&2
	[ $# -lt 2 ] || printf '%s: hint: %s\n' "$script" "$2" >&2
	exit 1
}

# lacks is die for what this machine cannot give: the code is 77, "skipped".
lacks() { (die "$@") || exit 77; }

# own_git runs git on this tree's own repository: never on one around it, and as
# root on another user's too.
own_git() { git --git-dir="$tree/.git" --work-tree="$tree" "$@"; }

is_root() { [ "$(id -u)" = 0 ]; }
has_systemd() { [ -d /run/systemd/system ]; }
has_cgroup_v2() { [ "$(stat -fc %T /sys/fs/cgroup 2>/dev/null)" = cgroup2fs ]; }
home_of() { getent passwd "$1" | cut -d: -f6; }

# at_least OLD NEW: whether version NEW is OLD or later.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# find_go prints a go command that can build this module without fetching
# another toolchain. GO names a preferred one.
find_go() {
	local need go have
	need=$(sed -n 's/^go //p' "$tree/go.mod")
	for go in "${GO:-}" "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-1.*/bin/go \
		/usr/lib/golang/bin/go "$HOME"/sdk/go1.*/bin/go "$HOME/.cache/zlaunch/go$fetched_go/bin/go"; do
		[ -n "$go" ] && [ -x "$go" ] || continue
		have=$(cd / && GOTOOLCHAIN=local "$go" version 2>/dev/null | sed -n 's/^go version go\([0-9.]*\).*/\1/p')
		if [ -n "$have" ] && at_least "$need" "$have"; then
			printf '%s\n' "$go"
			return
		fi
	done
	return 1
}

# caller_environment prints the names of the variables that follow the caller
# to the test user: the language, how Go fetches modules, proxies, ours.
caller_environment() {
	compgen -e | grep -E '^(TERM|LANG|LC_ALL|TZ|CI|VERSION|COMMIT|COMMIT_TIME|GO(FLAGS|PROXY|SUMDB|NOSUMDB|NOPROXY|PRIVATE|INSECURE|TOOLCHAIN|VULNDB)|SSL_CERT_(FILE|DIR)|(HTTPS?|NO|ALL)_PROXY|(https?|no|all)_proxy|ZLAUNCH_.*)$' || true
}

# become_test_user turns this shell's environment into the test user's. Values
# stay in the environment: on a command line every user could read them.
become_test_user() {
	local keep name
	keep=" $(caller_environment | tr '\n' ' ')"
	for name in $(compgen -e); do
		[[ $keep == *" $name "* ]] || unset "$name" 2>/dev/null || true
	done
	export PATH=/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
	export HOME USER=$test_user LOGNAME=$test_user SHELL=/bin/bash XDG_RUNTIME_DIR
	HOME=$(home_of "$test_user")
	XDG_RUNTIME_DIR=/run/user/$(id -u "$test_user")
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
	[ -S "$XDG_RUNTIME_DIR/bus" ] || unset DBUS_SESSION_BUS_ADDRESS
}

# as_test_user runs a command as the test user, from its home, without a
# session of its own: enough for files, not for containers under systemd.
as_test_user() (
	become_test_user
	cd "$HOME"
	umask 022
	exec setpriv --reuid="$test_user" --regid="$test_user" --init-groups --inh-caps=-all "$@"
)
