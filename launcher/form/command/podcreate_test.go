package command

import (
	"slices"
	"strings"
	"testing"
)

// Every option that podman pod create had in 4.3.1 (its own --help) or has in 5.8.2
// (podman-pod-create(1)) is in the table, and the table has no other but the
// persistent ones of podman.
func TestPodOptions(t *testing.T) {
	known := strings.Fields(`add-host blkio-weight blkio-weight-device cgroup-parent cpu-shares cpus cpuset-cpus cpuset-mems device device-read-bps
		device-write-bps dns dns-option dns-search exit-policy gidmap help hostname infra infra-command infra-conmon-pidfile infra-image infra-name
		ip ip6 label label-file mac-address memory memory-swap name network network-alias no-hosts pid pod-id-file publish replace security-opt
		share share-parent shm-size subgidname subuidname sysctl uidmap userns uts volume volumes-from
		gpus hosts-file no-hostname restart shm-size-systemd`)
	for _, o := range persistent() {
		known = append(known, o.name)
	}
	names := slices.Clone(podTable().names)
	slices.Sort(names)
	slices.Sort(known)
	if !slices.Equal(names, known) {
		t.Errorf("the table has %q, Podman %q", names, known)
	}
	for _, name := range []string{"infra", "share-parent", "replace", "no-hosts", "no-hostname", "help"} {
		if !podTable().long[name].boolean {
			t.Errorf("--%s is no switch", name)
		}
	}
	for short, name := range map[byte]string{'c': "cpu-shares", 'h': "hostname", 'l': "label", 'm': "memory", 'n': "name", 'p': "publish", 'v': "volume"} {
		if o := podTable().short[short]; o == nil || o.name != name {
			t.Errorf("-%c is not --%s", short, name)
		}
	}
}
