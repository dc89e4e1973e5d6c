package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// builtIn resolves a built-in profile.
func builtIn(t *testing.T, name, arch string) *profile.Profile {
	t.Helper()
	src, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := profile.Load(src)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Resolve(name, arch)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// image is what the real image says and the profile does not.
type image struct {
	program string
	words   []string // of its entrypoint, behind the program
	cmd     []string
	user    string
	workdir string
	env     map[string]string
	names   string // lines of its /etc/passwd
	files   fstest.MapFS
}

const ibmUser = "1010:1010"

// images are those facts by profile, those of one architecture by PROFILE/ARCH.
var images = map[string]image{
	"triton":             {program: "tritonserver", user: ibmUser},
	"tensorflow-serving": {program: "tensorflow_model_server", user: ibmUser},
	"llama-cpp":          {program: "llama-server", workdir: "/app", env: map[string]string{"LLAMA_ARG_HOST": "0.0.0.0"}},
	"llama-cpp/s390x":    {program: "llama-server", workdir: "/llama.cpp/bin", env: map[string]string{"LLAMA_ARG_HOST": "0.0.0.0"}},
	"vllm":               {program: "vllm", words: []string{"serve"}},
	"ovms":               {program: "ovms"},
	"mlserver": {program: "mlserver", cmd: []string{"start", "/mnt/models"}, workdir: "/opt/mlserver", names: "mlserver:x:1000:1000::/opt/mlserver:\n",
		files: fstest.MapFS{"opt/mlserver/hack/activate-env.sh": {}}},
	"jupyter":          {program: "start-notebook.py", env: map[string]string{"JUPYTER_PORT": "8888"}, names: "jovyan:x:1000:100::/home/jovyan:\n"},
	"python":           {program: "python3"},
	"tensorflow":       {program: "python"},
	"tensorflow/s390x": ibm, "pytorch/s390x": ibm, "snapml": ibm,
	"pytorch": {program: "python"},
	"zdlc":    {program: "zdlc"},
}

var ibm = image{program: "python", user: ibmUser, env: map[string]string{"HOME": "/home/ibm-user"},
	files: fstest.MapFS{"home/ibm-user/.bashrc": {}}}

// situation is the facts that a workload of the stated spec would gather, in an
// image, with its models.
func situation(t *testing.T, s *container.Spec, img image, arch, at string) *facts {
	t.Helper()
	f := &facts{program: img.program, args: append(slices.Clone(img.words), workload(s, img)...), env: map[string]string{}, dir: "/",
		status: map[string]string{"CapInh": "0000000000000000", "CapPrm": "0000000000000000", "CapEff": "0000000000000000",
			"CapBnd": "0000000000000000", "CapAmb": "0000000000000000", "NoNewPrivs": "1", "Seccomp": "2"},
		nofile: uint64(s.Ulimit["nofile"].Soft), users: "root:x:0:0::/:\nibm-user:x:1010:1010::/home/ibm-user:\n" + img.names}
	maps.Copy(f.env, img.env)
	maps.Copy(f.env, s.Env)
	if f.pid = 1; s.Init {
		f.pid = 2
	}
	user := img.user
	if s.User != "" {
		user = s.User
	}
	if _, err := fmt.Sscanf(user, "%d:%d", &f.uid, &f.gid); err != nil {
		t.Fatalf("user %q: %v", user, err)
	}
	for _, dir := range []string{img.workdir, s.Workdir} {
		if dir != "" {
			f.dir = dir
		}
	}
	f.files = models(at, arch)
	maps.Copy(f.files.(fstest.MapFS), img.files)
	f.place = func(path string, _ bool) place { return placed(s, at, path) }
	return f
}

// workload is what stands behind the program.
func workload(s *container.Spec, img image) []string {
	args := s.Args
	if args == nil {
		args = img.cmd
	}
	if len(args) > 0 && args[0] == img.program {
		return args[1:]
	}
	return args
}

// placed tells what a path is under the mounts of a spec.
func placed(s *container.Spec, models, at string) place {
	no := errors.New("read-only file system")
	if at == "/dev/shm" {
		return place{size: uint64(s.ShmSize), runs: no}
	}
	if at == models {
		return place{readOnly: true, writes: no, runs: no}
	}
	if at == "/home/jovyan/work" || at == "/output" {
		return place{}
	}
	for dir := at; dir != "/"; dir = path.Dir(dir) {
		if tmpfs, ok := s.Tmpfs[dir]; ok {
			p := place{size: uint64(tmpfs.Size)}
			if !tmpfs.Exec {
				p.runs = errors.New("permission denied")
			}
			return p
		}
	}
	if !s.ReadOnly {
		return place{}
	}
	return place{readOnly: true, writes: no, runs: no}
}

// models is a container's tree with a model of each layout below at.
func models(at, arch string) fstest.MapFS {
	out, weights := fstest.MapFS{}, []byte("weights\nfactor 3\n")
	var order binary.AppendByteOrder = binary.LittleEndian
	if arch == "s390x" {
		order = binary.BigEndian
	}
	if path.Ext(at) == ".gguf" {
		out[at[1:]] = &fstest.MapFile{Data: append(order.AppendUint32([]byte("GGUF"), 3), weights...)}
		return out
	}
	for name, text := range map[string]string{"add/config.pbtxt": `name: "add"`, "add/1/model.py": string(weights), "1/saved_model.pb": string(weights),
		"1/a.xml": "<net/>", "1/a.bin": string(weights), "config.json": "{}", "tokenizer.json": "{}", "a.safetensors": string(weights),
		"m/model-settings.json": `{"name":"add","implementation":"mlserver_sklearn.SKLearnModel","parameters":{"uri":"./m.joblib"}}`,
		"m/m.joblib":            string(weights), "weights.txt": string(weights), "model.onnx": string(weights)} {
		out[path.Join(at[1:], name)] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// everywhere calls f for each built-in profile that has a stand-in and each of its
// architectures.
func everywhere(t *testing.T, f func(t *testing.T, p *profile.Profile, img image)) {
	for name := range specs("s390x") {
		for _, arch := range builtIn(t, name, archOf(name)).Archs {
			t.Run(name+"/"+arch, func(t *testing.T) {
				img, ok := images[name+"/"+arch]
				if !ok {
					img = images[name]
				}
				f(t, builtIn(t, name, arch), img)
			})
		}
	}
}

// archOf is an architecture the profile has.
func archOf(name string) string {
	if name == "zdlc" || name == "snapml" {
		return "s390x"
	}
	return "amd64"
}

// faced is what the stand-in of p's architecture says of s.
func faced(t *testing.T, p *profile.Profile, img image, s *container.Spec) error {
	t.Helper()
	spec := specs(p.Arch)[p.Name]
	if p.Models.At != spec.models {
		t.Errorf("the profile has its models at %s, the real one at %s", p.Models.At, spec.models)
	}
	f := situation(t, s, img, p.Arch, p.Models.At)
	if path.Ext(p.Models.At) == ".gguf" {
		// check reads the byte order of the machine the test runs on.
		if err := ggufOf(f.files, p.Models.At[1:], p.Arch == "s390x"); err != nil {
			return err
		}
		f.files = models(p.Models.At, runtime.GOARCH)
	}
	return spec.check(f)
}

// Every built-in profile satisfies its framework, on every architecture it has.
func TestBuiltInProfilesPass(t *testing.T) {
	everywhere(t, func(t *testing.T, p *profile.Profile, img image) {
		if err := faced(t, p, img, p.Stated); err != nil {
			t.Error(err)
		}
		if _, ok := p.Stated.Tmpfs["/tmp"]; !ok {
			t.Error("no /tmp")
		}
	})
}

// Each value that a profile states and its framework needs, taken away or changed,
// is refused: argument by argument, variable by variable.
func TestSingleChanges(t *testing.T) {
	everywhere(t, func(t *testing.T, p *profile.Profile, img image) {
		refuse := func(what string, change func(s *container.Spec)) {
			t.Helper()
			s := container.Clone(p.Stated)
			s.Env, s.Tmpfs, s.Ulimit = maps.Clone(s.Env), maps.Clone(s.Tmpfs), maps.Clone(s.Ulimit)
			s.Args = slices.Clone(s.Args)
			change(s)
			if err := faced(t, p, img, s); err == nil {
				t.Errorf("%s is accepted", what)
			}
		}
		for i, arg := range p.Stated.Args {
			if arg == img.program {
				continue
			}
			refuse("without "+arg, func(s *container.Spec) { s.Args = slices.Delete(s.Args, i, i+1) })
			refuse(arg+" changed", func(s *container.Spec) { s.Args[i] += "1" })
		}
		refuse("an unknown option", func(s *container.Spec) { s.Args = append(s.Args, "--no-such-option") })
		refuse("a writable root", func(s *container.Spec) { s.ReadOnly = false })
		refuse("few files", func(s *container.Spec) { s.Ulimit["nofile"] = container.Ulimit{Soft: 1024, Hard: 1024} })
		if p.Stated.User != "" {
			refuse("another user", func(s *container.Spec) { s.User = map[bool]string{true: "7:7", false: "0:0"}[p.Name == "zdlc"] })
		}
		if p.Stated.Workdir != "" {
			refuse("another directory", func(s *container.Spec) { s.Workdir = "/" })
		}
		if p.Stated.Init {
			refuse("no init", func(s *container.Spec) { s.Init = false })
		}
		if p.Stated.ShmSize > 64<<20 {
			refuse("a smaller shm", func(s *container.Spec) { s.ShmSize-- })
		}
		for name := range p.Stated.Env {
			if name == "PATH" {
				continue // tried by starting the program
			}
			refuse("without "+name, func(s *container.Spec) { delete(s.Env, name) })
			if name != "USER" { // any name will do
				refuse(name+" changed", func(s *container.Spec) { s.Env[name] = "/else" })
			}
		}
		for at, tmpfs := range p.Stated.Tmpfs {
			if at != "/run" && !(at == "/var/tmp" && specs(p.Arch)[p.Name].job == nil) && p.Name != "zdlc" && !spare[p.Name+" "+at] {
				refuse("no tmpfs at "+at, func(s *container.Spec) { delete(s.Tmpfs, at) })
			}
			if tmpfs.Exec {
				refuse("noexec on "+at, func(s *container.Spec) { tmpfs.Exec = false; s.Tmpfs[at] = tmpfs })
			}
		}
	})
}

// spare are scratch places that nothing here writes to.
var spare = map[string]bool{"tensorflow-serving /tmp": true}

// What no profile states is refused, too: each fact of a passing start changed.
func TestFacts(t *testing.T) {
	p, img := builtIn(t, "triton", "amd64"), images["triton"]
	spec := specs("amd64")["triton"]
	for name, change := range map[string]func(f *facts){
		"started as something else": func(f *facts) { f.program = "triton" },
		"has capabilities":          func(f *facts) { f.status["CapBnd"] = "00000000800405fb" },
		"NoNewPrivs":                func(f *facts) { f.status["NoNewPrivs"] = "0" },
		"Seccomp":                   func(f *facts) { f.status["Seccomp"] = "0" },
		"no models":                 func(f *facts) { f.files = fstest.MapFS{} },
		"not mounted read-only": func(f *facts) {
			real := f.place
			f.place = func(path string, runs bool) place {
				if path == "/models" {
					return place{}
				}
				return real(path, runs)
			}
		},
		"does not name the model": func(f *facts) { f.files.(fstest.MapFS)["models/add/config.pbtxt"].Data = []byte(`name: "sub"`) },
		"holds no factor":         func(f *facts) { f.files.(fstest.MapFS)["models/add/1/model.py"].Data = nil },
		"is given twice":          func(f *facts) { f.args = append(f.args, "--model-repository=/tmp") },
		"its port is 8000":        func(f *facts) { f.args = append(f.args, "--http-port=8005") },
	} {
		f := situation(t, p.Stated, img, "amd64", "/models")
		change(f)
		want := strings.TrimPrefix(name, "started as something else")
		if want == "" {
			want = "it is started as tritonserver"
		}
		if err := spec.check(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A model in the other byte order is refused.
func TestByteOrder(t *testing.T) {
	files := models("/models/model.gguf", "s390x")
	if err := ggufOf(files, "models/model.gguf", true); err != nil {
		t.Error(err)
	}
	if err := ggufOf(files, "models/model.gguf", false); err == nil || !strings.Contains(err.Error(), "byte order") {
		t.Error(err)
	}
	if got, err := factor(files, "models/model.gguf"); got != 3 || err != nil {
		t.Error(got, err)
	}
	if _, err := fs.Stat(files, "models/model.gguf"); err != nil || !bytes.Contains(files["models/model.gguf"].Data, []byte("factor")) {
		t.Error(err)
	}
}
