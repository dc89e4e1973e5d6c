package observe

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// socket is a line of /proc/net/tcp or tcp6, as this host's kernel writes it.
func socket(at, state string) string {
	a := netip.MustParseAddrPort(at)
	var b strings.Builder
	for raw := a.Addr().AsSlice(); len(raw) > 0; raw = raw[4:] {
		fmt.Fprintf(&b, "%08X", binary.NativeEndian.Uint32(raw))
	}
	return fmt.Sprintf("   0: %s:%04X 00000000:0000 %s 00000000:00000000 00:00000000 00000000  1000 0 1 1\n", b.String(), a.Port(), state)
}

// Those that listen are found, once each, with the bytes of the host's order, and no more
// of them than wanted.
func TestListening(t *testing.T) {
	table := "  sl  local_address rem_address   st\n" + socket("127.0.0.1:8888", "0A") + socket("0.0.0.0:8080", "0A") + socket("0.0.0.0:8080", "0A") +
		socket("10.0.0.1:9", "01") + socket("[::1]:80", "0A") + socket("[::]:443", "0A") + socket("[::ffff:127.0.0.1]:7", "0A") + "x\n1: zz:1 2 0A\n1: 00:1 2 0A\n"
	var want []netip.AddrPort
	for _, at := range []string{"0.0.0.0:8080", "127.0.0.1:7", "127.0.0.1:8888", "[::]:443", "[::1]:80"} {
		want = append(want, netip.MustParseAddrPort(at))
	}
	if got := Listening(table, 100); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := Listening(table, 2); len(got) != 2 {
		t.Errorf("%v where two were wanted", got)
	}
}

func FuzzListening(f *testing.F) {
	f.Add(socket("[::1]:80", "0A"))
	f.Fuzz(func(t *testing.T, table string) {
		if n := len(Listening(table, 5)); n > 5 {
			t.Errorf("%d where five were wanted", n)
		}
	})
}
