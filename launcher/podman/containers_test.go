package podman

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// A spec becomes a container that runs.
func TestCreate(t *testing.T) {
	ctx, e := realEngine(t)
	importImage(t, e)
	s, m := &container.Spec{}, container.From(container.Origin{Layer: container.LayerCommandLine})
	container.Image.Set(s, realImage, m)
	container.Pull.Set(s, "never", m)
	container.Entrypoint.Set(s, []string{"/bin/sh"}, m)
	container.Args.Set(s, []string{"-c", "exit 7"}, m)
	container.User.Set(s, "1000:1000", m)
	container.Network.Set(s, []string{"none"}, m)
	container.CapDrop.Set(s, []string{"all"}, m)
	container.NoNewPrivileges.Set(s, true, m)
	container.ReadOnly.Set(s, true, m)
	container.ReadOnlyTmpfs.Set(s, false, m)
	container.ImageVolume.Set(s, "ignore", m)
	id, warnings, err := e.Containers.Create(ctx, s, []string{"podman", "run", realImage})
	if err != nil || len(warnings) != 0 {
		t.Fatalf("%q, %v", warnings, err)
	}
	t.Cleanup(func() { e.Containers.Remove(context.WithoutCancel(ctx), id, RemoveOptions{Force: true, Volumes: true}) })
	if err := e.Containers.Start(ctx, id); err != nil {
		t.Fatal(err)
	}
	if code, err := e.Containers.Wait(ctx, id); code != 7 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	container.Image.Set(s, "localhost/zlaunch-none:1", m)
	if _, _, err := e.Containers.Create(ctx, s, nil); !errors.Is(err, ErrNoImage) {
		t.Errorf("without the image: %v", err)
	}
}

// What a workload ends with comes through create, init, start and wait.
func TestExitCodes(t *testing.T) {
	ctx, e := realEngine(t)
	for _, code := range []int{0, 9, 126, 127, 255} {
		id := bare(t, e, []string{"/bin/sh", "-c", "exit " + strconv.Itoa(code)}, nil)
		if _, err := e.Containers.Wait(ctx, id); !errors.Is(err, ErrNeverRan) {
			t.Errorf("waiting for a created container: %v", err)
		}
		if err := e.Containers.Init(ctx, id); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Containers.Wait(ctx, id); !errors.Is(err, ErrNeverRan) {
			t.Errorf("waiting for an initialised container: %v", err)
		}
		if err := e.Containers.Start(ctx, id); err != nil {
			t.Fatal(err)
		}
		if got, err := e.Containers.Wait(ctx, id); got != code || err != nil {
			t.Errorf("exit %d: %d, %v", code, got, err)
		}
		if c, err := e.Containers.Inspect(ctx, id); err != nil || c.State.ExitCode != code || c.State.Status != "exited" && c.State.Status != "stopped" {
			t.Errorf("exit %d: %+v, %v", code, c.State, err)
		}
	}
}

// A command that is missing or cannot be run is told apart, by whichever step
// the runtime finds it at.
func TestCommandErrors(t *testing.T) {
	ctx, e := realEngine(t)
	for command, want := range map[string]error{"/bin/none": ErrCommandNotFound, "none": ErrCommandNotFound, "/etc/not-executable": ErrCommandCannotRun, "/etc": ErrCommandCannotRun} {
		id := bare(t, e, []string{command}, nil)
		err := e.Containers.Init(ctx, id)
		step := "init"
		if err == nil {
			err, step = e.Containers.Start(ctx, id), "start"
		}
		t.Logf("%s: %s: %v", command, step, err)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", command, err, want)
		}
		if code, err := e.Containers.Wait(ctx, id); err == nil {
			t.Errorf("%s: an exit code of %d for what never ran", command, code)
		}
	}
}

