package quadlet

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func TestFix(t *testing.T) {
	m := container.From(container.Origin{Layer: container.LayerDerived})
	r := readText(t, `# my unit
[Unit]
Description=web

[Container]
Image=localhost/zl:1
AddCapability=SYS_ADMIN
PublishPort=8000:8000
PublishPort=9000:9000
Environment=A=1 B=2
Volume=%h/m:/m
# comment
PodmanArgs=--privileged --label "a=b c" --ipc=host
Exec=run --all

[Install]
WantedBy=default.target
`)
	s := container.Clone(r.Spec)
	container.Privileged.Set(s, false, m)
	container.CapDrop.Set(s, []string{"all"}, m)
	container.CapAdd.Clear(s)
	container.NoNewPrivileges.Set(s, true, m)
	container.ReadOnly.Set(s, true, m)
	container.User.Set(s, "1000:1000", m)
	container.Memory.Set(s, 1<<30, m)
	container.Ipc.Set(s, "private", m)
	container.Restart.Set(s, "on-failure:5", m)
	container.Publish.Set(s, "8000/tcp", container.Port{HostIP: "127.0.0.1", HostPort: 8000}, m)
	container.Env.Delete(s, "A")
	v := s.Volume["/m"]
	v.ReadOnly, v.Relabel = true, "z"
	container.VolumeAt.Set(s, "/m", v, m)
	container.TmpfsAt.Set(s, "/tmp", container.Tmpfs{Size: 64 << 20, Mode: 0o1777}, m)

	got, err := Fix(r, s, Options{Version: "5.4.2"})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{"\nDropCapability=all\n", "\nNoNewPrivileges=true\n", "\nReadOnly=true\n", "\nUser=1000\nGroup=1000\n", "\nPodmanArgs=--memory=", "\nPodmanArgs=--ipc=private",
		"127.0.0.1:8000:8000", "\nPublishPort=9000:9000\n", "\nEnvironment=B=2\n", "%h/m:/m:ro,z", "\nPodmanArgs=--label \"a=b c\"\n", "\nRestart=on-failure", "\nStartLimitBurst=5\n", "Tmpfs=/tmp:", "\n# comment\n", "# my unit\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, gone := range []string{"--privileged ", "SYS_ADMIN", "Environment=A=1", "Memory=1", "--ipc=host"} {
		if strings.Contains(text, gone) {
			t.Errorf("%q is still in\n%s", gone, text)
		}
	}
	newest, err := Fix(r, s, Options{})
	if err != nil || !strings.Contains(strings.Join(newest, "\n"), "\nMemory=") {
		t.Errorf("%v\n%s", err, strings.Join(newest, "\n"))
	}
	if same, err := Fix(r, container.Clone(r.Spec), Options{}); err != nil || strings.Join(same, "\n") != strings.Join(r.Lines, "\n") {
		t.Errorf("nothing to mend: %v", err)
	}
}

func TestFixTakesListsAway(t *testing.T) {
	m := container.From(container.Origin{Layer: container.LayerDerived})
	r := readText(t, image+"PodmanArgs=-e \"A=1 2\" --cap-add SYS_ADMIN --security-opt=label=disable\nSecurityLabelDisable=yes\nAddCapability=chown\n")
	s := container.Clone(r.Spec)
	container.CapAdd.Set(s, []string{}, m)
	container.SecurityLabel.Set(s, nil, m)
	got, err := Fix(r, s, Options{})
	if want := image + "PodmanArgs=-e \"A=1 2\""; err != nil || strings.Join(got, "\n") != want {
		t.Errorf("%v\n%s", err, strings.Join(got, "\n"))
	}
}

// A limit that is written is one that systemd reaches, and the one that is off is gone.
func TestFixBoundsRestarts(t *testing.T) {
	m := container.From(container.Origin{Layer: container.LayerDerived})
	for text, want := range map[string]string{
		"[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=on-failure\n":                   "\nStartLimitBurst=5\n[Service]",
		"[Unit]\nDescription=x\n[Service]\nRestartSec=1min 30s\nRestart=always\n":            "\nStartLimitBurst=5\nStartLimitIntervalSec=900\n",
		"[Service]\nRestart=on-failure\nRestartSec=30\n[Unit]\nStartLimitIntervalSec=0\n":    "\nStartLimitBurst=5\nStartLimitIntervalSec=300",
		"[Service]\nRestart=on-failure\nStartLimitInterval=0\n[Unit]\nStartLimitBurst=500\n": "\nStartLimitBurst=5",
	} {
		r := readText(t, image+text)
		s := container.Clone(r.Spec)
		container.Restart.Set(s, "on-failure:5", m)
		lines, err := Fix(r, s, Options{})
		got := strings.Join(lines, "\n")
		if err != nil || !strings.Contains(got, want) || strings.Contains(got, "Interval=0") || strings.Contains(got, "Sec=0") || strings.Contains(got, "=500") {
			t.Errorf("%v\n%s", err, got)
		}
	}
}

func TestFixLeavesDropIns(t *testing.T) {
	m := container.From(container.Origin{Layer: container.LayerDerived})
	fsys := files("u/web.container", image+"DropCapability=all\n", "u/web.container.d/10.conf", "[Container]\nDropCapability=\nReadOnly=no\n")
	r := read(t, fsys, "u/web.container", Options{})
	s := container.Clone(r.Spec)
	container.ReadOnly.Set(s, true, m)
	if _, err := Fix(r, s, Options{}); err == nil || !strings.Contains(err.Error(), "10.conf:3") {
		t.Errorf("decided by a drop-in: %v", err)
	}
	s = container.Clone(r.Spec)
	container.CapDrop.Set(s, []string{"all"}, m)
	if _, err := Fix(r, s, Options{}); err == nil || !strings.Contains(err.Error(), "last say") {
		t.Errorf("reset by a drop-in: %v", err)
	}
}

func TestFixSaysEachUnitAgain(t *testing.T) {
	m := container.From(container.Origin{Layer: container.LayerDerived})
	for name := range units(t) {
		if !strings.HasSuffix(name, ".container") || strings.Contains(name, ".d/") {
			continue
		}
		r, err := Read(units(t), name, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s := container.Clone(r.Spec)
		container.NoNewPrivileges.Set(s, true, m)
		container.ReadOnly.Set(s, true, m)
		container.CapDrop.Set(s, []string{"all"}, m)
		container.CapAdd.Clear(s)
		lines, err := Fix(r, s, Options{})
		if err != nil {
			t.Logf("%s: %v", name, err)
			continue
		}
		fsys := units(t)
		fsys[name] = files(name, strings.Join(lines, "\n"))[name]
		again := read(t, fsys, name, Options{})
		if !again.Spec.NoNewPrivileges || !again.Spec.ReadOnly || len(again.Spec.CapAdd) > 0 {
			t.Errorf("%s is not mended:\n%s", name, strings.Join(lines, "\n"))
		}
	}
}
