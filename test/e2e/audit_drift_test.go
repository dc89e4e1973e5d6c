package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A twin is a container started by hand from the line of a launch, labels and
// all, with one thing changed.
type twin struct {
	what   string
	change func(line []string) []string
	want   []string // settings that drift for it
	also   []string // beginnings of those that may, too
}

// with puts options before the image.
func with(options ...string) func([]string) []string {
	return func(line []string) []string {
		i := slices.Index(line, image)
		return slices.Concat(line[:i], options, line[i:])
	}
}

// without takes the words away that hold text.
func without(text string) func([]string) []string {
	return func(line []string) []string {
		return slices.DeleteFunc(line, func(a string) bool { return strings.Contains(a, text) })
	}
}

// replaced puts a word in the place of every one that begins with old.
func replaced(old, with string) func([]string) []string {
	return func(line []string) []string {
		for i, a := range line {
			if strings.HasPrefix(a, old) {
				line[i] = with
			}
		}
		return line
	}
}

// twins change every control family's settings, one at a time.
func twins(dir string) []twin {
	return []twin{
		{"nothing", with(), nil, nil},
		{"a capability", with("--cap-add=chown"), []string{"capabilities"}, nil},
		{"privileges may be gained", without("no-new-privileges"), []string{"no_new_privileges"}, nil},
		{"no filter", with("--security-opt=seccomp=unconfined"), []string{"seccomp_filter"}, []string{"seccomp_profile"}},
		{"a mask less", with("--security-opt=unmask=/proc/keys"), []string{"unmask"}, nil},
		{"root", replaced("--user=", "--user=0:0"), []string{"user"}, []string{"group_add", "uid_map", "gid_map"}},
		{"another user namespace", replaced("--userns=", "--userns=host"), []string{"gid_map", "uid_map", "userns"}, nil},
		{"a group", with("--group-add=5"), []string{"group_add"}, nil},
		{"no SELinux", with("--security-opt=label=disable"), []string{"security_label"}, []string{"process_label"}},
		{"a writable root", with("--read-only=false"), []string{"read_only"}, nil},
		{"a volume", with("--volume=" + dir + ":/extra"), []string{"volume[/extra]"}, nil},
		{"a tmpfs without size", replaced("--tmpfs=/tmp:", "--tmpfs=/tmp:rw,noexec"), []string{"tmpfs[/tmp]"}, nil},
		{"the host's processes", with("--pid=host"), []string{"pid"}, []string{"volume[/proc", "process_label"}}, // which switches SELinux off
		{"the host's network", replaced("--network=", "--network=host"), []string{"network", "publish[8000/tcp]"}, []string{"volume[/sys"}},
		{"every address", replaced("--publish=", "--publish=0.0.0.0::8000"), []string{"publish[8000/tcp]"}, nil},
		{"a device", with("--device=/dev/fuse"), []string{"device"}, nil},
		{"a variable", with("--env=EXTRA=1"), []string{"env[EXTRA]"}, nil},
		{"another value", replaced("--env=MODE=", "--env=MODE=other"), []string{"env[MODE]"}, nil},
		{"the caller's environment", with("--env-host"), []string{"env_host"}, []string{"env["}},
		{"another image", replaced(image, other), []string{"image"}, nil},
		{"another command", replaced("serve", "serve2"), []string{"args"}, []string{"entrypoint"}},
		{"core dumps", replaced("--ulimit=core=", "--ulimit=core=-1"), []string{"ulimit[core]"}, nil},
		{"files for everybody", with("--umask=0000"), []string{"umask"}, nil},
		{"more shared memory", replaced("--tmpfs=/dev/shm:", "--tmpfs=/dev/shm:rw,nosuid,nodev,noexec,size=134217728,mode=1777"), []string{"shm_size"}, nil},
		{"an endless restart", with("--restart=always"), []string{"restart"}, nil},
		{"a sysctl", with("--sysctl=net.ipv4.ip_unprivileged_port_start=0"), []string{"sysctl[net.ipv4.ip_unprivileged_port_start]"}, nil},
		{"another plan's label", replaced("--label=io.zlaunch.plan=", "--label=io.zlaunch.plan=sha256:0"), []string{"label[io.zlaunch.plan]"}, nil},
		{"a redirected name", with("--add-host=registry:10.0.0.1"), []string{"add_host"}, nil},
		{"another's mounts", with("--volumes-from=zlaunch-web"), []string{"volumes_from"}, nil},
	}
}

// other is a second name of the test image.
const other = "localhost/zlaunch-e2e-other:latest"

