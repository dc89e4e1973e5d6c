package host_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const aDevice = `{"cdiVersion": "0.5.0", "kind": "v.example/gpu", "devices": [{"name": "NAME", "containerEdits": {"env": ["A=1"]}}]}`

func spec(name string) string { return strings.Replace(aDevice, "NAME", name, 1) }

// Podman reads two directories, in which only two kinds of file count; from 5.5 on
// those of containers.conf instead. What others may write is not believed.
func TestCDI(t *testing.T) {
	root := tree(t, map[string]string{
		"etc/cdi/a.json": spec("a"), "etc/cdi/readme.txt": "no", "etc/cdi/below/b.json": spec("below"), "var/run/cdi/c.yaml": spec("c"),
		"etc/cdi/open.json": spec("open"), "etc/cdi/broken.yaml": "kind: 1", "srv/cdi/d.json": spec("d"),
		"etc/containers/containers.conf": "[engine]\ncdi_spec_dirs = [\"/srv/cdi\"]\n",
	})
	if err := os.Chmod(filepath.Join(root, "etc/cdi/open.json"), 0o666); err != nil {
		t.Fatal(err)
	}
	f := read(t, source(root, nil))
	for version, want := range map[string]string{"4.3.1": "v.example/gpu=a v.example/gpu=c", "5.4.2": "v.example/gpu=a v.example/gpu=c", "5.5.0": "v.example/gpu=d", "": "v.example/gpu=d"} {
		if got := strings.Join(f.CDI(version).Of("v.example/gpu"), " "); got != want {
			t.Errorf("podman %q: %s, want %s", version, got, want)
		}
	}
	var why []string
	for _, p := range f.CDI("4.3.1").Problems {
		why = append(why, p.File+": "+p.Why)
	}
	if got := strings.Join(why, "\n"); len(why) != 2 || !strings.Contains(got, "anybody can write") || !strings.Contains(got, "/etc/cdi/broken.yaml: ") {
		t.Errorf("problems %s", got)
	}
	if r := read(t, source(t.TempDir(), nil)).CDI(""); len(r.Devices)+len(r.Problems) > 0 || len(r.Dirs) != 2 {
		t.Errorf("on a host without any: %+v", r)
	}
}

func TestDeviceNode(t *testing.T) {
	conf := filepath.Join(tree(t, map[string]string{"c": ""}), "c")
	f := read(t, source("", map[string]string{"CONTAINERS_CONF": conf}))
	if kind, major, minor, err := f.DeviceNode("/dev/full"); kind != "c" || major != 1 || minor != 7 || err != nil {
		t.Errorf("/dev/full is %s %d:%d, %v", kind, major, minor, err)
	}
	if !f.OpensNode("/dev/full") || f.OpensNode("/nowhere") {
		t.Error("who may open a node")
	}
	for _, path := range []string{"/etc/passwd", "/dev", "/nowhere"} {
		if _, _, _, err := f.DeviceNode(path); err == nil {
			t.Errorf("%s is a device", path)
		}
	}
}
