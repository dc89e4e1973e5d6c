package attack

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// apart is the variable of a test program that runs in a network namespace of its own.
const apart = "ZLAUNCH_TEST_APART"

// TestCrowd opens 10,000 connections from one address, in a network namespace of its own:
// the gateway takes as many as one address may have, and somebody else gets through
// meanwhile.
func TestCrowd(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute; TestRefused plays twice as many connections as one client may have")
	}
	if os.Getenv(apart) == "" {
		inNamespace(t)
		return
	}
	loopbackUp(t)
	g := triton(gateway.Clients{Tokens: true})
	g.Limits.Rate = 20000 // of connections too, which else would be what ends the crowd
	s := serve(t, g, newOrigin(t), func(c string) string { return c })
	p := &play{Target: &s.Target, calls: callsOf(&s.Front), marker: markerOf("00000000", 1), patience: 30 * time.Second}
	other := 0
	r := p.crowd(context.Background(), 10000, func() { other = s.elsewhere(t) })
	if v, _, why := judgeCount(r); v != Refused || r.Count.Refused < 9000 || other != http.StatusOK {
		t.Errorf("%s: %+v, %s; somebody else got %d", v, r.Count, why, other)
	}
}

// elsewhere asks from another address.
func (s *served) elsewhere(t *testing.T) int {
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, Timeout: 30 * time.Second}
	p := &play{Target: &s.Target}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: p.client(http1), DialContext: from.DialContext}}
	defer c.CloseIdleConnections()
	req, err := http.NewRequest("GET", "https://"+s.Address+"/v2/health/ready", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = s.Name
	req.Header.Set("Authorization", "Bearer "+s.Token)
	answer, err := c.Do(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// inNamespace runs this test alone in a network namespace.
func inNamespace(t *testing.T) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Max < 12000 {
		t.Skipf("a process may have %d files open here; TestRefused plays twice as many connections as one client may have", limit.Max)
	}
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), apart+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := c.CombinedOutput()
	switch {
	case err != nil && len(out) == 0:
		t.Skipf("no network namespace can be made here (%v); TestRefused plays twice as many connections as one client may have", err)
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("%s", out)
	}
}

func loopbackUp(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		t.Fatal(err)
	}
}
