package author

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

const web = `schema = 1

[profile.web]
extends = "base"
about   = "a server"
kind    = "server"
ports   = { http = 8080 } # its own
publish = ["http"]

[profile.web.container]
image = "localhost/web:1"
user  = "1000:1000"
tmpfs."/data" = { size = "16m", mode = "1777" }

# Of another.
[profile.other]
extends = "web"
`

// resolved is the profile web of a text, in a layer over the built-in ones.
func resolved(t *testing.T, text string) *profile.Profile {
	t.Helper()
	sources, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	sources = append(sources, profile.Source{Layer: container.LayerUser, File: "web.toml", Data: []byte(text)})
	for _, f := range profile.Validate(sources, "web.toml", time.Now(), nil).Faults {
		t.Fatalf("line %d: %s\n%s", f.Line, f.Message(), text)
	}
	p, err := profile.Assemble(sources).ResolveBare("web", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func added(paths ...string) (out []Change) {
	for _, p := range paths {
		out = append(out, Change{p, true})
	}
	return out
}

// A place is the directory of the image that holds what is new, or the one new directory
// in it; what the engine makes is none.
func TestPlaces(t *testing.T) {
	changes := append(added("/var/lib/web", "/var/lib/web/a", "/var/lib/web/a/b", "/var/log/x.log", "/home/u/.a", "/home/u/.a/f", "/home/u/.b", "/opt/app/new.pyc",
		"/models", "/mnt/x", "/mnt/x/f", "/run/secrets/k", "/etc/hosts", "/bad\nname", "/usr/lib/f", "/srv/one", "/srv/one/f", "/srv/two", "/srv/two/f"),
		Change{"/etc", false}, Change{"/var", false}, Change{"/var/lib", false}, Change{"/var/log", false}, Change{"/opt/app/main.py", false})
	places, odd, more := PlacesOf(changes, []string{"/models", "/mnt/x/y"})
	var got []string
	for _, p := range places {
		p.Content = p.Dir == "/srv" || p.Dir == "/var/lib"
		at, why := p.mount()
		got = append(got, fmt.Sprintf("%s %d %v %s", p.Dir, p.Files, at, why))
	}
	want := []string{
		"/home/u 3 [/home/u] ",
		"/mnt 1 [/mnt/x] ",
		"/opt/app 2 [] it modifies files of the image",
		"/srv 4 [/srv/one /srv/two] ",
		"/usr/lib 1 [] no tmpfs can be there",
		"/var/lib 3 [/var/lib/web] ",
		"/var/log 1 [/var/log] ",
	}
	if !slices.Equal(got, want) || odd != 1 || more != 0 {
		t.Errorf("%d odd, %d more\n%s\nwant\n%s", odd, more, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Each thing that was seen becomes one setting, the least that lets it go on; what no
// setting mends becomes advice.
func TestPropose(t *testing.T) {
	p := resolved(t, web)
	seen := Seen{
		Places: []*Place{
			{Dir: "/var/log/web", Tops: []string{"/var/log/web/x"}, Files: 1, Bytes: 9 << 20},
			{Dir: "/usr/lib/web", Tops: []string{"/usr/lib/web/x"}, Files: 2},
			{Dir: "/srv/web", Tops: []string{"/srv/web/x"}, Files: 3, Content: true},
		},
		Listens: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("[::]:9090"), netip.MustParseAddrPort("127.0.0.1:5555")},
		Filled:  []Filled{{"/data", 15 << 20, 16 << 20}, {"/tmp", 1 << 20, 256 << 20}, {shm, 63 << 20, 64 << 20}},
		Refused: Refused("x\nbind() to 0.0.0.0:80 failed (13: Permission denied)\nmkdir: cannot create '/var/lib/web/a': Permission denied\nchown /x: Operation not permitted\n" +
			"open /models/x: Read-only file system\npassword=hunter2 /var/lib/web/b: permission denied\n"),
		Denied: []*Place{{Dir: "/var/lib/web", Owner: "101:102"}},
		More:   1,
	}
	if got := DeniedDirs(seen.Refused); !slices.Equal(got, []string{"/var/lib/web"}) {
		t.Errorf("denied at %v", got)
	}
	proposals, advice := Propose(p, seen)
	var got []string
	for _, q := range proposals {
		got = append(got, q.Setting+": "+q.Line)
	}
	want := []string{
		`user: user = "101:102"`,
		`tmpfs[/var/log/web]: tmpfs."/var/log/web" = { size = "32m", mode = "1777", why = "a trial wrote 1 file, 9MiB there: sized, and nothing in it runs (ZL-503)" }`,
		`tmpfs[/data]: tmpfs."/data" = { size = "32m", mode = "1777", exec = false, why = "a trial filled 15MiB of 16MiB (ZL-503)" }`,
		`shm_size: shm_size = "128m"`,
		`ports: ports = { http = 8080, port-9090 = 9090 }`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("proposed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	told := strings.Join(advice, "\n")
	for _, want := range []string{"/usr/lib/web is written to", "/srv/web is written to (3 files, 0 bytes), but a tmpfs there would cover", "port http (8080) is open on its own loopback alone",
		"1 ports of its own loopback", "refused a port", "right of root's", "/models/x is read-only on purpose", "more places"} {
		if !strings.Contains(told, want) {
			t.Errorf("no %q in\n%s", want, told)
		}
	}
	for _, r := range seen.Refused {
		if strings.Contains(r.Line, "hunter2") {
			t.Errorf("a secret is told: %s", r.Line)
		}
	}
}

// A directory is a user's where it lies in a home of a user that is not root.
func TestHomeOf(t *testing.T) {
	const passwd = "root:x:0:0::/root:/bin/sh\nbin:x:2:2::/:/x\nbad:x:-1:9999999999::/srv:/x\nredis:x:101:102::/var/lib/redis:/x\nshort:x\n"
	for dir, want := range map[string]string{"/var/lib/redis": "101:102", "/var/lib/redis/a": "101:102", "/var/lib/redis2": "", "/srv": "", "/root": "", "/opt": ""} {
		if got := HomeOf(passwd, dir); got != want {
			t.Errorf("%s is of %q, want %q", dir, got, want)
		}
	}
}

// A patched file says what an overlay says, and all that was in it still stands.
func TestApply(t *testing.T) {
	p := resolved(t, web)
	proposals, _ := Propose(p, Seen{
		Places: []*Place{{Dir: "/var/log/web", Tops: []string{"/var/log/web/x"}, Files: 1}}, Filled: []Filled{{"/data", 16 << 20, 16 << 20}, {shm, 64 << 20, 64 << 20}},
		Listens: []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:9090")},
	})
	for _, text := range []string{web, strings.Replace(web, "[profile.web.container]\n", "[profile.web.container] # x\n", 1)} {
		after := Apply(text, "web", proposals)
		got := resolved(t, after)
		shmSize, m, _ := container.ShmSize.Get(got.Stated)
		data, _, _ := container.TmpfsAt.Get(got.Stated, "/data")
		_, _, log := container.TmpfsAt.Get(got.Stated, "/var/log/web")
		if shmSize != 128<<20 || m.Why == "" || data.Size != 32<<20 || !log || len(got.Ports) != 2 {
			t.Errorf("shm %d (%s), /data %d, log %t, ports %v:\n%s", shmSize, m.Why, data.Size, log, got.Ports, after)
		}
		for line := range strings.Lines(text) {
			if !strings.Contains(after, line) && !strings.HasPrefix(line, "ports") && !strings.HasPrefix(line, `tmpfs."/data"`) {
				t.Errorf("it lost %q", line)
			}
		}
	}
	if o := Overlay("web", proposals); !strings.Contains(o, "extends = \"web\"") {
		t.Errorf("no overlay:\n%s", o)
	}
}

// A workload that writes everywhere and listens on everything is told of in bounds.
func TestProposeBounds(t *testing.T) {
	var seen Seen
	var changes []Change
	for i := range 100_000 {
		changes = append(changes, Change{fmt.Sprintf("/var/d%d/\x1b[31mf\n%d", i, i), true}, Change{fmt.Sprintf("/opt/d%d/f", i), true})
	}
	seen.Places, seen.Odd, seen.More = PlacesOf(changes, nil)
	for i := range 1000 {
		seen.Listens = append(seen.Listens, netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(2000+i)))
		seen.Refused = append(seen.Refused, Refused(fmt.Sprintf("\x1b]0;x\a/p%d: permission denied\n", i))...)
	}
	seen.Refused = Refused(strings.Repeat("\x1b[2J/a: permission denied\n", 1000))
	proposals, advice := Propose(resolved(t, web), seen)
	if len(proposals) > maxPlaces+1 || len(advice) > 30 || seen.Odd != 100_000 || seen.More != 100_000-maxPlaces {
		t.Errorf("%d proposals, %d pieces of advice, %d odd, %d more", len(proposals), len(advice), seen.Odd, seen.More)
	}
	resolved(t, Apply(web, "web", proposals))
}

// Whatever a workload calls its files and says, what is proposed prints, parses, and
// puts no tmpfs where none may be.
func FuzzPropose(f *testing.F) {
	f.Add("/var/lib/x\n/var/lib/x\"y\n/etc/x\n/usr/x/y\n/\n/a\x00b/c\n/var/log/a/b", "open /var/x\"]: permission denied\n\x1b[2J: read-only file system", uint16(80))
	f.Add("/\n/x\n/x/y", "", uint16(0))
	f.Fuzz(func(t *testing.T, paths, log string, port uint16) {
		seen := Seen{Refused: Refused(log), Listens: []netip.AddrPort{netip.AddrPortFrom(netip.IPv4Unspecified(), port|1)}}
		seen.Places, seen.Odd, seen.More = PlacesOf(added(strings.Split(paths, "\n")...), nil)
		for _, dir := range DeniedDirs(seen.Refused) {
			seen.Denied = append(seen.Denied, &Place{Dir: dir})
		}
		proposals, advice := Propose(resolved(t, web), seen)
		for _, text := range append(advice, Overlay("web", proposals)) {
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("it does not print: %q", text)
			}
		}
		p := resolved(t, Apply(web, "web", proposals))
		for _, at := range container.TmpfsAt.Keys(p.Stated) {
			if at == "/" || inSystem(at) {
				t.Errorf("a tmpfs at %s", at)
			}
		}
	})
}
