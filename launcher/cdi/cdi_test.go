package cdi_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/cdi"
)

// good is a specification as NVIDIA's container toolkit writes them.
const good = `---
cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
- name: "0"
  containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
- name: all
  containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
    - path: /dev/nvidia1
      permissions: rw
containerEdits:
  env:
  - NVIDIA_VISIBLE_DEVICES=void
  deviceNodes:
  - path: /dev/nvidiactl
  hooks:
  - hookName: createContainer
    path: /usr/bin/nvidia-cdi-hook
    args: [nvidia-cdi-hook, update-ldcache, --folder, /usr/lib64]
  mounts:
  - hostPath: /usr/bin/nvidia-smi
    containerPath: /usr/bin/nvidia-smi
    options: [ro, nosuid, nodev, bind]
`

// device is a specification in JSON of one device with these edits.
func device(edits string) string {
	return `{"cdiVersion": "0.5.0", "kind": "v.example/gpu", "devices": [{"name": "0", "containerEdits": ` + edits + `}]}`
}

func TestParse(t *testing.T) {
	s, err := cdi.Parse([]byte(good))
	if err != nil || len(s.Devices) != 2 || s.Devices[1].Edits.Nodes[1].Access != "rw" || s.Edits.Hooks[0].Args[1] != "update-ldcache" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := cdi.Parse([]byte(device(`{"env": ["A=1"]}`))); err != nil {
		t.Error(err)
	}
	for text, says := range map[string]string{
		"":                                 "empty",
		"kind: [":                          "did not find",
		"a: &a [x]\nb: [*a, *a]":           "not found in type",
		strings.Repeat("[", 20_000):        "depth",
		strings.Repeat(" ", cdi.MaxFile+1): "larger than",
		good + "---\n" + good:              "more than one document",
		strings.Replace(good, "0.5.0", "9.9.9", 1):                        `cdiVersion "9.9.9" is none of`,
		strings.Replace(good, "nvidia.com/gpu", "gpu", 1):                 "VENDOR/CLASS",
		strings.Replace(good, "nvidia.com/gpu", "nvidia.com/g pu", 1):     "VENDOR/CLASS",
		strings.Replace(good, "name: all", `name: "0"`, 1):                "twice",
		strings.Replace(good, "name: all", `name: "a\x1b[31m"`, 1):        "no name of a device",
		`{"cdiVersion": "0.5.0", "kind": "v.example/gpu", "devices": []}`: "no devices",
		device(`{}`):                                                                         "brings nothing",
		device(`{"surprise": 1}`):                                                            "surprise",
		device(`{"env": ["NOVALUE"]}`):                                                       "no NAME=VALUE",
		device(`{"env": ["A=x\u0000y"]}`):                                                    "no NAME=VALUE",
		device(`{"deviceNodes": [{"path": "dev/x"}]}`):                                       "no absolute path",
		device(`{"deviceNodes": [{"path": "/dev/../etc/shadow"}]}`):                          "no absolute path",
		device(`{"deviceNodes": [{"path": "/dev/x", "type": "d"}]}`):                         "its type",
		device(`{"deviceNodes": [{"path": "/dev/x", "permissions": "rwx"}]}`):                "permissions",
		device(`{"mounts": [{"hostPath": "/", "containerPath": "/", "options": ["bind"]}]}`): "or the root",
		device(`{"mounts": [{"hostPath": "", "containerPath": "/c", "options": ["bind"]}]}`): "no absolute path",
		device(`{"hooks": [{"hookName": "createContainer", "path": "x"}]}`):                  "no absolute path",
		device(`{"hooks": [{"hookName": "precreate", "path": "/x"}]}`):                       "its stage",
	} {
		if _, err := cdi.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.80q: %v, want %q", text, err, says)
		}
	}
}

