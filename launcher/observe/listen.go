package observe

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// listening is the state of a socket that waits for connections (TCP_LISTEN of
// include/net/tcp_states.h, in hexadecimal).
const listening = "0A"

// Listening reads a table of /proc/PID/net/tcp or tcp6: the addresses at which somebody
// listens, sorted, at most most of them.
func Listening(table string, most int) (out []netip.AddrPort) {
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 4 || f[3] != listening || len(out) == most {
			continue
		}
		if at, ok := socketAddress(f[1]); ok && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, netip.AddrPort.Compare)
	return out
}

// socketAddress reads "0100007F:1F90": words of 32 bits in the byte order of the host, each
// as the kernel's %08X writes it, and a port.
func socketAddress(s string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(s, ":")
	raw, err := hex.DecodeString(host)
	n, perr := strconv.ParseUint(port, 16, 16)
	if err != nil || perr != nil || len(raw) != 4 && len(raw) != 16 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), ok
}
