package kube

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// modelFiles are the files of a model of each built-in profile that cannot do without, as
// small as its layout allows.
var modelFiles = map[string][]string{
	"demo":               {"pick/1/model.json"},
	"llama-cpp":          {"model.gguf"},
	"mlserver":           {"add/model.joblib", "add/model-settings.json"},
	"ovms":               {"1/model.xml", "1/model.bin"},
	"tensorflow-serving": {"1/saved_model.pb"},
	"triton":             {"add/config.pbtxt", "add/1/model.py"},
	"vllm":               {"config.json", "tokenizer.json", "model.safetensors"},
}

// modelTexts are those whose content is looked at; all others say "weights".
var modelTexts = map[string]string{
	"model.json":          `{"kind":"linear-softmax","features":["a","b"],"labels":["l","r"],"weights":[[1,0],[0,1]],"bias":[0,0]}`,
	"model.gguf":          "GGUF\x03\x00\x00\x00weights",
	"model-settings.json": `{"name":"add","implementation":"mlserver_sklearn.SKLearnModel","parameters":{"uri":"./model.joblib"}}`,
	"config.pbtxt":        "name: \"add\"\nbackend: \"python\"\n",
	"config.json":         "{}", "tokenizer.json": "{}",
}

// models makes a model for a profile and gives the options that name it.
func models(t testing.TB, profile, arch string) []string {
	files := modelFiles[profile]
	if files == nil {
		return nil
	}
	dir := filepath.Join(t.TempDir(), "models")
	for _, name := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		text, ok := modelTexts[filepath.Base(name)]
		if !ok {
			text = "weights"
		}
		if arch == "s390x" && name == "model.gguf" { // its numbers are those of the machine
			text = "GGUF\x00\x00\x00\x03weights"
		}
		write(t, path, []byte(text))
	}
	if len(files) == 1 && files[0] == filepath.Base(files[0]) {
		dir = filepath.Join(dir, files[0])
	}
	return []string{"--models", dir}
}

// exported is a profile in a form, and what was allowed to be lost: all that zlaunch names.
func exported(t testing.TB, program, form, profile, arch string, more ...string) (manifests []byte, lost string) {
	t.Helper()
	args := append([]string{"export", profile, "--to", form, "--arch", arch}, models(t, profile, arch)...)
	args = append(args, more...)
	out, err := exec.Command(program, args...).Output()
	if err == nil {
		return out, ""
	}
	said := string(err.(*exec.ExitError).Stderr)
	m := regexp.MustCompile(`--allow-loss (\S+) writes`).FindStringSubmatch(said)
	if m == nil {
		t.Fatalf("%v: %s", args, said)
	}
	out, err = exec.Command(program, append(args, "--allow-loss", m[1])...).Output()
	if err != nil {
		t.Fatalf("%v, with --allow-loss %s: %s", args, m[1], err.(*exec.ExitError).Stderr)
	}
	return out, m[1]
}

// profile is a built-in one, with the architectures that it has an image for.
type profile struct {
	Name, Kind string
	Archs      []string
}

func profiles(t testing.TB, program string) []profile {
	out, err := exec.Command(program, "list", "--json").Output()
	var doc struct{ Profiles []profile }
	if err == nil {
		err = json.Unmarshal(out, &doc)
	}
	if err != nil || len(doc.Profiles) == 0 {
		t.Fatalf("%v: %s", err, out)
	}
	return doc.Profiles
}

// asRoot are the profiles whose images run as root in the container, and say why; a
// restricted namespace takes none.
var asRoot = map[string]bool{"zdlc": true}

// Every profile's manifests are admitted, strictly, into a namespace whose pods must meet
// the restricted Pod Security Standard, but those of asRoot.
func TestProfilesAdmitted(t *testing.T) {
	s, program := Start(t, programs(t)), zlaunch(t)
	if err := s.Namespace("models"); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range profiles(t, program) {
		for _, arch := range p.Archs {
			manifests, lost := exported(t, program, "kube", p.Name, arch)
			err := s.Admit("models", manifests)
			if asRoot[p.Name] {
				if err == nil || !strings.Contains(err.Error(), "runAsUser=0") {
					t.Errorf("%s on %s runs as root in its container: %v", p.Name, arch, err)
				}
			} else if err != nil {
				t.Errorf("%s on %s: %v\n%s", p.Name, arch, err, manifests)
			}
			t.Logf("%s on %s, without %s", p.Name, arch, lost)
			n++
		}
	}
	if n < 20 {
		t.Errorf("only %d manifests were held against the server", n)
	}
}

// The same manifests weakened by hand are refused: the server looks at what zlaunch wrote.
func TestWeakenedRefused(t *testing.T) {
	s, program := Start(t, programs(t)), zlaunch(t)
	if err := s.Namespace("models"); err != nil {
		t.Fatal(err)
	}
	manifests, _ := exported(t, program, "kube", "jupyter", "amd64")
	text := string(manifests)
	for _, c := range []struct{ was, is string }{
		{"allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"},
		{"hostUsers: false", "hostUsers: true"},
		{"type: RuntimeDefault", "type: Unconfined"},
		{"drop: [ALL]", "drop: [CHOWN]"},
		{"hostUsers: false", "hostUsers: false\n      hostNetwork: true"},
		{"hostUsers: false", "hostUsers: false\n      hostPID: true"},
		{"readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"},
		{"emptyDir:\n            medium: Memory\n            sizeLimit: 16Mi", "hostPath: {path: /}"},
	} {
		weak := strings.Replace(text, c.was, c.is, 1)
		if c.is == "hostUsers: true" { // with a user namespace of its own, a pod may run as root
			weak = strings.Replace(weak, "runAsNonRoot: true", "runAsNonRoot: false", 1)
		}
		if weak == text {
			t.Errorf("the manifests have no %q:\n%s", c.was, text)
			return
		}
		err := s.Admit("models", []byte(weak))
		if err == nil {
			t.Errorf("%q in place of %q is admitted", c.is, c.was)
			continue
		}
		line, _, _ := strings.Cut(err.Error(), "\n")
		t.Logf("%s: %.200s", c.is, line)
	}
}
