package e2e

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// reach looks at who reaches the server and whom it reaches.
func (c *cell) reach() {
	c.row("network", "the published port listens on 127.0.0.1 alone", c.loopbackOnly)
	c.row("network", "over another address of this host the port is closed", c.otherAddress)
	c.row("network", "the metrics port, which the profile does not publish, is closed to the host", c.metricsClosed)
	c.row("network", "the run has a network of its own, labelled as its profile's", func(p *proof) {
		network := strings.TrimSpace(c.w.podman("inspect", "--format", "{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}", c.name).stdout)
		label := strings.TrimSpace(c.w.podman("network", "inspect", "--format", `{{index .Labels "io.zlaunch.profile"}} {{.Driver}}`, network).stdout)
		p.saw("network %s: %s", network, label)
		if network != "zlaunch-cell" || label != "cell bridge" {
			p.t.Errorf("network %q: %q", network, label)
		}
	})
	c.row("network", "another container of the same network finds it by name and reaches it", c.byName)
	c.row("network", "an internal network has no way out", c.internal)
}

// listeners are the addresses that listen on a TCP port, by /proc/net/tcp and tcp6.
func listeners(t *testing.T, port uint16) (out []string) {
	t.Helper()
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, l := range strings.Split(string(data), "\n") {
			f := strings.Fields(l)
			if len(f) < 4 || f[3] != "0A" { // TCP_LISTEN of linux/tcp_states.h
				continue
			}
			if at := address(t, f[1]); at.Port() == port {
				out = append(out, at.String())
			}
		}
	}
	return out
}

// address decodes one of /proc/net/tcp: each four bytes of the address are
// printed as a number of this machine's byte order.
func address(t *testing.T, text string) netip.AddrPort {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	number, perr := hex.DecodeString(port)
	if err != nil || perr != nil || len(raw)%4 != 0 || len(number) != 2 {
		t.Fatalf("no address: %q", text)
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, _ := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(number))
}

// port is the one the URL names.
func (c *cell) port(p *proof) (n uint16) {
	p.t.Helper()
	if _, err := fmt.Sscanf(c.url, "http://127.0.0.1:%d", &n); err != nil {
		p.t.Fatalf("the URL is %q", c.url)
	}
	return n
}

func (c *cell) loopbackOnly(p *proof) {
	got := listeners(p.t, c.port(p))
	p.saw("/proc/net/tcp of the host: %q listen on port %d", got, c.port(p))
	if !slices.Equal(got, []string{fmt.Sprintf("127.0.0.1:%d", c.port(p))}) {
		p.t.Errorf("%q", got)
	}
}

func (c *cell) otherAddress(p *proof) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		p.t.Fatal(err)
	}
	tried := 0
	for _, a := range addrs {
		ip, ok := a.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.To4() == nil {
			continue
		}
		tried++
		to := net.JoinHostPort(ip.IP.String(), fmt.Sprint(c.port(p)))
		conn, err := net.DialTimeout("tcp", to, patience(2*time.Second))
		p.saw("connecting to %s: %v", to, err)
		if err == nil {
			conn.Close()
			p.t.Errorf("%s answers", to)
		}
	}
	if tried == 0 {
		p.lacks("this host has no address but loopback")
	}
}

func (c *cell) metricsClosed(p *proof) {
	if got := c.do(p, "connect", "127.0.0.1:8002"); got.code != 0 {
		p.t.Errorf("control: inside, the metrics port does not answer: %s", got.text)
	}
	ports := strings.TrimSpace(c.w.podman("port", c.name).stdout)
	p.saw("inside it answers; podman port: %s; on the host %q listen on 8002", ports, listeners(p.t, 8002))
	if len(listeners(p.t, 8002)) > 0 || strings.Contains(ports, "8002") || !strings.HasPrefix(ports, "8000/tcp -> 127.0.0.1:") {
		p.t.Errorf("podman port: %s", ports)
	}
}

// job runs the test job with several actions and gives their answers.
func (w *world) job(options []string, actions ...string) (map[string]answer, result) {
	w.t.Helper()
	got := w.zlaunch(append(append(run(append([]string{"job"}, options...)...), "--", "each"), actions...)...)
	return answers(got.stdout), got
}

// The network's DNS server reads its configuration anew for each container, and
// on a slow machine answers late: a job asks again.
func (c *cell) byName(p *proof) {
	var out map[string]answer
	var got result
	for try := 1; try <= 3 && net.ParseIP(out["resolve "+c.name].text) == nil; try++ {
		out, got = c.w.job([]string{"--network", "zlaunch-cell"}, "resolve "+c.name, "connect "+c.name+":8000", "connect "+c.name+":8001", "read /etc/resolv.conf")
	}
	found := out["resolve "+c.name]
	if net.ParseIP(found.text) == nil {
		p.t.Fatalf("resolving ended with %d: %q %s", got.code, got.stdout, got.stderr)
	}
	ip := strings.TrimSpace(c.w.podman("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", c.name).stdout)
	p.saw("%s resolves to %s (podman inspect: %s), asked of %s", c.name, found.text, ip, line(out["read /etc/resolv.conf"].text, "nameserver"))
	p.saw("port 8000: exit %d; port 8001, where nothing listens: %s", out["connect "+c.name+":8000"].code, out["connect "+c.name+":8001"].text)
	if found.text != ip || out["connect "+c.name+":8000"].code != 0 || !strings.Contains(out["connect "+c.name+":8001"].text, "ECONNREFUSED") {
		p.t.Errorf("%+v", out)
	}
}

// outside is an address of TEST-NET-2, which no host has.
const outside = "198.51.100.7:80"

// defaultRoute tells whether a routing table of /proc/net/route has a way out.
func defaultRoute(table string) bool {
	for _, l := range strings.Split(table, "\n") {
		if f := strings.Fields(l); len(f) > 7 && f[1] == "00000000" && f[7] == "00000000" {
			return true
		}
	}
	return false
}

func (c *cell) internal(p *proof) {
	const network = "zlaunch-e2e-internal"
	if got := c.w.podman("network", "create", "--internal", network); got.code != 0 {
		p.t.Fatal(got.stderr)
	}
	p.t.Cleanup(func() { c.w.podman("network", "rm", "-f", network) })
	out, got := c.w.job([]string{"--network", network}, "read /proc/net/route", "connect "+outside)
	inside, open := out["read /proc/net/route"], c.do(p, "read", "/proc/net/route")
	p.saw("/proc/net/route: default route %t, in the run's own network %t", defaultRoute(inside.text), defaultRoute(open.text))
	p.saw("connecting to %s: %s", outside, out["connect "+outside].text)
	if got.code != 0 || !strings.Contains(inside.text, "eth0") || defaultRoute(inside.text) || !strings.Contains(out["connect "+outside].text, "ENETUNREACH") {
		p.t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if !defaultRoute(open.text) {
		p.t.Errorf("control: the run's own network has no default route either:\n%s", open.text)
	}
}
