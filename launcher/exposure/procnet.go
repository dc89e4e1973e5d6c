package exposure

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// mostLines bounds what is taken of a table: a socket for each of 65,535 ports is more
// than any server has.
const mostLines = 70_000

// States of sockets in /proc/net (include/net/tcp_states.h, in hexadecimal): one of TCP
// that waits for connections, one of UDP that is connected to nobody.
const (
	listens     = "0A"
	unconnected = "07"
)

// Sockets reads a table of /proc/PID/net: tcp, tcp6, udp or udp6. It takes those that
// take what comes.
func Sockets(table, name string) (out []Socket) {
	protocol, wide := strings.CutSuffix(name, "6")
	want := listens
	if protocol == "udp" {
		want = unconnected
	}
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != want || len(out) == mostLines {
			continue
		}
		local, ok := socketAddress(f[1])
		inode, err := strconv.ParseUint(f[9], 10, 64)
		if ok && err == nil && local.Port() != 0 {
			out = append(out, Socket{Protocol: protocol, Local: local, Wide: wide, Inode: inode})
		}
	}
	return out
}

// socketAddress reads "0100007F:1F90": words of 32 bits in the byte order of the host, each
// as the kernel's %08X writes it, and a port.
func socketAddress(s string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(s, ":")
	addr, ok := words(host)
	n, err := strconv.ParseUint(port, 16, 16)
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), ok && err == nil
}

// words reads an address of one or four words in the host's byte order.
func words(s string) (netip.Addr, bool) {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != 4 && len(raw) != 16 {
		return netip.Addr{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	return netip.AddrFromSlice(raw)
}

// Flags of routes (linux/route.h, linux/ipv6_route.h).
const (
	up     = 0x1
	reject = 0x200
	local6 = 0x80000000 // an address of the namespace itself
)

// Routes reads /proc/PID/net/route.
func Routes(table string) (out []Route) {
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 8 || len(out) == mostLines {
			continue
		}
		to, ok1 := words(f[1])
		via, ok2 := words(f[2])
		mask, ok3 := words(f[7])
		flags, err := strconv.ParseUint(f[3], 16, 32)
		if !ok1 || !ok2 || !ok3 || err != nil || flags&up == 0 || !to.Is4() || !mask.Is4() {
			continue
		}
		m := mask.As4()
		r := Route{To: netip.PrefixFrom(to, bits.OnesCount32(binary.BigEndian.Uint32(m[:]))).Masked(), Device: f[0], Reject: flags&reject != 0 || f[0] == "*"}
		if !via.IsUnspecified() {
			r.Via = via
		}
		out = append(out, r)
	}
	return out
}

// Routes6 reads /proc/PID/net/ipv6_route, whose addresses are in network order. What is
// local to the namespace, multicast or link-local is no way out and is left away.
func Routes6(table string) (out []Route) {
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 10 || len(out) == mostLines {
			continue
		}
		to, ok1 := straight(f[0])
		via, ok2 := straight(f[4])
		length, err1 := strconv.ParseUint(f[1], 16, 8)
		flags, err2 := strconv.ParseUint(f[8], 16, 32)
		if !ok1 || !ok2 || err1 != nil || err2 != nil || length > 128 || flags&up == 0 && flags&reject == 0 || flags&local6 != 0 || to.IsMulticast() || to.IsLinkLocalUnicast() {
			continue
		}
		r := Route{To: netip.PrefixFrom(to, int(length)).Masked(), Device: f[9], Reject: flags&reject != 0}
		if !via.IsUnspecified() {
			r.Via = via
		}
		out = append(out, r)
	}
	return out
}

func straight(s string) (netip.Addr, bool) {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != 16 {
		return netip.Addr{}, false
	}
	return netip.AddrFromSlice(raw)
}

// Addresses reads /proc/PID/net/fib_trie: the addresses of the namespace itself.
func Addresses(trie string) (out []netip.Addr) {
	var leaf netip.Addr
	for line := range strings.Lines(trie) {
		f := strings.Fields(line)
		switch {
		case len(f) == 2 && f[0] == "|--":
			leaf, _ = netip.ParseAddr(f[1]) // one that is none is not valid
		case len(f) == 3 && f[0] == "/32" && f[2] == "LOCAL" && leaf.IsValid() && !slices.Contains(out, leaf) && len(out) < mostLines:
			out = append(out, leaf)
		}
	}
	return out
}

// Addresses6 reads /proc/PID/net/if_inet6.
func Addresses6(table string) (out []netip.Addr) {
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 6 || len(out) == mostLines {
			continue
		}
		if a, ok := straight(f[0]); ok && !a.IsLinkLocalUnicast() {
			out = append(out, a)
		}
	}
	return out
}

// Lookup is the route that a packet to an address takes: the longest that fits, of equal
// ones the first. A packet that is rejected has none.
func Lookup(routes []Route, to netip.Addr) (Route, bool) {
	best, found := Route{}, false
	for _, r := range routes {
		if r.To.Contains(to) && (!found || r.To.Bits() > best.To.Bits() || r.To.Bits() == best.To.Bits() && best.Reject && !r.Reject) {
			best, found = r, true
		}
	}
	return best, found && !best.Reject
}

// Nameservers reads a resolv.conf; see resolv.conf(5). Without any the resolver asks the
// loopback address, where in a container nobody is.
func Nameservers(text string) (out []netip.Addr) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "nameserver" || len(out) == 16 {
			continue
		}
		if a, err := netip.ParseAddr(f[1]); err == nil && !slices.Contains(out, a.WithZone("").Unmap()) {
			out = append(out, a.WithZone("").Unmap())
		}
	}
	return out
}