// Of two files that define a device the one of the later directory counts, of two in
// one directory neither; what all devices of a file bring comes once.
func TestResolve(t *testing.T) {
	file := func(path string, priority int, env, other string) cdi.File {
		s, err := cdi.Parse([]byte(`{"cdiVersion": "0.5.0", "kind": "v.example/gpu", "containerEdits": {"env": ["FILE=` + path + `"]}, "devices": [
			{"name": "0", "containerEdits": {"env": ["DEVICE=` + env + `"]}}, {"name": "` + other + `", "containerEdits": {"env": ["DEVICE=` + other + `"]}}]}`))
		if err != nil {
			t.Fatal(err)
		}
		return cdi.File{Path: path, Priority: priority, Spec: s}
	}
	given := func(r *cdi.Registry, names ...string) (out []string, missing []string) {
		parts, missing := r.Parts(names)
		for _, p := range parts {
			out = append(out, p.By+": "+p.Edits.Env[0])
		}
		return out, missing
	}
	r := cdi.Resolve([]cdi.File{file("/etc/cdi/a", 0, "far", "1"), file("/run/cdi/b", 1, "near", "2")})
	got, missing := given(r, "v.example/gpu=0", "v.example/gpu=2", "v.example/gpu=1", "v.example/gpu=9")
	want := []string{"v.example/gpu: FILE=/run/cdi/b", "v.example/gpu=0: DEVICE=near", "v.example/gpu=2: DEVICE=2",
		"v.example/gpu: FILE=/etc/cdi/a", "v.example/gpu=1: DEVICE=1"}
	if !slices.Equal(got, want) || !slices.Equal(missing, []string{"v.example/gpu=9"}) || len(r.Problems) > 0 {
		t.Errorf("%q, missing %q, %v", got, missing, r.Problems)
	}
	if !slices.Equal(r.Accelerators(), []string{"v.example/gpu"}) || len(r.Of("v.example/gpu")) != 3 {
		t.Errorf("%q, %q", r.Accelerators(), r.Of("v.example/gpu"))
	}
	r = cdi.Resolve([]cdi.File{file("/etc/cdi/a", 0, "one", "1"), file("/etc/cdi/b", 0, "two", "2"), file("/run/cdi/c", 1, "near", "3")})
	if _, missing := given(r, "v.example/gpu=0"); len(missing) != 1 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Why, "/etc/cdi/a") {
		t.Errorf("a device that two files define: missing %q, %v", missing, r.Problems)
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]bool{
		"nvidia.com/gpu=0": true, "nvidia.com/gpu=GPU-1a:2": true, "a/b=c": true, "/dev/nvidia0": false, "nvidia.com/gpu": false,
		"gpu=0": false, "/dev/x=y": false, "a/b=": false, "a/b=c.": false, "1a/b=c": false, "a/b/c=d": false, "vllm": false, "a/b=c d": false,
	} {
		if cdi.Named(name) != want {
			t.Errorf("%q names a device: %v", name, !want)
		}
	}
}

// A mount is a bind with options that a volume has, or none of ours.
func TestBind(t *testing.T) {
	for opts, want := range map[string]bool{"ro,bind": true, "rbind,rprivate,nosuid": true, "ro": false, "bind,shared": false, "bind,idmap": false} {
		if got := (cdi.Mount{HostPath: "/x", Options: strings.Split(opts, ",")}).Bind(); got != want {
			t.Errorf("%s is a bind: %v", opts, got)
		}
	}
	if (cdi.Mount{HostPath: "/x/../y", Options: []string{"bind"}}).Bind() {
		t.Error("a path with .. is a bind")
	}
	m := cdi.Mount{Type: "tmpfs", Options: []string{"bind", "ro", "rw"}}
	if m.Bind() || m.Has("ro", "rw") || !m.Has("rw", "ro") {
		t.Errorf("%+v", m)
	}
}

// Whatever is read either fails or can be resolved, and no name of it is a surprise.
func FuzzParse(f *testing.F) {
	for _, text := range []string{good, device(`{"env": ["A=1"], "intelRdt": {}, "additionalGids": [44]}`), "a: &a\n- *a"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := cdi.Parse(text)
		if err != nil {
			return
		}
		r := cdi.Resolve([]cdi.File{{Path: "/etc/cdi/x.yaml", Spec: s}, {Path: "/run/cdi/x.yaml", Priority: 1, Spec: s}})
		for _, d := range r.Devices {
			parts, missing := r.Parts([]string{d.Name})
			if !cdi.Named(d.Name) || len(missing) > 0 || len(parts) != 2 || parts[1].Edits.Nodes != nil && !filepath.IsAbs(parts[1].Edits.Nodes[0].Path) {
				t.Errorf("%q: %+v, missing %q", d.Name, parts, missing)
			}
		}
	})
}
