package plan

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

const accelerated = `schema = 1
[profile.gpu]
extends = "base"
about = "it may have one"
kind = "job"
[profile.gpu.gpu_image]
"v.example/gpu" = "localhost/cuda:1"
[profile.gpu.container]
image = "localhost/plain:1"
[profile.always]
extends = "gpu"
gpu = "v.example/gpu=1"
[profile.never]
extends = "base"
about = "it has no use for one"
kind = "job"
[profile.never.container]
image = "localhost/plain:1"
`

// withSpecs is a planner on a host with specifications, by file name.
func withSpecs(t *testing.T, specs map[string]string) *Planner {
	t.Helper()
	pl, dir := planner(t), t.TempDir()
	write(t, filepath.Join(dir, "profiles.toml"), accelerated)
	conf := filepath.Join(dir, "containers.conf")
	write(t, conf, fmt.Sprintf("[engine]\ncdi_spec_dirs = [%q]\n", filepath.Join(dir, "cdi")))
	for name, text := range specs {
		write(t, filepath.Join(dir, "cdi", name), text)
	}
	sources, _, err := profile.Sources(profile.Dirs{User: dir, Home: dir})
	if err != nil {
		t.Fatal(err)
	}
	if pl.Catalog, err = profile.Load(sources); err != nil {
		t.Fatal(err)
	}
	facts, err := host.Read(host.Source{Env: func(k string) string { return map[string]string{"CONTAINERS_CONF": conf}[k] }, Arch: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	pl.Host.Conf = facts.Conf
	return pl
}

// kindOfDevices is a specification of devices of one kind that bring these edits.
func kindOfDevices(kind, edits string, names ...string) string {
	var devices []string
	for _, name := range names {
		devices = append(devices, fmt.Sprintf(`{"name": %q, "containerEdits": %s}`, name, edits))
	}
	return fmt.Sprintf(`{"cdiVersion": "0.5.0", "kind": %q, "devices": [%s]}`, kind, strings.Join(devices, ", "))
}

// refusals are what stands against the devices of a plan.
func refusals(p *Plan) string {
	var out []string
	for _, pr := range p.against {
		out = append(out, strings.TrimSpace(pr.Control+" "+pr.Message)+" - "+pr.Hint)
	}
	return strings.Join(out, "\n")
}

// An accelerator is asked for by one word, and what is missing is said.
func TestGPU(t *testing.T) {
	const edits = `{"deviceNodes": [{"path": "/dev/full"}]}`
	one := map[string]string{"v.json": kindOfDevices("v.example/gpu", edits, "0", "all", "GPU-1a")}
	two := map[string]string{"v.json": kindOfDevices("v.example/gpu", edits, "0", "1", "all")}
	mixed := map[string]string{"v.json": kindOfDevices("v.example/gpu", edits, "0"), "w.json": kindOfDevices("w.example/gpu", edits, "0"),
		"n.json": kindOfDevices("v.example/net", edits, "0")}
	for name, c := range map[string]struct {
		specs map[string]string
		o     Options
		want  string // the devices and the image; or a part of what is said
	}{
		"the only one":        {one, Options{Profile: "gpu", GPU: []string{AnyGPU}}, "[v.example/gpu=0] localhost/cuda:1"},
		"by its name":         {two, Options{Profile: "gpu", GPU: []string{"v.example/gpu=1"}}, "[v.example/gpu=1] localhost/cuda:1"},
		"by its number":       {two, Options{Profile: "gpu", GPU: []string{"1"}}, "[v.example/gpu=1] localhost/cuda:1"},
		"two of them":         {two, Options{Profile: "gpu", GPU: []string{"0", "1"}}, "[v.example/gpu=0 v.example/gpu=1] localhost/cuda:1"},
		"all":                 {two, Options{Profile: "gpu", GPU: []string{"all"}}, "[v.example/gpu=all] localhost/cuda:1"},
		"the profile's":       {two, Options{Profile: "always"}, "[v.example/gpu=1] localhost/cuda:1"},
		"another one":         {two, Options{Profile: "always", GPU: []string{"0"}}, "[v.example/gpu=0] localhost/cuda:1"},
		"an image of my own":  {one, Options{Profile: "never", GPU: []string{AnyGPU}, Image: "localhost/mine:1"}, "[v.example/gpu=0] localhost/mine:1"},
		"not asked for":       {two, Options{Profile: "gpu"}, "[] localhost/plain:1"},
		"of several":          {two, Options{Profile: "gpu", GPU: []string{AnyGPU}}, "there are 2: v.example/gpu=0, v.example/gpu=1 - name one: --gpu=v.example/gpu=0"},
		"nor the demo":        {one, Options{Profile: "demo", GPU: []string{AnyGPU}}, "leave --gpu away"},
		"not this one":        {one, Options{Profile: "gpu", GPU: []string{"v.example/gpu=7"}}, "leave --gpu away"},
		"a kind it can use":   {mixed, Options{Profile: "gpu", GPU: []string{AnyGPU}}, "[v.example/gpu=0] localhost/cuda:1"},
		"several kinds":       {mixed, Options{Profile: "gpu", GPU: []string{AnyGPU}, Image: "i"}, "there are several kinds: v.example/gpu, w.example/gpu"},
		"a kind it cannot":    {mixed, Options{Profile: "gpu", GPU: []string{"w.example/gpu=0"}}, "names no image for w.example/gpu, only for v.example/gpu"},
		"no use for one":      {one, Options{Profile: "never", GPU: []string{AnyGPU}}, `profile "never" names no image that computes on an accelerator`},
		"none here":           {nil, Options{Profile: "llama-cpp", GPU: []string{AnyGPU}}, "sudo amd-ctk cdi generate --output=/etc/cdi/amd.json\nsudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml"},
		"none of that name":   {two, Options{Profile: "gpu", GPU: []string{"7"}}, `there is no device "v.example/gpu=7"; there are v.example/gpu=0, v.example/gpu=1, v.example/gpu=all`},
		"none of that kind":   {nil, Options{Profile: "vllm", GPU: []string{"nvidia.com/gpu=0"}}, "sudo nvidia-ctk cdi generate"},
		"no name":             {one, Options{Profile: "gpu", GPU: []string{"\x1b[31m"}}, "names no device"},
		"IBM Z":               {one, Options{Profile: "triton", Arch: "s390x", GPU: []string{AnyGPU}}, "/dev/vfio"},
		"elsewhere":           {one, Options{Profile: "triton", Arch: "arm64", GPU: []string{AnyGPU}}, "name it: --gpu=nvidia.com/gpu=0"},
		"elsewhere, by name":  {one, Options{Profile: "triton", Arch: "arm64", GPU: []string{"nvidia.com/gpu=0"}}, "[nvidia.com/gpu=0] nvcr.io/nvidia/tritonserver:26.07-py3"},
		"an option of podman": {one, Options{Profile: "never", PodmanArgs: []string{"--device=v.example/gpu=all"}}, "[v.example/gpu=all] localhost/plain:1"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := withSpecs(t, c.specs).Plan(t.Context(), c.o)
			got := fmt.Sprintf("%v - %s", err, hint.Of(err))
			if err == nil {
				devices, _, _ := container.Device.Get(p.Stated)
				image, _, _ := container.Image.Get(p.Stated)
				got = fmt.Sprint(devices, " ", image, refusals(p))
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// What a specification brings is in the plan with the file and the device that bring it;
// what could not run, or not be proved, refuses the run.
func TestDevices(t *testing.T) {
	for edits, want := range map[string]string{
		`{"deviceNodes": [{"path": "/dev/full"}]}`:                                             "",
		`{"deviceNodes": [{"path": "/dev/full", "type": "c", "major": 1, "minor": 7}]}`:        "",
		`{"deviceNodes": [{"path": "/dev/full", "type": "c", "major": 1, "minor": 3}]}`:        "and it is c 1:7",
		`{"deviceNodes": [{"path": "/dev/v0", "hostPath": "/dev/full"}]}`:                      "gives the host's node of the same name",
		`{"deviceNodes": [{"path": "/dev/none-such"}]}`:                                        "that this host does not have",
		`{"deviceNodes": [{"path": "/etc/passwd"}]}`:                                           "is no device node",
		`{"mounts": [{"hostPath": "/usr", "containerPath": "/x", "options": ["ro", "bind"]}]}`: "",
		`{"mounts": [{"hostPath": "/none/such", "containerPath": "/x", "options": ["bind"]}]}`: "which this host does not have",
		`{"mounts": [{"hostPath": "tmpfs", "containerPath": "/x", "type": "tmpfs"}]}`:          "could be held against",
		`{"mounts": [{"hostPath": "/usr", "containerPath": "/tmp", "options": ["bind"]}]}`:     "over what is planned at",
		`{"hooks": [{"hookName": "createContainer", "path": "/none/such"}]}`:                   "which this host does not have",
		`{"additionalGids": [44]}`:      "additionalGids",
		`{"intelRdt": {"closID": "x"}}`: "intelRdt",
		`{"env": ["A=2"]}`:              "sets A, and what the plan gives it does not count",
	} {
		pl := withSpecs(t, map[string]string{"v.json": kindOfDevices("v.example/gpu", edits, "0")})
		p, err := pl.Plan(t.Context(), Options{Profile: "gpu", GPU: []string{"v.example/gpu=0"}, Env: []string{"A=1"}})
		if err != nil {
			t.Errorf("%s: %v", edits, err)
		} else if got := refusals(p); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %s, want %q", edits, got, want)
		}
	}
}

// A hook of another's, and a specification that others write, refuse the run by ZL-108;
// of two files that define one device neither is taken.
func TestDevicesOfOthers(t *testing.T) {
	dir := t.TempDir()
	hook := filepath.Join(dir, "hook")
	write(t, hook, "#!/bin/sh\n")
	edits := fmt.Sprintf(`{"hooks": [{"hookName": "createRuntime", "path": %q, "args": ["hook", "--token=hf_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}]}`, hook)
	one := kindOfDevices("v.example/gpu", edits, "0")
	gpu := Options{Profile: "gpu", GPU: []string{"v.example/gpu=0"}}
	p, err := withSpecs(t, map[string]string{"v.json": one}).Plan(t.Context(), gpu)
	if err != nil || !strings.Contains(fmt.Sprint(p.Refusal()), "ZL-108") || !strings.Contains(refusals(p), hook) {
		t.Errorf("another's hook: %v, %v", err, p.Refusal())
	}
	i := slices.IndexFunc(container.Settings(p.Effective), func(s container.Setting) bool { return s.Path.String() == "hook[createRuntime 1]" })
	if i < 0 || strings.Contains(fmt.Sprint(container.Settings(p.Effective)[i].Value), "hf_") {
		t.Errorf("the hook is not shown, or its secret is: %d", i)
	}
	p, err = withSpecs(t, map[string]string{"v.json": one, "w.yaml": one}).Plan(t.Context(), gpu)
	if err != nil || !strings.Contains(refusals(p), "podman gives neither") || !strings.Contains(refusals(p), `no specification in`) {
		t.Errorf("two files: %v, %s", err, refusals(p))
	}
	pl := withSpecs(t, map[string]string{"v.json": one})
	file := filepath.Join(pl.Host.Conf.Strings("engine.cdi_spec_dirs")[0], "v.json")
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	p, err = pl.Plan(t.Context(), gpu)
	if err != nil || !strings.Contains(refusals(p), "ZL-108") || !strings.Contains(refusals(p), "anybody can write") {
		t.Errorf("a file for all: %v, %s", err, refusals(p))
	}
}

// A hostile specification is refused by what it brings: a file for a device, a place of
// the host, what the linker runs, and a link to what others write. No attack of the
// end-to-end tests can give one: Podman 4.3 reads those of root's directories alone.
func TestDevicesHostile(t *testing.T) {
	gpu := Options{Profile: "gpu", GPU: []string{"v.example/gpu=0"}}
	for edits, want := range map[string]string{
		`{"deviceNodes": [{"path": "/etc/shadow"}]}`:                                              "/etc/shadow",
		`{"deviceNodes": [{"path": "/dev/../etc/passwd"}]}`:                                       "/dev/../etc/passwd",
		`{"mounts": [{"hostPath": "/", "containerPath": "/host", "options": ["bind"]}]}`:          "ZL-506",
		`{"mounts": [{"hostPath": "/etc", "containerPath": "/host", "options": ["ro", "bind"]}]}`: "ZL-506",
		`{"mounts": [{"hostPath": "/usr/..", "containerPath": "/host", "options": ["bind"]}]}`:    "/usr/..",
		`{"env": ["LD_PRELOAD=/models/x.so"]}`:                                                    "LD_PRELOAD",
	} {
		p, err := withSpecs(t, map[string]string{"v.json": kindOfDevices("v.example/gpu", edits, "0")}).Plan(t.Context(), gpu)
		if err != nil {
			t.Errorf("%s: %v", edits, err)
			continue
		}
		if got := fmt.Sprint(p.Refusal()); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", edits, got, want)
		}
	}
	pl := withSpecs(t, map[string]string{"v.json": kindOfDevices("v.example/gpu", `{"env": ["A=1"]}`, "0")})
	file := filepath.Join(pl.Host.Conf.Strings("engine.cdi_spec_dirs")[0], "v.json")
	real := filepath.Join(t.TempDir(), "real.json")
	if err := errors.Join(os.Rename(file, real), os.Symlink(real, file), os.Chmod(real, 0o666)); err != nil {
		t.Fatal(err)
	}
	if p, err := pl.Plan(t.Context(), gpu); err != nil || !strings.Contains(refusals(p), "ZL-108") || !strings.Contains(refusals(p), "anybody can write") {
		t.Errorf("a link to a file for all: %v, %s", err, refusals(p))
	}
}
