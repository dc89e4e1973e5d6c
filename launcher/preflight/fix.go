package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// Fix names a part of the script that root runs once to prepare a host.
type Fix = string

// The parts, in the order of the script.
const (
	FixHelpers  Fix = "helpers"
	FixUserns   Fix = "userns"
	FixSubIDs   Fix = "subids"
	FixLinger   Fix = "linger"
	FixCgroup2  Fix = "cgroup2"
	FixDelegate Fix = "delegate"
)

const fixHead = `#!/bin/sh
# Written by zlaunch doctor --fix: prepares this host for rootless containers of
# one user. Read it, then run it as root. Running it again changes nothing.
set -eu
[ "$(id -u)" -eq 0 ] || { echo 'run this as root' >&2; exit 1; }
`

const fixHelpers = `
# newuidmap and newgidmap
if ! command -v newuidmap >/dev/null; then
	if command -v apt-get >/dev/null; then apt-get install -y uidmap
	elif command -v dnf >/dev/null; then dnf install -y shadow-utils
	elif command -v zypper >/dev/null; then zypper install -y shadow
	else echo 'install the package that has newuidmap' >&2; exit 1
	fi
fi
for program in newuidmap newgidmap; do
	program=$(command -v "$program")
	[ -u "$program" ] || [ -n "$(getcap "$program" 2>/dev/null)" ] || chmod u+s "$program"
done
`

const fixUserns = `
# user namespaces for ordinary users
conf=/etc/sysctl.d/90-zlaunch-userns.conf
: >"$conf"
if [ "$(cat /proc/sys/user/max_user_namespaces)" -eq 0 ]; then
	echo 'user.max_user_namespaces = 28633' >>"$conf"
fi
if [ "$(cat /proc/sys/kernel/unprivileged_userns_clone 2>/dev/null || echo 1)" -eq 0 ]; then
	echo 'kernel.unprivileged_userns_clone = 1' >>"$conf"
fi
sysctl -p "$conf"
`

// fixSubIDs takes the option of usermod, the file, and the first free id of it.
// A user of a directory service is unknown to usermod; then the line is written.
const fixSubIDs = `
# 65536 ids in %[2]s
touch %[2]s
if ! awk -F: '$1 == ENVIRON["user"] || $1 == ENVIRON["uid"] { n += $3 } END { exit n < 65536 }' %[2]s; then
	usermod %[1]s %[3]d-%[4]d "$user" || printf '%%s:%[3]d:65536\n' "$user" >>%[2]s
fi
`

const fixLinger = `
# services of the user go on after the last logout
loginctl enable-linger "$user"
`

const fixCgroup2 = `
# Limits of ordinary users need cgroup version 2, which takes a kernel parameter
# and a reboot. Uncomment the line for your boot loader:
# grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1   # RHEL, Fedora; zipl is run by it
# add systemd.unified_cgroup_hierarchy=1 to GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub   # Debian, Ubuntu
# add systemd.unified_cgroup_hierarchy=1 to parameters= in /etc/zipl.conf, then zipl   # s390x without grubby
`

const fixDelegate = `
# resource limits for the containers of all users
install -d -m 0755 /etc/systemd/system/user@.service.d
cat >/etc/systemd/system/user@.service.d/90-zlaunch-delegate.conf <<'EOF'
[Service]
Delegate=cpu cpuset io memory pids
EOF
systemctl daemon-reload
printf '%s\n' "it takes effect when $user has logged out everywhere and in again, or after: systemctl restart user@$uid.service"
`

// FixScript is one shell script for root that mends what problems ask for. It
// is printed, never run by zlaunch. It is "" when there is nothing to mend, or
// when the user has no name that could be written into it.
func FixScript(problems []audit.Problem, f *host.Facts) string {
	wanted := map[Fix]bool{}
	for _, p := range problems {
		wanted[p.Fix] = true
	}
	delete(wanted, "")
	if len(wanted) == 0 || f == nil || !nameable(f.Username) {
		return ""
	}
	wanted[FixDelegate] = wanted[FixDelegate] || wanted[FixCgroup2]
	var b strings.Builder
	fmt.Fprintf(&b, "%suser=%s uid=%d\nexport user uid\n", fixHead, model.Quote(f.Username), f.UID)
	for _, part := range []struct {
		fix  Fix
		text string
	}{
		{FixHelpers, fixHelpers}, {FixUserns, fixUserns}, {FixSubIDs, subIDsPart(f)},
		{FixLinger, fixLinger}, {FixCgroup2, fixCgroup2}, {FixDelegate, fixDelegate},
	} {
		if wanted[part.fix] {
			b.WriteString(part.text)
		}
	}
	if wanted[FixSubIDs] {
		b.WriteString("\nprintf '%s\\n' \"now $user runs: podman system migrate\"\n")
	}
	return b.String()
}

func subIDsPart(f *host.Facts) string {
	var b strings.Builder
	for _, ids := range []struct {
		option, file string
		free         uint32
	}{
		{"--add-subuids", "/etc/subuid", f.SubUIDs.FirstFree(enoughIDs)},
		{"--add-subgids", "/etc/subgid", f.SubGIDs.FirstFree(enoughIDs)},
	} {
		if ids.free == 0 {
			fmt.Fprintf(&b, "\necho 'there is no free range of 65536 ids in %s' >&2; exit 1\n", ids.file)
			continue
		}
		fmt.Fprintf(&b, fixSubIDs, ids.option, ids.file, ids.free, uint64(ids.free)+enoughIDs-1)
	}
	return b.String()
}

// nameable keeps out what would not survive a line of /etc/subuid or be taken
// for an option.
func nameable(user string) bool {
	bad := func(r rune) bool { return r <= ' ' || r == ':' || r == '/' || r == 0x7f || r == '\uFFFD' }
	return user != "" && user[0] != '-' && user[0] != '#' && !slices.ContainsFunc([]rune(user), bad)
}
