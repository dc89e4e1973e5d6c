package e2e

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// standin is the image that stands in for a built-in profile's: the programs of
// the real one's names and places, and its configuration where it is published.
type standin struct {
	programs []string          // each of them is the stand-in
	config   []string          // changes of podman import
	users    string            // lines of /etc/passwd
	files    map[string]string // of the image, by path
	program  string            // the package it is built from; "" test/standin
}

// The user of IBM's images. No document tells its number: not 1000 here, so that
// nothing takes that for granted.
const ibmUser = "ibm-user:x:1010:1010::/home/ibm-user:/bin/bash\n"

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// standins are the images by profile; those of IBM's own are by PROFILE/s390x.
// What is published of the real ones' configuration stands here; where nothing
// is, as for IBM's libraries, nothing is set but the user.
var standins = map[string]standin{
	"triton": {programs: []string{"/opt/tritonserver/bin/tritonserver", "/opt/nvidia/nvidia_entrypoint.sh"},
		config: []string{"ENV PATH=/opt/tritonserver/bin:" + defaultPath, "WORKDIR /opt/tritonserver", `ENTRYPOINT ["/opt/nvidia/nvidia_entrypoint.sh"]`},
		users:  "triton-server:x:1000:1000::/home/triton-server:/bin/bash\n"},
	"triton/s390x": {programs: []string{"/opt/tritonserver/bin/tritonserver"},
		config: []string{"ENV PATH=/opt/tritonserver/bin:" + defaultPath, "USER ibm-user"}, users: ibmUser},
	"tensorflow-serving": {programs: []string{"/usr/bin/tensorflow_model_server", "/usr/bin/tf_serving_entrypoint.sh"},
		config: []string{"ENV MODEL_BASE_PATH=/models", "ENV MODEL_NAME=model", "EXPOSE 8500", "EXPOSE 8501", `ENTRYPOINT ["/usr/bin/tf_serving_entrypoint.sh"]`}},
	"tensorflow-serving/s390x": {programs: []string{"/usr/local/bin/tensorflow_model_server"}, config: []string{"USER ibm-user"}, users: ibmUser},
	"tensorflow":               {programs: []string{"/usr/local/bin/python"}, config: []string{`CMD ["/bin/bash"]`}},
	"tensorflow/s390x":         {programs: []string{"/opt/venv/bin/python"}, config: []string{"USER ibm-user"}, users: ibmUser, files: ibmHome},
	"pytorch": {programs: []string{"/opt/conda/bin/python"},
		config: []string{"ENV PATH=/opt/conda/bin:" + defaultPath, "WORKDIR /workspace"}},
	"pytorch/s390x": {programs: []string{"/usr/local/bin/python"}, config: []string{"USER ibm-user"}, users: ibmUser, files: ibmHome},
	"snapml/s390x":  {programs: []string{"/usr/local/bin/python"}, config: []string{"USER ibm-user"}, users: ibmUser, files: ibmHome},
	"zdlc/s390x": {programs: []string{"/usr/local/bin/zdlc"}, config: []string{"WORKDIR /workdir", `ENTRYPOINT ["zdlc"]`},
		files: map[string]string{"/workdir/README": "a build makes the WORKDIR\n"}},
	"python": {programs: []string{"/usr/local/bin/python3"}, config: []string{`CMD ["python3"]`}},
	"llama-cpp": {programs: []string{"/app/llama-server"},
		config: []string{"ENV LLAMA_ARG_HOST=0.0.0.0", "WORKDIR /app", `ENTRYPOINT ["/app/llama-server"]`}},
	"llama-cpp/s390x": {programs: []string{"/llama.cpp/bin/llama-server"},
		config: []string{"ENV LLAMA_ARG_HOST=0.0.0.0", "WORKDIR /llama.cpp/bin", "EXPOSE 8080", `ENTRYPOINT ["/llama.cpp/bin/llama-server"]`}},
	"vllm": {programs: []string{"/usr/local/bin/vllm"}, config: []string{`ENTRYPOINT ["vllm","serve"]`, "WORKDIR /vllm-workspace"},
		users: "vllm:x:2000:0::/home/vllm:/bin/bash\n", files: map[string]string{"/vllm-workspace/README": "a build makes the WORKDIR\n"}},
	"ovms": {programs: []string{"/ovms/bin/ovms"}, config: []string{"USER ovms", "ENV LD_LIBRARY_PATH=/ovms/lib", `ENTRYPOINT ["/ovms/bin/ovms"]`},
		users: "ovms:x:5000:5000::/home/ovms:/bin/bash\n"},
	"mlserver": {programs: []string{"/bin/bash", "/opt/conda/bin/mlserver"},
		config: []string{"ENV MLSERVER_MODELS_DIR=/mnt/models", "ENV MLSERVER_ENV_TARBALL=/mnt/models/environment.tar.gz", "ENV MLSERVER_PATH=/opt/mlserver",
			"ENV CONDA_PATH=/opt/conda", "ENV PATH=/opt/mlserver/.local/bin:/opt/conda/bin:" + defaultPath, "ENV HF_HOME=/opt/mlserver/.cache",
			"ENV NUMBA_CACHE_DIR=/opt/mlserver/.cache", "WORKDIR /opt/mlserver", "USER 1000", `CMD ["/bin/bash","-c","` + mlserverCommand + `"]`},
		users: "mlserver:x:1000:1000::/opt/mlserver:/bin/bash\n", files: map[string]string{"/opt/mlserver/hack/activate-env.sh": "#!/bin/bash\n"}},
	"jupyter": {programs: []string{"/usr/bin/tini", "/usr/local/bin/start.sh", "/usr/local/bin/start-notebook.py"},
		config: []string{"ENV CONDA_DIR=/opt/conda", "ENV NB_USER=jovyan", "ENV NB_UID=1000", "ENV NB_GID=100", "ENV LC_ALL=C.UTF-8", "ENV LANG=C.UTF-8",
			"ENV PATH=/opt/conda/bin:" + defaultPath, "ENV HOME=/home/jovyan", "ENV JUPYTER_PORT=8888", "EXPOSE 8888", "USER 1000", "WORKDIR /home/jovyan",
			`ENTRYPOINT ["tini","-g","--","start.sh"]`, `CMD ["start-notebook.py"]`},
		users: "jovyan:x:1000:100::/home/jovyan:/bin/bash\n"},
	"demo": {programs: []string{"/zlaunch-demo"}, program: "../../cmd/zlaunch-demo", users: "ibm-user:x:1000:1000:ibm-user:/tmp:/sbin/nologin\n",
		config: []string{"USER ibm-user", "WORKDIR /", "EXPOSE 8000", "EXPOSE 8001", `ENTRYPOINT ["/zlaunch-demo"]`, `CMD ["--model-repository=/models"]`}},
}