// Behind zlaunch's back a planned container is made again with one thing changed,
// for every control family: each change is reported at its setting, and nothing
// else is.
func TestDriftOfTwins(t *testing.T) {
	p := shows(t, "audit", "a planned container made again with one thing changed, for every control family: that setting drifts and no other")
	w := newWorld(t)
	w.launched("--models", t.TempDir(), "--env", "MODE=planned")
	if got := w.podman("tag", image, other); got.code != 0 {
		t.Fatal(got.stderr)
	}
	t.Cleanup(func() { w.podman("untag", other, other) })
	line := w.recordedLine()
	list := twins(t.TempDir())
	var names []string
	for i, c := range list {
		names = append(names, w.twin(i, line, c))
	}
	got := w.judged(names...)
	shown := 0
	for i, c := range list {
		p.saw("%s: %s", c.what, w.drifts(c, got[names[i]]))
		if w.up(names[i]) { // not another command, nor one whose port of the host is taken
			w.shown(c, names[i])
			shown++
		}
	}
	if shown < len(list)-2 {
		t.Errorf("zlaunch diff was asked of %d twins of %d", shown, len(list))
	}
	p.saw("zlaunch diff shows the same of %d of them, which run", shown)
}

// shown wants zlaunch diff to say of a twin what the audit does.
func (w *world) shown(c twin, name string) {
	w.t.Helper()
	own := []string{"name", "publish[8000/tcp]"}
	var doc struct {
		Verdict string
		Also    []string
		Drift   []struct{ Setting string }
	}
	got := w.zlaunch("diff", "--json", "container:"+name)
	if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil || got.code != 1 {
		w.t.Fatalf("%s: diff ended with %d: %s", c.what, got.code, got.stderr)
	}
	also := 1
	if slices.Contains(c.want, "label[io.zlaunch.plan]") {
		also = 2 // its record is of another plan than its label says
	}
	if doc.Verdict != "drifted" || len(doc.Also) != also || !strings.Contains(doc.Also[0], "twin") {
		w.t.Errorf("%s: %+v", c.what, doc)
	}
	told := map[string]bool{}
	for _, d := range doc.Drift {
		told[d.Setting] = true
		may := func(prefix string) bool { return strings.HasPrefix(d.Setting, prefix) }
		if !slices.Contains(own, d.Setting) && !slices.Contains(c.want, d.Setting) && !slices.ContainsFunc(c.also, may) {
			w.t.Errorf("%s: diff shows %s, which nobody changed", c.what, d.Setting)
		}
	}
	for _, s := range c.want {
		if !told[s] {
			w.t.Errorf("%s: diff does not show %s: %+v", c.what, s, doc.Drift)
		}
	}
}

func (w *world) up(name string) bool {
	return strings.TrimSpace(w.podman("inspect", "--format", "{{.State.Status}}", name).stdout) == "running"
}

