package exposure

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Tables of a container on two networks, Podman 4.3.1, Linux 6.18, a little-endian machine.
const (
	tcp6Table = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 166535        0 51565 2 000000001a64816d 100 0 0 10 0
`
	tcpTable = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2329 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1002        0 49999 1 00000000e547a109 100 0 0 10 0
   1: 0100007F:2329 0100007F:8000 01 00000000:00000000 00:00000000 00000000  1002        0 50000 1 00000000e547a109 100 0 0 10 0
`
	routeTable = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0101590A	0003	0	0	100	00000000	0	0	0
eth1	0000590A	00000000	0001	0	0	0	00FFFFFF	0	0	0
*	0000000A	00000000	0201	0	0	0	000000FF	0	0	0
`
	route6Table = `fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth1
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000064 00000001 00000000 00000003     eth0
fd000000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001     eth0
`
	trie = `Main:
        +-- 10.89.0.0/23 3 0 4
              |-- 10.89.0.0
                 /24 link UNICAST
              |-- 10.89.0.4
                 /32 host LOCAL
`
)

func TestTables(t *testing.T) {
	if slices.Contains([]string{"s390x", "ppc64"}, runtime.GOARCH) {
		t.Skip("the tables are a little-endian kernel's; test/e2e reads real ones")
	}
	if got := fmt.Sprint(Sockets(tcp6Table, "tcp6"), Sockets(tcpTable, "tcp")); got != "[{tcp [::]:8000 true 51565}] [{tcp 127.0.0.1:9001 false 49999}]" {
		t.Error(got)
	}
	routes := append(Routes(routeTable), Routes6(route6Table)...)
	for to, want := range map[string]string{"198.51.100.7": "default via 10.89.1.1", "10.89.0.9": "10.89.0.0/24 on eth1", "10.0.0.1": "", "2001:db8::7": "default via fd00::1"} {
		r, ok := Lookup(routes, netip.MustParseAddr(to))
		if got := r.String(); ok != (want != "") || ok && got != want {
			t.Errorf("to %s by %q, want %q", to, got, want)
		}
	}
	if got := fmt.Sprint(Addresses(trie), Nameservers("search x\nnameserver 10.89.0.1\nnameserver fe80::1%eth0\nnameserver y\n")); got != "[10.89.0.4] [10.89.0.1 fe80::1]" {
		t.Error(got)
	}
}

// Whatever a table holds, what is read of it is an address, and no more than there are lines.
func FuzzTables(f *testing.F) {
	for _, s := range []string{tcpTable, tcp6Table, routeTable, route6Table, trie, "nameserver ::1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		for _, name := range []string{"tcp", "tcp6", "udp", "udp6"} {
			got := Sockets(text, name)
			for _, s := range got {
				if !s.Local.IsValid() || s.Local.Port() == 0 {
					t.Errorf("%+v", s)
				}
			}
			if len(got) > lines {
				t.Errorf("%d sockets of %d lines", len(got), lines)
			}
		}
		routes := append(Routes(text), Routes6(text)...)
		for _, r := range routes {
			if !r.To.IsValid() || r.To != r.To.Masked() {
				t.Errorf("%+v", r)
			}
		}
		if r, ok := Lookup(routes, someV4); ok && (r.Reject || !r.To.Contains(someV4)) {
			t.Errorf("%+v", r)
		}
		Addresses(text)
		Addresses6(text)
		Nameservers(text)
	})
}

// Rules that are read are read again from what they are written as.
func FuzzRules(f *testing.F) {
	for _, s := range []string{"lan: none; egress: none", "lan: 80, web, web:8080;", "egress: a:names, host", "containers:  8000 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := ParseRules(text)
		if err != nil {
			return
		}
		again, err := ParseRules(rules.String())
		if err != nil || again.String() != rules.String() {
			t.Errorf("%q is %q and then %q: %v", text, rules, again, err)
		}
		rules.Check(Join(facts(), nil))
	})
}

// A document that is read can be compared, asserted of and written.
func FuzzDecode(f *testing.F) {
	data, err := json.Marshal(Join(facts(), func(m Member) bool { return m.Name == "lo" }))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"schema":"zlaunch.dev/exposure/v1","containers":[{"name":"x"}]}`))
	rules, err := ParseRules("lan: none; host: none; users: none; containers: none; egress: none")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Decode(data)
		if err != nil {
			return
		}
		if got := Compare(d, d); len(got.Changes) != 0 {
			t.Errorf("it differs from itself: %+v", got)
		}
		rules.Check(d)
	})
}