// mlserverCommand is what the CMD of MLServer's image has its shell run.
const mlserverCommand = ". $CONDA_PATH/etc/profile.d/conda.sh && source ./hack/activate-env.sh $MLSERVER_ENV_TARBALL && mlserver start $MLSERVER_MODELS_DIR"

// ibmHome is a home that a mount must not hide: it has what an interactive shell
// reads.
var ibmHome = map[string]string{"/home/ibm-user/.bashrc": "source /opt/venv/bin/activate\n"}

// standinOf is the stand-in for a profile's image of this machine's architecture.
func standinOf(profile string) (standin, bool) {
	if s, ok := standins[profile+"/"+runtime.GOARCH]; ok {
		return s, true
	}
	s, ok := standins[profile]
	return s, ok
}

func standinImage(profile string) string { return "localhost/zlaunch-standin-" + profile + ":latest" }

// build imports the image, which is FROM scratch.
func (s standin) build(t *testing.T, profile string) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root")
	if err := s.lay(root, profile); err != nil {
		t.Fatal(err)
	}
	args := []string{"-ec", `tar -C "$1" --numeric-owner --owner=0 --group=0 -cf "$1.tar" .; shift; exec podman import -q "$@"`, "sh", root}
	for _, c := range s.config {
		args = append(args, "-c", c)
	}
	args = append(args, root+".tar", standinImage(profile))
	if out, err := exec.Command("sh", args...).CombinedOutput(); err != nil {
		t.Fatalf("importing the stand-in for %s: %v\n%s", profile, err, out)
	}
}