// What is done to the very container that zlaunch launched shows as exactly that, and is
// gone when it is taken back.
func TestDiffOfChanges(t *testing.T) {
	p := shows(t, "audit", "zlaunch diff says of a run that it is as planned, or what was done to it behind zlaunch's back")
	w := newWorld(t)
	w.launched("--models", t.TempDir())
	if got := w.podman("network", "create", "e2e-other"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	t.Cleanup(func() { w.podman("network", "rm", "-f", "e2e-other") })
	want := func(when string, code int, texts ...string) {
		t.Helper()
		got := w.zlaunch("diff", "web")
		lacks := func(text string) bool { return !strings.Contains(got.stdout, text) }
		if got.code != code || slices.ContainsFunc(texts, lacks) {
			t.Errorf("%s: diff ended with %d: %s%s", when, got.code, got.stdout, got.stderr)
		}
		p.saw("%s: %s", when, grep(got.stdout, "✓", "ok", "network ", "name "))
	}
	want("untouched", 0, " as planned: ")
	for _, c := range []struct {
		do, undo []string
		shows    string
	}{
		{[]string{"network", "connect", "e2e-other", "zlaunch-web"}, []string{"network", "disconnect", "e2e-other", "zlaunch-web"}, "\nnetwork "},
		{[]string{"rename", "zlaunch-web", "e2e-renamed"}, []string{"rename", "e2e-renamed", "zlaunch-web"}, "\nname "},
	} {
		for _, words := range [][]string{c.do, c.undo} {
			if got := w.podman(words...); got.code != 0 {
				t.Fatalf("podman %q: %s", words, got.stderr)
			}
			if &words[0] == &c.do[0] {
				want(strings.Join(words, " "), 1, "not as planned: 1 difference\nSETTING", c.shows)
			} else {
				want("taken back", 0, " as planned: ")
			}
		}
	}
	for what, words := range map[string][]string{
		"no run of that name": {"diff", "nobody"}, "not started by zlaunch": {"diff", "container:e2e-foreign"}, "one argument is": {"diff", "./x.container"},
		"only what runs": {"diff", "web"},
	} {
		switch what {
		case "not started by zlaunch":
			w.podman("create", "--name", "e2e-foreign", image)
			t.Cleanup(func() { w.podman("rm", "-f", "e2e-foreign") })
		case "only what runs":
			w.podman("stop", "-t", "0", "zlaunch-web")
		}
		if got := w.zlaunch(words...); got.code != 3 && got.code != 2 || !strings.Contains(got.stderr, what) || !strings.Contains(got.stderr, "hint: ") {
			t.Errorf("%q ended with %d: %s", words, got.code, got.stderr)
		}
	}
}

// recordedLine is the podman line the launch record keeps, word by word.
func (w *world) recordedLine() []string {
	w.t.Helper()
	var state string
	for _, kv := range w.env {
		if v, ok := strings.CutPrefix(kv, "XDG_STATE_HOME="); ok {
			state = v
		}
	}
	files, _ := filepath.Glob(filepath.Join(state, "zlaunch/launches/*.json"))
	if len(files) != 1 {
		w.t.Fatalf("%d launch records", len(files))
	}
	data, err := os.ReadFile(files[0])
	var r struct{ Command []string }
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil || len(r.Command) == 0 {
		w.t.Fatalf("reading the launch record: %v", err)
	}
	return r.Command
}

// twin starts one from the words of the line, under a name and a port of its own.
func (w *world) twin(n int, line []string, c twin) string {
	w.t.Helper()
	name := fmt.Sprintf("e2e-twin-%d", n)
	w.t.Cleanup(func() { w.podman("rm", "-f", "-t", "0", name) })
	words := replaced("--name=", "--name="+name)(slices.Clone(joined(line[1:])))
	words = replaced("--env=MODE=", "--env=MODE=planned")(replaced("--publish=", "--publish=127.0.0.1::8000")(words))
	words = c.change(words)
	if got := w.podman(words...); got.code != 0 && c.what != "another command" {
		w.t.Fatalf("%s: podman %q: %s", c.what, words, got.stderr)
	}
	return name
}

// joined writes an option and its value as one word: --name=web.
func joined(line []string) []string {
	var out []string
	for i := 0; i < len(line); i++ {
		a := line[i]
		if strings.HasPrefix(a, "--") && !strings.Contains(a, "=") && i+1 < len(line) && !strings.HasPrefix(line[i+1], "-") && !slices.Contains([]string{"--detach", "--read-only", "--no-healthcheck"}, a) {
			a, i = a+"="+line[i+1], i+1
		}
		out = append(out, a)
		if a == image {
			return append(out, line[i+1:]...)
		}
	}
	return out
}

// drifts wants the settings the change touches and no others, beside the name and
// port that every twin has of its own and the launch its label steals. It tells
// what drifted.
func (w *world) drifts(c twin, findings []verdict) string {
	w.t.Helper()
	own := []string{"label[io.zlaunch.launch]", "name", "publish[8000/tcp]"}
	var got []string
	for _, f := range of(findings, "ZL-002") {
		if f.Verdict != "fail" {
			continue
		}
		got = append(got, f.Setting)
		may := func(prefix string) bool { return strings.HasPrefix(f.Setting, prefix) }
		if !slices.Contains(own, f.Setting) && !slices.Contains(c.want, f.Setting) && !slices.ContainsFunc(c.also, may) {
			w.t.Errorf("%s: drift where nothing was changed: %+v", c.what, f)
		}
	}
	if c.what == "every address" && !strings.Contains(fmt.Sprint(findings), "it is {HostIP:0.0.0.0") {
		w.t.Errorf("%s: the address is not told: %+v", c.what, of(findings, "ZL-002"))
	}
	for _, s := range c.want {
		if !slices.Contains(got, s) {
			w.t.Errorf("%s: no drift at %s: %q", c.what, s, got)
		}
	}
	return fmt.Sprintf("drift at %q", slices.DeleteFunc(got, func(s string) bool { return slices.Contains(own, s) && !slices.Contains(c.want, s) }))
}

// A limit changed under a running container shows, where the host enforces any.
func TestDriftOfUpdate(t *testing.T) {
	p := shows(t, "audit", "a limit that podman update changed under a running container shows")
	w := newWorld(t)
	if !limited() {
		p.lacks("this host enforces no limits for an ordinary user: podman update has nothing to change")
	}
	w.launched("--models", t.TempDir())
	w.planned("zlaunch-web")
	got := w.podman("update", "--memory", "128m", "zlaunch-web")
	if strings.Contains(got.stderr, "healthcheck-timeout") { // Podman 5.4 and a container without a health check
		got = w.podman("update", "--no-healthcheck", "--memory", "128m", "zlaunch-web")
	}
	if got.code != 0 {
		p.lacks("podman update does not work here: %s", got.stderr)
	}
	f := of(w.judged("zlaunch-web")["zlaunch-web"], "ZL-002")
	at := slices.IndexFunc(f, func(v verdict) bool { return v.Setting == "memory" && v.Verdict == "fail" })
	if at >= 0 {
		p.saw("podman update --memory 128m: %s", f[at].Message)
	} else {
		t.Errorf("after podman update: %+v", f)
	}
}

// until waits for something to come true.
func (w *world) until(what string, true func() bool) {
	w.t.Helper()
	for range 2400 { // two minutes: an emulated guest is slow
		if true() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.t.Fatalf("waiting for %s: it does not come", what)
}
