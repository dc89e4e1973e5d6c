package quadlet

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

const image = "[Container]\nImage=localhost/zl:1\n"

// files makes a file system of texts by path.
func files(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1]), Mode: 0o644}
	}
	return out
}

func read(t testing.TB, fsys fs.FS, name string, o Options) *form.Reading {
	t.Helper()
	r, err := Read(fsys, name, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readText(t testing.TB, text string) *form.Reading {
	t.Helper()
	return read(t, files("u/web.container", text), "u/web.container", Options{})
}

func says(r *form.Reading, part string) bool {
	return slices.ContainsFunc(r.Open, func(o form.Open) bool { return strings.Contains(o.Why, part) })
}

func lineOf(t *testing.T, r *form.Reading, p container.Path) form.Word {
	t.Helper()
	at := r.At[p]
	if len(at) == 0 {
		t.Fatalf("no word decides %s", p)
	}
	return r.Words[at[len(at)-1]]
}

func rowPath(row container.Row) container.Path { return container.Path{Key: row.Key()} }

func TestPodmanArgsHidePrivileged(t *testing.T) {
	r := readText(t, image+"DropCapability=all\nNoNewPrivileges=true\nPodmanArgs=--label x=y \\\n  \"--privileged\"\n")
	if v, m, _ := container.Privileged.Get(r.Spec); !v || m.Origin[0].Key != "PodmanArgs" || m.Origin[0].File != "/u/web.container" {
		t.Errorf("privileged %v, by %v", v, m.Origin)
	}
	w := lineOf(t, r, rowPath(container.Privileged))
	if w.Line != 5 || w.Col != 1 || w.Raw != "PodmanArgs=--label x=y \\\n  \"--privileged\"" || w.File != "" {
		t.Errorf("it stands at %+v", w)
	}
}

func TestDropInResetsDropCapability(t *testing.T) {
	fsys := files("u/web.container", image+"DropCapability=all\nReadOnly=true\n",
		"u/web.container.d/10.conf", "[Container]\nDropCapability=\n", "u/container.d/20.conf", "[Container]\nReadOnly=false\n")
	r := read(t, fsys, "u/web.container", Options{})
	if v, _, _ := container.CapDrop.Get(r.Spec); len(v) > 0 {
		t.Errorf("cap_drop is %v", v)
	}
	if w := lineOf(t, r, rowPath(container.ReadOnly)); w.File != "/u/container.d/20.conf" || w.Line != 2 {
		t.Errorf("read_only is decided by %+v", w)
	}
	old := read(t, fsys, "u/web.container", Options{Version: "4.9"})
	if v, _, _ := container.CapDrop.Get(old.Spec); len(v) != 1 || !says(old, "drop-ins since 5.0") {
		t.Errorf("4.9: cap_drop is %v, open %v", v, old.Open)
	}
}

func TestNearerDropInMasks(t *testing.T) {
	fsys := files("u/web.container", image, "u/web.container.d/10.conf", "[Container]\nHostName=near\n",
		"far/web.container.d/10.conf", "[Container]\nHostName=far\n", "far/web.container.d/20.conf", "[Container]\nUser=5\n")
	r := read(t, fsys, "u/web.container", Options{Dirs: []string{"/far"}})
	if h, _, _ := container.Hostname.Get(r.Spec); h != "near" {
		t.Errorf("hostname %q", h)
	}
	if u, _, _ := container.User.Get(r.Spec); u != "5" {
		t.Errorf("user %q", u)
	}
}

func TestModuleByGlobalArgs(t *testing.T) {
	r := readText(t, image+"GlobalArgs=--module /tmp/evil.conf\nContainersConfModule=/etc/other.conf\n[Service]\nEnvironment=A=b CONTAINERS_CONF=/tmp/third.conf\n")
	v, _, _ := container.Modules.Get(r.Spec)
	for _, want := range []string{"/tmp/evil.conf", "/etc/other.conf", "/tmp/third.conf"} {
		if !slices.ContainsFunc(v, func(m string) bool { return strings.Contains(m, want) }) {
			t.Errorf("modules %q lack %s", v, want)
		}
	}
}

func TestQuadletsOwnOptions(t *testing.T) {
	r := readText(t, image)
	for _, row := range []container.Row{container.Rm, container.Replace, container.Cgroups, container.Sdnotify, container.Detach, container.Name} {
		m, known := r.Spec.MarkOf(rowPath(row))
		if !known || m.Origin[0] != (container.Origin{Layer: container.LayerEngine, Key: "quadlet"}) || len(r.At[rowPath(row)]) > 0 {
			t.Errorf("%s: %v %v", row.Key(), known, m.Origin)
		}
	}
	for _, row := range []container.Row{container.NoNewPrivileges, container.ReadOnly, container.CapDrop} {
		if _, known := r.Spec.MarkOf(rowPath(row)); known {
			t.Errorf("%s is stated by nobody", row.Key())
		}
	}
	if len(r.Open) > 0 {
		t.Errorf("open: %v", r.Open)
	}
	if !container.Env.Complete(r.Spec) {
		t.Error("env is complete")
	}
}

func TestSpecifiersAreOpen(t *testing.T) {
	r := readText(t, image+"Volume=/srv/%p:/models:ro\nVolume=%h/models:/home:ro\nEnvironment=A=%t B=100%% C=$$5\nNetwork=${NET}\nMemory=%i\n")
	if v, _, _ := container.VolumeAt.Get(r.Spec, "/models"); !v.Open {
		t.Errorf("volume %+v", v)
	}
	if _, _, known := container.Network.Get(r.Spec); known {
		t.Error("the network is known")
	}
	if r.Spec.Env["B"] != "100%" || r.Spec.Env["C"] != "$5" {
		t.Errorf("env %q", r.Spec.Env)
	}
	for _, want := range []string{"%p is filled in by systemd", "%t is filled in by systemd", "${NET} is filled in by systemd"} {
		if !says(r, want) {
			t.Errorf("%q is not open: %v", want, r.Open)
		}
	}
	if says(r, "%h is filled in") {
		t.Errorf("a home is known for what it is: %v", r.Open)
	}
	for _, o := range r.Open {
		if o.Word < 0 || !strings.Contains(r.Words[o.Word].Text, "=") {
			t.Errorf("%v has no line", o)
		}
	}
}

// What a linked volume mounts is known by its keys or by the words of PodmanArgs=, the
// later of which counts, whatever kind of mount it is.
func TestLinkedVolumeOptions(t *testing.T) {
	for text, want := range map[string]string{
		"Device=//etc\nType=none\nOptions=bind\n":                           "//etc none bind",
		"Device=overlay\nType=overlay\nOptions=lowerdir=/a:/etc\n":          "overlay overlay lowerdir=/a:/etc",
		"Device=/etc\nPodmanArgs=--opt device=/usr -otype=none -o o=bind\n": "/usr none bind",
		"PodmanArgs=--opt=o=lowerdir=/etc:/x --opt=type=overlay\n":          " overlay lowerdir=/etc:/x",
		"Device=%h/x\nOptions=bind\n":                                       "%h/x  bind",
		"VolumeName=v\nLabel=a=b\n":                                         "  ",
	} {
		fsys := files("u/web.container", "[Container]\nImage=x\nVolume=data.volume:/data\n", "u/data.volume", "[Volume]\n"+text)
		v := read(t, fsys, "u/web.container", Options{}).Spec.Volume["/data"]
		if got := v.Device + " " + v.DeviceType + " " + v.DeviceOptions; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestLinkedUnits(t *testing.T) {
	fsys := files("u/web.container", "[Container]\nImage=web.image\nVolume=data.volume:/data\nPod=grp.pod\nUserNS=keep-id\n",
		"u/web.image", "[Image]\nImage=quay.io/zl/web:2\n",
		"u/in.network", "[Network]\nInternal=true\nOptions=isolate=true\n",
		"u/data.volume", "[Volume]\nType=none\nDevice=/srv/data\nOptions=o,bind\n",
		"u/grp.pod", "[Pod]\nPublishPort=192.0.2.1:8000:8000\nNetwork=in.network\nPodmanArgs=--share net,uts --infra-name x --add-host a:1.2.3.4\n",
		"u/grp.pod.d/10.conf", "[Pod]\nHostName=inpod\n")
	r := read(t, fsys, "u/web.container", Options{})
	if r.Spec.Image != "quay.io/zl/web:2" || r.Spec.Foreign.Pod != "systemd-grp" || !slices.Equal(r.Spec.Network, []string{"systemd-in"}) {
		t.Errorf("image %q, pod %q, network %q", r.Spec.Image, r.Spec.Foreign.Pod, r.Spec.Network)
	}
	if v := r.Spec.Volume["/data"]; v.Source != "systemd-data" || v.Device != "/srv/data" || v.DeviceType != "none" || v.DeviceOptions != "o,bind" {
		t.Errorf("volume %+v", v)
	}
	if p, m, _ := container.Publish.Get(r.Spec, "8000/tcp"); p.HostIP != "192.0.2.1" || m.Origin[0].File != "/u/grp.pod" {
		t.Errorf("publish %+v by %v", p, m.Origin)
	}
	if h, m, _ := container.Hostname.Get(r.Spec); h != "inpod" || m.Origin[0].File != "/u/grp.pod.d/10.conf" {
		t.Errorf("hostname %q by %v", h, m.Origin)
	}
	if e, _, ok := container.NetworkEgress.Get(r.Spec); !ok || e {
		t.Error("an internal network has no way out")
	}
	if i, _, ok := container.NetworkIsolated.Get(r.Spec); !ok || !i {
		t.Error("the network is isolated")
	}
	if known, _, _ := container.PodKnown.Get(r.Spec); !known || len(r.Open) > 0 {
		t.Errorf("what the pod decides is known: %t, open %v", known, r.Open)
	}
	own := read(t, files("u/web.container", image+"Network=none\nPod=grp.pod\n", "u/grp.pod", "[Pod]\nPublishPort=80:80\nNetwork=host\n"), "u/web.container", Options{})
	if !slices.Equal(own.Spec.Network, []string{"none"}) || len(own.Spec.Publish) > 0 {
		t.Errorf("a container with a network of its own has %q, %v of its pod", own.Spec.Network, own.Spec.Publish)
	}
	gone := read(t, files("u/web.container", image+"Network=in.network\nVolume=data.volume:/data\n"), "u/web.container", Options{})
	if !says(gone, "what in.network makes is not known") || !says(gone, "what data.volume makes is not known") {
		t.Errorf("open %v", gone.Open)
	}
	if _, _, ok := container.NetworkEgress.Get(gone.Spec); ok {
		t.Error("how far a missing network reaches is known")
	}
}

// Podman refuses a unit that says two ways to reload it.
func TestReload(t *testing.T) {
	if r := readText(t, image+"ReloadCmd=/bin/reload\nReloadSignal=SIGHUP\n"); !says(r, "Podman refuses the unit") {
		t.Errorf("open: %v", r.Open)
	}
	if r := readText(t, image+"ReloadSignal=SIGHUP\n"); len(r.Open) > 0 {
		t.Errorf("open: %v", r.Open)
	}
}

// A limit of starts counts where it is on and as many restarts come within its interval.
func TestStartLimit(t *testing.T) {
	for text, want := range map[string]string{
		"[Unit]\nStartLimitBurst=5":                                                                "on-failure:5",
		"[Unit]\nStartLimitBurst=5\nStartLimitIntervalSec=0":                                       "on-failure",
		"[Unit]\nStartLimitBurst=5\nStartLimitIntervalSec=0s":                                      "on-failure",
		"[Unit]\nStartLimitBurst=5\n[Service]\nStartLimitInterval=0":                               "on-failure",
		"[Unit]\nStartLimitBurst=5\n[Service]\nRestartSec=30":                                      "on-failure",
		"[Unit]\nStartLimitBurst=5\n[Service]\nRestartSec=2":                                       "on-failure:5",
		"[Unit]\nStartLimitBurst=5\n[Service]\nRestartSec=3":                                       "on-failure",
		"[Unit]\nStartLimitBurst=5\nStartLimitIntervalSec=5min\n[Service]\nRestartSec=1min":        "on-failure:5",
		"[Unit]\nStartLimitBurst=5\nStartLimitIntervalSec=4min 59s\n[Service]\nRestartSec=1min":    "on-failure",
		"[Unit]\nStartLimitBurst=5\nStartLimitIntervalSec=infinity\n[Service]\nRestartSec=1min":    "on-failure:5",
		"[Unit]\nStartLimitBurst=5\n[Service]\nRestartSec=1\nRestartSteps=5\nRestartMaxDelaySec=9": "on-failure",
		"[Unit]\nStartLimitBurst=5\nStartLimitIntervalSec=${X}":                                    "on-failure",
		"[Unit]\nStartLimitBurst=5\nStartLimitIntervalSec=5 parsecs":                               "on-failure",
	} {
		r := readText(t, image+"[Service]\nRestart=on-failure\n"+text+"\n")
		if v, _, _ := container.Restart.Get(r.Spec); v != want {
			t.Errorf("%q: restart %q, want %q", text, v, want)
		}
	}
}

func TestServiceSection(t *testing.T) {
	r := readText(t, image+`[Unit]
StartLimitBurst=3
[Service]
Restart=on-failure
NoNewPrivileges=yes
User=zl
ProtectSystem=no
MemoryMax=2G
MemorySwapMax=0
TasksMax=100
CPUQuota=150%
`)
	if v, m, _ := container.Restart.Get(r.Spec); v != "on-failure:3" || m.Origin[0].Key != "Restart" {
		t.Errorf("restart %q by %v", v, m.Origin)
	}
	if r.Spec.Memory != 2<<30 || r.Spec.MemorySwap != 2<<30 || r.Spec.PidsLimit != 100 || r.Spec.Cpus != 1.5 {
		t.Errorf("limits %d %d %d %v", r.Spec.Memory, r.Spec.MemorySwap, r.Spec.PidsLimit, r.Spec.Cpus)
	}
	if !slices.Equal(r.Service, []string{"User", "NoNewPrivileges"}) {
		t.Errorf("service %q", r.Service)
	}
	if w := lineOf(t, r, container.Path{Key: "service", Elem: "User"}); w.Text != "User=zl" {
		t.Errorf("user stands at %+v", w)
	}
	if v, _, ok := container.NoNewPrivileges.Get(r.Spec); ok && v {
		t.Error("[Service] NoNewPrivileges= does not count")
	}
	apart := readText(t, image+"CgroupsMode=enabled\n[Service]\nMemoryMax=2G\n")
	if _, _, known := container.Memory.Get(apart.Spec); known {
		t.Error("a cgroup of its own has not the limit of the service")
	}
	weaker := readText(t, image+"PodmanArgs=--memory=4g\n[Service]\nMemoryMax=8G\n")
	if weaker.Spec.Memory != 4<<30 {
		t.Errorf("memory %d", weaker.Spec.Memory)
	}
	if v, _, _ := container.Restart.Get(weaker.Spec); v != "no" {
		t.Errorf("restart %q", v)
	}
}

func TestKeysByVersion(t *testing.T) {
	text := image + "Memory=1g\nAppArmor=x\nReadOnyl=true\n[Contianer]\nReadOnly=true\n[Service]\nDropCapability=all\n"
	fsys := files("u/web.container", text)
	r := read(t, fsys, "u/web.container", Options{Version: "5.4.2"})
	for _, want := range []string{"Memory= came with Podman 5.5, and 5.4.2 refuses", "AppArmor= came with Podman 5.8", "ReadOnyl= is no key of [Container], the nearest is ReadOnly",
		"[Contianer] is no section of a unit, the nearest is Container", "DropCapability= stands in [Service]"} {
		if !says(r, want) {
			t.Errorf("%q is not said: %v", want, r.Open)
		}
	}
	if n := read(t, fsys, "u/web.container", Options{}); says(n, "came with") {
		t.Errorf("the newest knows all: %v", n.Open)
	}
	old := read(t, files("u/web.container", image+"User=ibm-user\nReadOnly=true\n"), "u/web.container", Options{Version: "4.6"})
	if old.Spec.User != "0" || !says(old, "takes it for 0") || old.Spec.ReadOnlyTmpfs {
		t.Errorf("user %q, tmpfs %v, open %v", old.Spec.User, old.Spec.ReadOnlyTmpfs, old.Open)
	}
	if _, err := Read(fsys, "u/web.container", Options{Version: "five"}); err == nil {
		t.Error("a version that is none is read")
	}
}

func TestRootful(t *testing.T) {
	for name, want := range map[string]string{
		"etc/containers/systemd/web.container": "rootful", "usr/share/containers/systemd/a/web.container": "rootful",
		"etc/containers/systemd/users/1000/web.container": "rootless", "home/zl/.config/containers/systemd/web.container": "rootless",
		"run/user/1000/containers/systemd/web.container": "rootless", "run/containers/systemd/web.container": "rootful", "srv/web.container": "",
	} {
		r := read(t, files(name, image), "/"+name, Options{})
		got := ""
		if v, _, ok := container.Rootless.Get(r.Spec); ok {
			got = map[bool]string{true: "rootless", false: "rootful"}[v]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestKeysAreAllMade(t *testing.T) {
	made := map[string]bool{"ContainersConfModule": true, "GlobalArgs": true, "ContainerName": true, "PodmanArgs": true, "Image": true, "Rootfs": true,
		"Exec": true, "Group": true, "UIDMap": true, "GIDMap": true, "SubUIDMap": true, "SubGIDMap": true, "RemapUsers": true, "RemapUid": true,
		"RemapGid": true, "RemapUidSize": true, "VolatileTmp": true,
		// These say nothing of the container.
		"ServiceName": true, "StartWithPod": true, "ReloadCmd": true, "ReloadSignal": true}
	for _, k := range ownKeys {
		made[k.name] = true
	}
	for _, k := range keysOf("Container") {
		if !made[k] {
			t.Errorf("%s= is never read", k)
		}
	}
	if len(keysOf("Container")) != 96 {
		t.Errorf("%d keys, Podman 5.8.2 has 94, and 6.2 two more", len(keysOf("Container")))
	}
}

// TestEveryKeyHasAUnit: the generator is asked about every key there is.
func TestEveryKeyHasAUnit(t *testing.T) {
	used := map[string]bool{"ServiceName": true, "ReloadSignal": true} // they change the service alone
	for name, f := range units(t) {
		if strings.Contains(name, ".container") {
			lines, _ := parse(string(f.Data), newest)
			for _, l := range lines {
				used[l.key] = true
			}
		}
	}
	for _, k := range keysOf("Container") {
		if !used[k] {
			t.Errorf("no unit of testdata has %s=", k)
		}
	}
}

func TestBrokenLines(t *testing.T) {
	r := read(t, files("u/web.container", "ReadOnly=true\n"+image+"nonsense\nNoNewPrivileges=yes\n", "u/web.container.d/1.conf", "[Container]\nmore nonsense\n"),
		"u/web.container", Options{})
	if !r.Spec.NoNewPrivileges || r.Spec.ReadOnly {
		t.Error("the lines around a broken one count, one without a section does not")
	}
	for _, want := range []string{"web.container:1: no section stands before it; Podman then reads no unit of this directory", "web.container:4: it is neither a section",
		"1.conf:2: it is neither a section, KEY=VALUE nor a comment"} {
		if !says(r, want) {
			t.Errorf("%q is not said: %v", want, r.Open)
		}
	}
	for _, o := range r.Open {
		if strings.Contains(o.Why, "1.conf") && strings.Contains(o.Why, "no unit") {
			t.Errorf("a broken drop-in costs itself alone: %q", o.Why)
		}
	}
}