func TestLife(t *testing.T) {
	ctx, e := realEngine(t)
	name := "zlaunch-podman-test-life"
	id := bare(t, e, []string{"/bin/sh", "-c", "trap 'exit 3' TERM; echo out; echo err >&2; while :; do sleep 0.1; done"}, map[string]any{"name": name})
	if _, _, err := create(ctx, e.api, "creating", map[string]any{"image": realImage, "name": name, "command": []string{"/x"}}); !errors.Is(err, ErrNameInUse) {
		t.Errorf("a second of that name: %v", err)
	}
	if ok, err := e.Containers.Exists(ctx, name); !ok || err != nil {
		t.Errorf("exists: %t, %v", ok, err)
	}
	if err := e.Containers.Start(ctx, name); err != nil {
		t.Fatal(err)
	}
	c, err := e.Containers.Inspect(ctx, name)
	if err != nil || c.ID != id || c.Name != name || c.Image != realImage || !isID(c.ImageID) || c.State.Status != "running" ||
		c.State.Pid == 0 || c.Labels["io.zlaunch.test"] != "podman" || c.OCIConfigPath == "" || len(c.Raw) == 0 {
		t.Errorf("%+v, %v", c, err)
	}
	list, err := e.Containers.List(ctx, map[string]string{"io.zlaunch.test": "podman"})
	if err != nil || len(list) != 1 || list[0].ID != id || list[0].State != "running" || list[0].Names[0] != name || list[0].Labels["io.zlaunch.test"] != "podman" {
		t.Errorf("%+v, %v", list, err)
	}
	within(t, 5*time.Second, "both lines are logged", func() bool {
		var out, errs bytes.Buffer
		err := e.Containers.Logs(ctx, id, LogOptions{}, &out, &errs)
		return err == nil && out.String() == "out\n" && errs.String() == "err\n"
	})
	if err := e.Containers.Stop(ctx, id, 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if err := e.Containers.Stop(ctx, id, 5*time.Second); err != nil {
		t.Errorf("stopping it again: %v", err)
	}
	if code, err := e.Containers.Wait(ctx, id); code != 3 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	if err := e.Containers.Remove(ctx, id, RemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"start":  e.Containers.Start(ctx, id),
		"remove": e.Containers.Remove(ctx, id, RemoveOptions{Force: true}),
		"kill":   e.Containers.step(ctx, id, "signalling", "kill", url.Values{"signal": {"SIGTERM"}}),
		"logs":   e.Containers.Logs(ctx, id, LogOptions{}, io.Discard, io.Discard),
	} {
		if !errors.Is(err, ErrNoContainer) {
			t.Errorf("%s of what is gone: %v", name, err)
		}
	}
	if _, err := e.Containers.Inspect(ctx, id); !errors.Is(err, ErrNoContainer) {
		t.Errorf("inspect of what is gone: %v", err)
	}
}

// Removal by force does not wait for a workload that ignores signals.
func TestRemoveIsPrompt(t *testing.T) {
	ctx, e := realEngine(t)
	id := bare(t, e, []string{"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"}, nil)
	if err := e.Containers.Start(ctx, id); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := e.Containers.Remove(ctx, id, RemoveOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestKill(t *testing.T) {
	ctx, e := realEngine(t)
	id := bare(t, e, []string{"/bin/sleep", "60"}, nil)
	if err := e.Containers.Start(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := e.Containers.step(ctx, id, "signalling", "kill", url.Values{"signal": {"SIGKILL"}}); err != nil {
		t.Fatal(err)
	}
	if code, err := e.Containers.Wait(ctx, id); code != 137 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
}

func TestLogs(t *testing.T) {
	ctx, e := realEngine(t)
	id := bare(t, e, []string{"/bin/sh", "-c", "for i in 1 2 3; do echo line $i; done; yes x | head -c 100000; sleep 0.5; echo late"}, nil)
	if err := e.Containers.Start(ctx, id); err != nil {
		t.Fatal(err)
	}
	var followed, all bytes.Buffer
	if err := e.Containers.Logs(ctx, id, LogOptions{Follow: true}, &followed, io.Discard); err != nil || !strings.HasPrefix(followed.String(), "line 1\nline 2\nline 3\nx\n") {
		t.Errorf("following: %.40q, %v", followed.String(), err)
	}
	if _, err := e.Containers.Wait(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := e.Containers.Logs(ctx, id, LogOptions{}, &all, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(all.String(), followed.String()) {
		t.Error("the log does not begin with what was followed")
	}
	if s := all.String(); !strings.HasPrefix(s, "line 1\nline 2\nline 3\nx\n") || !strings.HasSuffix(s, "late\n") || len(s) < 100000 {
		t.Errorf("%d bytes, ends in %q", len(s), s[max(0, len(s)-20):])
	}
	var tail bytes.Buffer
	if err := e.Containers.Logs(ctx, id, LogOptions{Tail: 1, Timestamps: true}, &tail, io.Discard); err != nil || !strings.HasSuffix(tail.String(), " late\n") || !strings.HasPrefix(tail.String(), "20") {
		t.Errorf("%q, %v", tail.String(), err)
	}
	var none bytes.Buffer
	if err := e.Containers.Logs(ctx, id, LogOptions{Since: time.Now().Add(time.Hour)}, &none, io.Discard); err != nil || none.Len() != 0 {
		t.Errorf("%q, %v", none.String(), err)
	}

	id = bare(t, e, []string{"/bin/sleep", "60"}, nil)
	if err := e.Containers.Start(ctx, id); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if err := e.Containers.Logs(short, id, LogOptions{Follow: true}, io.Discard, io.Discard); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("following past the deadline: %v", err)
	}
	short, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if _, err := e.Containers.Wait(short, id); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting past the deadline: %v", err)
	}
}

// The end of the private service takes nothing from a container: not its
// processes, its network or its published port.
func TestContainerOutlivesService(t *testing.T) {
	ctx, e := realEngine(t)
	network := "zlaunch-podman-test-live"
	if _, err := e.Networks.Ensure(ctx, Network{Name: network, Labels: map[string]string{"io.zlaunch.test": "1"}}); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	importImage(t, e)
	id, warnings, err := create(ctx, e.api, "creating", map[string]any{
		"image": realImage, "command": []string{"/bin/httpd", "-f", "-p", "8000", "-h", "/etc"}, "image_volume_mode": "ignore",
		"netns": map[string]string{"nsmode": "bridge"}, "Networks": map[string]any{network: map[string]any{}},
		"portmappings": []map[string]any{{"container_port": 8000, "host_port": port, "host_ip": "127.0.0.1", "protocol": "tcp"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	cli := func(args ...string) *exec.Cmd { return e.CLI(context.Background(), args...) }
	t.Cleanup(func() {
		cli("rm", "-f", "-t", "0", id).Run()
		cli("network", "rm", network).Run()
	})
	if len(warnings) > 0 {
		t.Logf("warnings: %q", warnings)
	}
	if err := e.Containers.Start(ctx, id); err != nil {
		t.Fatal(err)
	}
	c, err := e.Containers.Inspect(ctx, id)
	if err != nil || len(c.Ports) != 1 || c.Ports[0] != (Port{8000, "tcp", "127.0.0.1", uint16(port)}) {
		t.Errorf("%+v, %v", c.Ports, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "the published port answers", func() bool {
		r, err := http.Get("http://127.0.0.1:" + strconv.Itoa(port) + "/passwd")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	out, err := cli("inspect", "--format", "{{.State.Status}}", id).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "running" {
		t.Errorf("%s, %v", out, err)
	}
}

func TestDemultiplex(t *testing.T) {
	frame := func(stream byte, s string) string {
		return string(binary.BigEndian.AppendUint32([]byte{stream, 0, 0, 0}, uint32(len(s)))) + s
	}
	var out, errs bytes.Buffer
	err := demultiplex(strings.NewReader(frame(1, "a")+frame(2, "b")+frame(1, "")+frame(1, "c")), &out, &errs)
	if err != nil || out.String() != "ac" || errs.String() != "b" {
		t.Errorf("%q %q %v", out.String(), errs.String(), err)
	}
	for _, bad := range []string{"\x01", frame(1, "abc")[:9], frame(7, "x"), "\x01\x00\x00\x00\xff\xff\xff\xff"} {
		if err := demultiplex(strings.NewReader(bad), io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func FuzzDemultiplex(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x01a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out, errs bytes.Buffer
		demultiplex(bytes.NewReader(data), &out, &errs)
		if out.Len()+errs.Len() > len(data) {
			t.Error("more came out than went in")
		}
	})
}

func FuzzParseContainer(f *testing.F) {
	f.Add([]byte(`{"Id":"` + strings.Repeat("a", 64) + `","NetworkSettings":{"Ports":{"80/tcp":[{"HostPort":"1"}],"x":null}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := parseContainer(data); err == nil && !isID(c.ID) {
			t.Errorf("%+v", c)
		}
	})
}

func FuzzParseError(f *testing.F) {
	f.Add([]byte(`{"cause":"no such container","message":"x","response":404}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s := parseError(data, 500).Error(); s == "" || strings.ContainsAny(s, "\x1b\n\x00\u009b") {
			t.Errorf("%q", s)
		}
	})
}

// Anonymous volumes go with the container that brought them, and with no other.
func TestRemoveVolumes(t *testing.T) {
	ctx, e := realEngine(t)
	volumes := func() string {
		out, err := e.CLI(context.Background(), "volume", "ls", "-q").Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	before := volumes()
	own := bare(t, e, []string{"/x"}, map[string]any{"volumes": []map[string]any{{"Dest": "/own"}}})
	if volumes() == before {
		t.Fatal("it brought no volume")
	}
	if err := e.Containers.Remove(ctx, own, RemoveOptions{Volumes: true}); err != nil || volumes() != before {
		t.Errorf("its volume stays: %v", err)
	}
	first := bare(t, e, []string{"/x"}, map[string]any{"volumes": []map[string]any{{"Dest": "/own"}}})
	name := strings.TrimSpace(strings.Replace(volumes(), before, "", 1))
	if err := e.Containers.Remove(ctx, first, RemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.CLI(context.Background(), "volume", "rm", name).Run() })
	second := bare(t, e, []string{"/x"}, map[string]any{"volumes": []map[string]any{{"Name": name, "Dest": "/given"}}})
	if err := e.Containers.Remove(ctx, second, RemoveOptions{Force: true, Volumes: true}); err != nil {
		t.Fatal(err)
	}
	if _, there, err := e.Volume(ctx, name); !there || err != nil {
		t.Errorf("a volume that another container brought went: %v", err)
	}
}
