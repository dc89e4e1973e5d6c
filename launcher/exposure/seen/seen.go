// Package seen reads what [exposure.Join] needs: what an engine says of its containers and
// networks, and what the kernel of this host shows of their sockets, routes and processes.
package seen

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/exposure"
	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// maxTable bounds a table of /proc/PID/net: one of 65,535 sockets has 10 MiB.
const maxTable = 32 << 20

// Own is what zlaunch's own state knows.
type Own struct {
	Runs     map[string]string // the profile of each container that is a run of zlaunch's, by its id
	Gateways string            // the directory of what gateways read, below which nobody else writes
}

// Read reads all containers of an engine. What cannot be read is said in the facts.
func Read(ctx context.Context, engine *podman.Engine, own Own) (exposure.Facts, error) {
	f := exposure.Facts{Engine: engine.Version(), Rootless: os.Geteuid() != 0, Spaces: map[string]exposure.Space{}, Networks: map[string]exposure.Network{}}
	list, err := engine.Containers.List(ctx, nil)
	if err != nil {
		return f, err
	}
	if !engine.Local() {
		f.Unread = append(f.Unread, "the engine is not on this host, so nothing of the kernel could be read")
	}
	r := &reader{engine: engine, facts: &f, podNames: map[string]string{}}
	for _, l := range list {
		c, err := engine.Containers.Inspect(ctx, l.ID)
		if err != nil { // it may have ended since
			f.Unread = append(f.Unread, fmt.Sprintf("container %s: %v", l.Name(), err))
			continue
		}
		m, err := memberOf(c)
		if err != nil {
			f.Unread = append(f.Unread, fmt.Sprintf("container %s: %v", l.Name(), err))
			continue
		}
		m.Profile, m.Ours = own.Runs[c.ID], own.Runs[c.ID] != ""
		m.Gateway = m.Ours && own.serves(c.Raw)
		r.podNames[m.Pod] = l.PodName
		f.Members = append(f.Members, m)
	}
	r.pods()
	r.networks(ctx)
	if engine.Local() {
		r.kernel(ctx)
	}
	return f, nil
}

type reader struct {
	engine   *podman.Engine
	facts    *exposure.Facts
	podNames map[string]string // by id
	own      string            // this program's network
}

// inspected is the part of an inspection that says what a container is joined to; see
// libpod/define/container_inspect.go.
type inspected struct {
	Pod             string
	IsInfra         bool
	NetworkSettings struct {
		SandboxKey string
		Networks   map[string]struct{ IPAddress, GlobalIPv6Address string }
	}
}

// serves tells whether a container reads what a gateway of zlaunch's does, from where
// zlaunch writes it: such a configuration never lets anybody in without TLS and a name.
func (o Own) serves(raw []byte) bool {
	var in struct {
		Mounts []struct {
			Source, Destination string
			RW                  bool
		}
	}
	if json.Unmarshal(raw, &in) != nil || !filepath.IsAbs(o.Gateways) {
		return false
	}
	for _, m := range in.Mounts {
		if m.Destination == gateway.Dir && !m.RW && strings.HasPrefix(filepath.Clean(m.Source), filepath.Clean(o.Gateways)+"/") {
			return true
		}
	}
	return false
}

func memberOf(c *podman.Container) (exposure.Member, error) {
	var in inspected
	if err := json.Unmarshal(c.Raw, &in); err != nil {
		return exposure.Member{}, fmt.Errorf("reading its inspection: %w", err)
	}
	mode, _, _ := strings.Cut(c.NetworkMode, ":")
	m := exposure.Member{Name: c.Name, ID: c.ID, Pod: in.Pod, Infra: in.IsInfra, State: c.State.Status, Mode: mode, PID: c.State.Pid, Sandbox: in.NetworkSettings.SandboxKey}
	for _, name := range slices.Sorted(maps.Keys(in.NetworkSettings.Networks)) {
		if name == mode && mode != "bridge" {
			continue // Podman 5 lists host, pasta and their like as networks; none can be called so
		}
		n := in.NetworkSettings.Networks[name]
		j := exposure.Joined{Network: name}
		for _, text := range []string{n.IPAddress, n.GlobalIPv6Address} {
			if a, err := netip.ParseAddr(text); err == nil {
				j.Addresses = append(j.Addresses, a)
			}
		}
		m.Joined = append(m.Joined, j)
	}
	for _, p := range c.Ports {
		at, _ := netip.ParseAddr(p.HostIP) // none is every address
		m.Publish = append(m.Publish, exposure.Publish{Protocol: p.Protocol, Address: at, HostPort: p.HostPort, Port: p.Container})
	}
	return m, nil
}

