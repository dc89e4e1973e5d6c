package quadlet

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// A unit's own command lines are read as systemd splits them, each with the line it
// stands in.
func TestCommands(t *testing.T) {
	for _, c := range []struct {
		name, unit string
		runs       []string // subject and image
		line       int      // of the first run
		open       string
	}{
		{"podman generate systemd", "[Service]\nEnvironment=PODMAN_SYSTEMD_UNIT=%n\nExecStartPre=/bin/rm -f %t/%n.cid\n" +
			"ExecStart=/usr/bin/podman run \\\n  --cidfile=%t/%n.cid \\\n  --privileged a:1\nExecStop=/usr/bin/podman stop --cidfile=%t/%n.cid\n",
			[]string{"web.service a:1"}, 4, ""},
		{"prefixes, and a name for the program", "[Service]\nExecStart=-@/usr/bin/podman called run a:1\n", []string{"web.service a:1"}, 2, ""},
		{"several lines, and several in one", "[Service]\nExecStartPre=podman run a:1 ; +podman create b:1\nExecStartPre=docker run c:1\n",
			[]string{"web.service#1 a:1", "web.service#2 b:1", "web.service#3 c:1"}, 2, ""},
		{"nothing", "[Service]\nExecStart=/bin/true\n", nil, 0, ""},
		{"a broken line", "[Service]\nExecStart=podman run \\q a:1\n", nil, 0, "no escape"},
		{"by a shell", "[Service]\nExecStart=/bin/sh -c 'podman run --privileged a:1'\n", []string{"web.service a:1"}, 2, ""},
		{"by a shell, with a specifier", "[Service]\nExecStart=/bin/sh -c 'podman run --name %i a:1'\n", nil, 0, "line 2"},
		{"by a shell, with variables of Podman", "[Service]\nEnvironment=CONTAINER_HOST=x\nExecStart=/bin/sh -c 'podman run a:1'\n", nil, 0, "line 3"},
		{"the command is a variable", "[Service]\nEnvironment=\"CMD=podman run --privileged a:1\"\nExecStart=/bin/sh -c \"$CMD\"\n", nil, 0, "line 2"},
		{"the engine is a variable", "[Service]\nExecStart=${ENGINE} run a:1\n", nil, 0, "line 2: ${ENGINE}"},
	} {
		runs, open, err := Commands(files("u/web.service", c.unit), "u/web.service", Options{})
		if err != nil {
			t.Fatal(c.name, err)
		}
		var got []string
		for _, r := range runs {
			got = append(got, r.Subject+" "+r.Spec.Image)
			if r.Unit {
				t.Errorf("%s: a command line is no unit", c.name)
			}
		}
		if strings.Join(got, ", ") != strings.Join(c.runs, ", ") {
			t.Errorf("%s: %q, want %q", c.name, got, c.runs)
		}
		if len(runs) > 0 && runs[0].Words[0].Line != c.line {
			t.Errorf("%s: it stands in line %d, want %d", c.name, runs[0].Words[0].Line, c.line)
		}
		said := ""
		for _, o := range open {
			said += o.Why + "\n"
		}
		if c.open == "" && said != "" || !strings.Contains(said, c.open) {
			t.Errorf("%s: open %q, want %q", c.name, said, c.open)
		}
	}
}

// A pod by itself is read, with what its PodmanArgs= say.
func TestPodUnit(t *testing.T) {
	r := read(t, files("u/p.pod", "[Pod]\nPodmanArgs=--network=host --share +pid\nVolume=/:/host\nServiceName=x\n"), "u/p.pod", Options{})
	if r.Pod == nil || r.Pod.Name != "systemd-p" || strings.Join(r.Pod.Share, " ") != "ipc net uts pid" {
		t.Errorf("pod %+v", r.Pod)
	}
	if v := r.Spec.Volume["/host"]; v.Source != "/" || strings.Join(r.Spec.Network, " ") != "host" {
		t.Errorf("volume %+v, network %q", v, r.Spec.Network)
	}
	if len(r.Open) > 0 {
		t.Errorf("open %v", r.Open)
	}
}

// What a file of variables holds reaches containers.conf, the engine's address and
// its options, and no setting of the unit itself.
func TestEnvironmentFileReaches(t *testing.T) {
	r := read(t, files("u/web.container", image+"NoNewPrivileges=true\n[Service]\nEnvironmentFile=/etc/x\n"), "u/web.container", Options{})
	reached := map[string]bool{}
	for _, o := range r.Open {
		reached[o.At.Key] = true
	}
	for key, want := range map[string]bool{container.Modules.Key(): true, container.Remote.Key(): true, container.NoNewPrivileges.Key(): false, "": false} {
		if reached[key] != want {
			t.Errorf("%q is reached: %t", key, !want)
		}
	}
}

func FuzzCommands(f *testing.F) {
	for _, seed := range []string{"[Service]\nExecStart=podman run x ; @a", "[Service]\nExecStart=@", "[Service]\nExecStart=;;", "[Service]\nEnvironment=CONTAINER_HOST=x\nExecStart=-", "[Pod]\nPodmanArgs=--share +"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"u/a.service", "u/a.pod"} {
			runs, open, err := Commands(files(name, text), name, Options{})
			if err != nil {
				continue
			}
			for _, o := range open {
				if strings.ContainsAny(o.Why, "\x1b\x00\n") {
					t.Errorf("raw escape in %q", o.Why)
				}
			}
			for _, r := range runs {
				for p, words := range r.At {
					for _, w := range words {
						if w < 0 || w >= len(r.Words) {
							t.Fatalf("%s is decided by word %d of %d", p, w, len(r.Words))
						}
					}
				}
			}
			_, _ = Read(files(name, text), "u/a.pod", Options{})
		}
	})
}

// A variable that is passed on by its name reaches what the engine does by that name.
func TestPassEnvironmentReaches(t *testing.T) {
	for names, reaches := range map[string]bool{"PORT DB_HOST": false, "PORT CONTAINERS_CONF": true, "%i": true, "": false} {
		r := readText(t, image+"[Service]\nPassEnvironment="+names+"\n")
		if got := says(r, "PassEnvironment= may set variables of Podman"); got != reaches {
			t.Errorf("%q: %v", names, r.Open)
		}
	}
}
