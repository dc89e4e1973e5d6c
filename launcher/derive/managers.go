package derive

import "strings"

// manager is a package manager of a distribution, and how it upgrades packages.
type manager struct {
	name    string
	program string   // that an image with it has
	kind    string   // of package URLs
	before  []string // shell, before the upgrade
	has     string   // shell, to which the packages are added: fails where one is not installed by that very name; "" the upgrade does
	upgrade string   // shell, to which the packages are added
	after   []string // shell: what the upgrade leaves that no image needs
	lists   string   // shell, to which packages are added: a line for each with its version
}

// managers are those that are known; of several that an image has, the first counts. None
// is asked for a version: a distribution's archive keeps the newest alone, and whether that
// mends, the next scan tells. Sources: apt-get(8), dnf(8), microdnf(8), zypper(8), apk-upgrade(8).
var managers = []manager{
	{name: "apt", program: "/usr/bin/apt-get", kind: "deb",
		before:  []string{"export DEBIAN_FRONTEND=noninteractive", "apt-get update"},
		has:     "dpkg-query --show", // apt-get takes a name that no package has for a regular expression
		upgrade: "apt-get install --yes --only-upgrade --no-install-recommends -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0",
		after:   []string{"apt-get clean", "rm -rf /var/lib/apt/lists/*"},
		lists:   `dpkg-query --show --showformat '${Package} ${Version}\n'`},
	{name: "dnf", program: "/usr/bin/dnf", kind: "rpm",
		upgrade: "dnf upgrade --assumeyes --setopt=install_weak_deps=False", after: []string{"dnf clean all", "rm -rf /var/cache/dnf"}, lists: "rpm --query"},
	{name: "microdnf", program: "/usr/bin/microdnf", kind: "rpm", // its older ones know update, and newer ones take it for upgrade
		upgrade: "microdnf update --assumeyes --setopt=install_weak_deps=0", after: []string{"microdnf clean all", "rm -rf /var/cache/dnf /var/cache/yum"}, lists: "rpm --query"},
	{name: "zypper", program: "/usr/bin/zypper", kind: "rpm",
		before:  []string{"zypper --non-interactive refresh"},
		upgrade: "zypper --non-interactive update --no-recommends --auto-agree-with-licenses",
		after:   []string{"zypper clean --all"}, lists: "rpm --query"},
	{name: "apk", program: "/sbin/apk", kind: "apk",
		upgrade: "apk upgrade --no-cache", lists: "apk info --installed --verbose"},
}

// Programs are those by which an image shows which package managers it has.
func Programs() (out []string) {
	for _, m := range managers {
		out = append(out, m.program)
	}
	return out
}

func managerOf(name string) *manager {
	for i := range managers {
		if managers[i].name == name {
			return &managers[i]
		}
	}
	return &manager{}
}

// script is the shell that upgrades packages. Where some are to be kept it fails if the
// upgrade of the others changed one of them.
func (m *manager) script(packages, keep []string) []string {
	out := append([]string{}, m.before...)
	const kept = "kept=$("
	list := m.lists + quoted(keep) + " 2>/dev/null || true)"
	if len(keep) > 0 {
		out = append(out, kept+list)
	}
	if m.has != "" {
		out = append(out, m.has+quoted(packages)+" >/dev/null")
	}
	upgrade := m.upgrade + quoted(packages)
	if m.name == "zypper" {
		upgrade += " || case $? in 102|103) ;; *) exit 1 ;; esac" // a restart is advised
	}
	out = append(out, upgrade)
	if len(keep) > 0 {
		out = append(out, "now=$("+list, `if [ "$now" != "$kept" ]; then echo "the upgrade changes what is to be kept: $kept is now $now" >&2; exit 1; fi`)
	}
	return append(out, m.after...)
}

// quoted are words behind a command, each in the quotes of the shell.
func quoted(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(" '" + w + "'")
	}
	return b.String()
}