// pods gives the members of a pod its name, and what its infra container is joined to.
func (r *reader) pods() {
	infra := map[string]exposure.Member{}
	for _, m := range r.facts.Members {
		if m.Infra {
			infra[m.Pod] = m
		}
	}
	for i := range r.facts.Members {
		m := &r.facts.Members[i]
		of, ok := infra[m.Pod]
		if ok && len(m.Joined) == 0 && m.Mode == "container" {
			m.Joined, m.Sandbox = of.Joined, of.Sandbox
		}
		m.Pod = r.podNames[m.Pod]
	}
}

// networks asks for each network that a container is in.
func (r *reader) networks(ctx context.Context) {
	for _, m := range r.facts.Members {
		for _, j := range m.Joined {
			if _, known := r.facts.Networks[j.Network]; known {
				continue
			}
			n, err := r.engine.Networks.Inspect(ctx, j.Network)
			if err != nil {
				r.facts.Unread = append(r.facts.Unread, fmt.Sprintf("network %s: %v", j.Network, err))
			}
			r.facts.Networks[j.Network] = exposure.Network{Name: j.Network, Driver: n.Driver, Internal: n.Internal, Isolated: n.Isolate, DNS: !n.NoDNS, Subnets: n.Subnets}
		}
	}
}

// kernel reads the networks of all members that run, and this host's.
func (r *reader) kernel(ctx context.Context) {
	r.own, _ = os.Readlink("/proc/self/ns/net") // none: nothing is this host's
	r.facts.Host = space("/proc/self")
	r.facts.Host.Addresses = hostAddresses()
	for i := range r.facts.Members {
		r.member(&r.facts.Members[i])
	}
	r.hold(ctx)
}

func (r *reader) member(m *exposure.Member) {
	if m.PID == 0 {
		return
	}
	proc := filepath.Join("/proc", strconv.Itoa(m.PID))
	var err error
	if m.Space, err = os.Readlink(proc + "/ns/net"); err != nil {
		if !os.IsNotExist(err) {
			m.Unread = append(m.Unread, fmt.Sprintf("its network namespace: %v", err))
		}
		return
	}
	m.Mounts, _ = os.Readlink(proc + "/ns/mnt") // none: its processes are not known by it
	m.OnHost = m.Space == r.own
	if text, err := bounded(proc+"/root/etc/resolv.conf", 64<<10); err == nil {
		m.Resolve = exposure.Resolve{Read: true, Servers: exposure.Nameservers(text)}
	}
	if _, known := r.facts.Spaces[m.Space]; !known && !m.OnHost {
		r.facts.Spaces[m.Space] = space(proc)
	}
}

// space reads the network that a process is in.
func space(proc string) (out exposure.Space) {
	out.Read = true
	table := func(name string, may bool) string {
		text, err := bounded(filepath.Join(proc, "net", name), maxTable)
		if err != nil && !(may && os.IsNotExist(err)) { // IPv6 may be switched off
			out.Read = false
		}
		return text
	}
	for _, name := range []string{"tcp", "tcp6", "udp", "udp6"} {
		out.Sockets = append(out.Sockets, exposure.Sockets(table(name, strings.HasSuffix(name, "6")), name)...)
	}
	out.Routes = append(exposure.Routes(table("route", false)), exposure.Routes6(table("ipv6_route", true))...)
	out.Addresses = append(exposure.Addresses(table("fib_trie", true)), exposure.Addresses6(table("if_inet6", true))...)
	return out
}

// hostAddresses are those of this host's own interfaces.
func hostAddresses() (out []netip.Addr) {
	list, _ := net.InterfaceAddrs() // none: nothing is tried at them
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsLinkLocalUnicast() {
			out = append(out, p.Addr())
		}
	}
	return out
}

// bounded reads a file of /proc, of which not even the kernel's own size is known before.
func bounded(name string, limit int64) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var b bytes.Buffer
	if n, err := io.Copy(&b, io.LimitReader(f, limit+1)); err != nil || n > limit {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	return b.String(), nil
}