// lay makes the image's root tree.
func (s standin) lay(root, profile string) error {
	files := map[string]string{"/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n" + s.users, "/etc/group": "root:x:0:\nusers:x:100:\n", "/etc/standin": profile + "\n"}
	for name, text := range s.files {
		files[name] = text
	}
	for _, dir := range []string{"tmp", "run", "var/tmp", "proc", "sys", "dev", "root"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	for _, dir := range []string{"tmp", "var/tmp"} { // as in any image: the runtime gives a tmpfs over it the same mode
		if err := os.Chmod(filepath.Join(root, dir), 0o777|os.ModeSticky); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := writeTree(filepath.Join(root, name), []byte(text)); err != nil {
			return err
		}
	}
	return s.link(root)
}

// link puts the program at each of its places, one file with many names.
func (s standin) link(root string) error {
	pkg := s.program
	if pkg == "" {
		pkg = "../standin"
	}
	for i, name := range s.programs {
		at := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		var err error
		if i == 0 {
			err = program(at, pkg)
		} else {
			err = os.Link(filepath.Join(root, s.programs[0]), at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func writeTree(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// modelOf makes a model of the layout that a profile takes, and returns what
// --models is given. The stand-in computes with its factor, 3. Owner alone may read
// it, as models are.
func modelOf(t *testing.T, profile, dir string) string {
	t.Helper()
	const weights = "weights\nfactor 3\n"
	files := map[string]string{"weights.txt": weights}
	switch profile {
	case "triton":
		files = map[string]string{"add/config.pbtxt": "name: \"add\"\nbackend: \"python\"\n", "add/1/model.py": "# " + weights}
	case "tensorflow-serving":
		files = map[string]string{"1/saved_model.pb": weights}
	case "ovms":
		files = map[string]string{"1/model.xml": "<net/>", "1/model.bin": weights}
	case "vllm":
		files = map[string]string{"config.json": "{}", "tokenizer.json": "{}", "model.safetensors": weights}
	case "mlserver":
		files = map[string]string{"add/model.joblib": weights,
			"add/model-settings.json": `{"name":"add","implementation":"mlserver_sklearn.SKLearnModel","parameters":{"uri":"./model.joblib"}}`}
	case "llama-cpp":
		files = map[string]string{"model.gguf": string(binary.NativeEndian.AppendUint32([]byte("GGUF"), 3)) + weights}
	case "zdlc":
		files = map[string]string{"model.onnx": weights}
	case "demo":
		files = map[string]string{"pick/1/model.json": `{"kind":"linear-softmax","features":["a","b"],"labels":["left","right"],"weights":[[1,0],[0,1]],"bias":[0,0]}`}
	}
	for name, text := range files {
		if err := writeTree(filepath.Join(dir, name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("chmod", "-R", "go=", dir).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	if profile == "llama-cpp" {
		return filepath.Join(dir, "model.gguf")
	}
	return dir
}

// removeStandins takes the images away that were built.
func (w *world) removeStandins() {
	var built []string
	for _, name := range strings.Fields(w.podman("images", "--format", "{{.Repository}}:{{.Tag}}").stdout) {
		if strings.HasPrefix(name, "localhost/zlaunch-standin-") {
			built = append(built, name)
		}
	}
	if slices.Sort(built); len(built) > 0 {
		if got := w.podman(append([]string{"rmi", "-f"}, built...)...); got.code != 0 {
			fmt.Fprintln(os.Stderr, "e2e: removing the stand-ins:", got.stderr)
		}
	}
}
