package audit

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// helped are the options that pasta --help lists: the letter, the long name, and
// whether a value follows. They are those of passt 2023-03-09 as Debian 12 has it.
const helped = "debug d -; trace - -; quiet q -; foreground f -; stderr e -; log-file l v; log-size - v; runas - v; help h -; version - -; " +
	"ns-ifname I v; fd F v; pcap p v; pid P v; mtu m v; address a v; netmask n v; mac-addr M v; gateway g v; interface i v; outbound o v; " +
	"outbound-if4 - v; outbound-if6 - v; dns D v; search S v; dhcp-dns - -; dhcp-search - -; dns-forward - v; no-tcp - -; no-udp - -; no-icmp - -; " +
	"no-dhcp - -; no-ndp - -; no-dhcpv6 - -; no-ra - -; no-map-gw - -; ipv4-only 4 -; ipv6-only 6 -; tcp-ports t v; udp-ports u v; tcp-ns T v; " +
	"udp-ns U v; userns - v; netns - v; netns-only - -; no-netns-quit - -; config-net - -; ns-mac-addr - v"

// The options are pasta's own, by what it says of them: of the one that the list was
// made from, and of the one on this machine.
func TestPastaOptionsArePastas(t *testing.T) {
	for _, row := range strings.Split(helped, "; ") {
		f := strings.Fields(row)
		holdOption(t, f[0], strings.Trim(f[1], "-"), f[2] == "v")
	}
	out, err := exec.Command("pasta", "--help").CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Log("no pasta here to ask")
	}
	for _, m := range regexp.MustCompile(`(?m)^  (?:-(.), |    )?--([a-z0-9-]+)( [A-Z|:]+)?`).FindAllStringSubmatch(string(out), -1) {
		holdOption(t, m[2], m[1], m[3] != "")
	}
}

func holdOption(t *testing.T, name, letter string, valued bool) {
	t.Helper()
	o, ok := pastaOptions[name]
	if !ok {
		t.Errorf("--%s is not judged", name)
		return
	}
	if has := strings.Trim(string(o.letter), "\x00"); has != letter || o.valued != valued {
		t.Errorf("--%s: letter %q, value %t; pasta says %q, %t", name, has, o.valued, letter, valued)
	}
}

// Options are read as getopt_long(3) reads them: abbreviated, clustered, with the value
// attached, behind = or in the next word. What is none of pasta's stays unread.
func TestPastaGrammar(t *testing.T) {
	for options, want := range map[string]string{
		"":                          "",
		"-T,8080":                   "[-T 8080]",
		"-T8080":                    "[-T8080]",
		"-qT8080":                   "[-q -T8080]",
		"-qT,8080":                  "[-q -T 8080]",
		"--tcp-ns,all":              "[--tcp-ns all]",
		"--tcp-n=all":               "[--tcp-n=all]",
		"--tcp-p,all,--quiet":       "[--tcp-p all --quiet]",
		"--tcp,all":                 "[] unread [--tcp all]",
		"--map-h=1.2.3.4":           "[--map-h=1.2.3.4]",
		"--map-gw":                  "[--map-gw]",
		"--quiet=1":                 "[] unread [--quiet=1]",
		"-T":                        "[] unread [-T]",
		"-qZ1":                      "[-q] unread [-qZ1]",
		"--new,-T1":                 "[-T1] unread [--new]",
		"-t,1,2":                    "[-t 1] unread [2]",
		"--,-T1":                    "[] unread [-T1]",
		"--mtu,1500,-a10.0.0.1,-46": "[--mtu 1500 -a10.0.0.1 -4 -6]",
	} {
		list, unread := pasta(options)
		var said []string
		for _, o := range list {
			said = append(said, o.said)
		}
		got := fmt.Sprint(said)
		if options == "" {
			got = strings.Trim(got, "[]")
		}
		if len(unread) > 0 {
			got += fmt.Sprint(" unread ", unread)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", options, got, want)
		}
	}
}

// Whatever the spelling, what leads into the host, opens its ports or writes its files
// is found, and what none of that is is not.
func TestPastaSpellings(t *testing.T) {
	for name, o := range pastaOptions {
		if o.matters == itsOwn || o.matters == unjudged {
			continue
		}
		spellings := []string{"--" + name}
		if o.valued {
			spellings = []string{"--" + name + "=9", "--" + name + ",9"}
			if o.letter != 0 {
				c := string(o.letter)
				spellings = append(spellings, "-"+c+"9", "-"+c+",9", "-q"+c+"9", "-46"+c+",9")
			}
		}
		for n := len(name) - 1; n > 1; n-- {
			if short, value := "--"+name[:n], map[bool]string{true: "=9"}[o.valued]; abbreviates(name[:n]) == 1 {
				spellings = append(spellings, short+value)
			}
		}
		for _, s := range spellings {
			a := attachment{"pasta", s}
			found := map[pastaEffect]bool{opensPort: len(a.opens()) > 0, reachesIn: loopbackOption(a) != "", writesTo: len(a.files()) > 0}
			if !found[o.matters] || len(a.unread()) > 0 {
				t.Errorf("%s: found %v, unread %q", s, found, a.unread())
			}
		}
	}
}

func abbreviates(short string) (n int) {
	for name := range pastaOptions {
		if strings.HasPrefix(name, short) {
			n++
		}
	}
	return n
}
