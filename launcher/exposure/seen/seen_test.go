package seen

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/exposure"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// inspection is the part of one of Podman 4.3.1.
const inspection = `{"Id":"%s","Name":"two","Pod":"","IsInfra":false,"State":{"Status":"running","Pid":7006},
"HostConfig":{"NetworkMode":"bridge"},"Mounts":[{"Source":"%s","Destination":"/etc/zlaunch-gateway","RW":%t}],
"NetworkSettings":{"SandboxKey":"/run/user/1002/netns/netns-1","Networks":{"nb":{"IPAddress":"10.89.1.2","GlobalIPv6Address":"fd00::2"},"na":{"IPAddress":"","GlobalIPv6Address":"x"}}}}`

func TestMember(t *testing.T) {
	c := &podman.Container{ID: "two", Name: "two", NetworkMode: "container:abc", State: podman.State{Status: "running", Pid: 7006},
		Ports: []podman.Port{{Container: 8000, Protocol: "tcp", HostPort: 9000}, {Container: 8000, Protocol: "tcp", HostIP: "::1", HostPort: 9001}},
		Raw:   fmt.Appendf(nil, inspection, "two", "/s/gateways/x", false)}
	m, err := memberOf(c)
	if err != nil || m.Mode != "container" || m.Sandbox == "" || m.PID != 7006 {
		t.Errorf("%v %+v", err, m)
	}
	if got := fmt.Sprint(m.Joined); got != "[{na []} {nb [10.89.1.2 fd00::2]}]" {
		t.Error(got)
	}
	if m.Publish[0].Address.IsValid() || m.Publish[1].Address.String() != "::1" {
		t.Errorf("%+v", m.Publish)
	}
	host := &podman.Container{ID: "h", NetworkMode: "host", Raw: []byte(`{"NetworkSettings":{"Networks":{"host":{"IPAddress":""}}}}`)} // as 5.4.2 says it
	if m, err := memberOf(host); err != nil || len(m.Joined) > 0 {
		t.Errorf("the mode is a network: %v %+v", err, m)
	}
	if _, err := memberOf(&podman.Container{Raw: []byte("x")}); err == nil {
		t.Error("what is no JSON is read")
	}
}

// A gateway is what reads, and cannot write, what zlaunch keeps for gateways.
func TestServes(t *testing.T) {
	own := Own{Gateways: "/s/gateways"}
	for source, want := range map[string]bool{"/s/gateways/shop": true, "/s/gateways/../x": false, "/s/gateways-not/x": false, "/home/x": false} {
		if got := own.serves(fmt.Appendf(nil, inspection, "x", source, false)); got != want {
			t.Errorf("%s: %t", source, got)
		}
	}
	if own.serves(fmt.Appendf(nil, inspection, "x", "/s/gateways/shop", true)) || (Own{}).serves(fmt.Appendf(nil, inspection, "x", "/gateways/shop", false)) {
		t.Error("one that is written, or of no state, is a gateway")
	}
}

func TestPut(t *testing.T) {
	held := map[int][]uint64{}
	seen := parse(held, []byte("/proc/7/fd socket:[51565]\n/proc/7/fd socket:[x]\n/proc/8/fd pipe:[3]\n/proc/x/fd socket:[1]\nno line\n"))
	if len(held) != 1 || !slices.Equal(held[7], []uint64{51565}) || !seen[7] || !seen[8] || len(seen) != 2 {
		t.Errorf("%v %v", held, seen)
	}
}

// The kernel of this host is read: a process of it that is there, and its parent.
func TestLook(t *testing.T) {
	if _, err := os.Readlink("/proc/self/ns/net"); err != nil {
		t.Skipf("there is no /proc of Linux: %v; the tables of launcher/exposure are read from text everywhere", err)
	}
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if got := parent(cmd.Process.Pid); got != os.Getpid() {
		t.Errorf("its parent is %d", got)
	}
	r := &reader{facts: &exposure.Facts{}}
	if !slices.ContainsFunc(r.look(), func(p exposure.Process) bool { return p.PID == cmd.Process.Pid && p.Space != "" }) {
		t.Error("it is not seen")
	}
	if s := space("/proc/self"); !s.Read {
		t.Errorf("%+v", s)
	}
	if s := space("/proc/0"); s.Read {
		t.Error("what is not there is read")
	}
}
