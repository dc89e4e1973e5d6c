package e2e

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// question is one request of a framework's own interface, and what the answer
// holds. The stand-in's model has the factor 3.
type question struct{ path, body, want string }

const kserveTensor = `{"inputs":[{"name":"x","shape":[3],"datatype":"INT32","data":[1,2,14]}]}`

var questions = map[string]question{
	"triton":             {"/v2/models/add/infer", kserveTensor, `"data":[3,6,42]`},
	"mlserver":           {"/v2/models/add/infer", kserveTensor, `"data":[3,6,42]`},
	"ovms":               {"/v2/models/model/infer", kserveTensor, `"data":[3,6,42]`},
	"tensorflow-serving": {"/v1/models/model:predict", `{"instances":[1,2,14]}`, `"predictions":[3,6,42]`},
	"llama-cpp":          {"/completion", `{"prompt":"on Z "}`, `"content":"on Z on Z on Z "`},
	"vllm":               {"/v1/completions", `{"model":"model","prompt":"on Z "}`, `"text":"on Z on Z on Z "`},
	"demo": {"/v2/models/pick/infer", `{"inputs":[{"name":"features","shape":[1,2],"datatype":"FP32","data":[1,9]}]}`,
		`"right"`},
}

// answers asks the server for something only the model's own content gives.
func (b *builtin) answers(url string) {
	b.t.Helper()
	if b.name == "jupyter" {
		b.asksForToken(url)
		return
	}
	q, ok := questions[b.name]
	if !ok {
		b.t.Fatalf("nobody knows what to ask %s", b.name)
	}
	status, head, body := b.fetch("POST", url+q.path, q.body)
	if status != 200 || !strings.Contains(body, q.want) {
		b.t.Errorf("POST %s answers %d %s, not %s", q.path, status, body, q.want)
	}
	b.p.saw("POST %s%s answers %s", url, q.path, body)
	if early := head.Get("Standin-Early-Requests"); b.name == "llama-cpp" && (early == "" || early == "0") {
		b.t.Errorf("nobody asked while the model was loading: %q", early)
	} else if early != "" && early != "0" {
		b.p.saw("zlaunch was told 503 %s times before the model was loaded", early)
	}
}

// asksForToken wants a notebook to answer with the token of its log, and not
// without.
func (b *builtin) asksForToken(url string) {
	b.t.Helper()
	logs := b.zlaunch("logs", b.container())
	token := regexp.MustCompile(`token=(\w+)`).FindStringSubmatch(logs.stdout + logs.stderr)
	if token == nil {
		b.t.Fatalf("no token in the log: %s%s", logs.stdout, logs.stderr)
	}
	if status, _, _ := b.fetch("GET", url+"/api/status", ""); status != 403 {
		b.t.Errorf("without the token it answers %d", status)
	}
	status, _, body := b.fetch("GET", url+"/api/status?token="+token[1], "")
	if status != 200 || body != `{"kernels":3}` {
		b.t.Errorf("with the token it answers %d %s", status, body)
	}
	b.p.saw("GET %s/api/status answers 403, and with the token of the log %s", url, body)
}

// promises are what a job prints once it has done its work.
var promises = map[string]string{"zdlc": "standin zdlc: wrote /output/model.so"}

// works runs a job, attached, whose input stays open until it was looked at.
func (b *builtin) works() {
	b.t.Helper()
	if b.name == "zdlc" {
		b.helps()
		b.args = []string{"--EmitLib", "--O3", "-march=z16", "--mtriple=s390x-ibm-loz", "-o", "/output/model", "/models/model.onnx"}
	}
	want, ok := promises[b.name]
	if !ok {
		want = "standin " + b.name + ": 14 times 3 is 42"
	}
	b.planOwn("-i")
	j := b.begin(b.line(append([]string{"run", "-i"}, b.swap()...)...)...)
	defer j.end()
	for j.lines.Scan() && j.lines.Text() != want {
		b.t.Log(j.lines.Text())
	}
	if j.lines.Text() != want {
		j.end()
		b.t.Fatalf("it said %q last, not %q: %s", j.lines.Text(), want, &j.stderr)
	}
	b.samePlan(b.record(os.Getenv("XDG_RUNTIME_DIR") + "/zlaunch/attached-*.json"))
	b.examine()
	if code := j.end(); code != 0 {
		b.t.Errorf("it ended with %d: %s", code, &j.stderr)
	}
	b.p.saw("attached, it said %q and ended with 0", want)
	b.results()
}

// helps runs zdlc as the profile has it: it prints its options.
func (b *builtin) helps() {
	b.t.Helper()
	got := b.zlaunch(b.line(append([]string{"run"}, b.swap()...)...)...)
	if got.code != 0 || !strings.Contains(got.stdout, "usage: zdlc") {
		b.t.Errorf("without arguments it ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

// results looks at what a job wrote to its output directory.
func (b *builtin) results() {
	b.t.Helper()
	if b.name != "zdlc" {
		return
	}
	data, err := os.ReadFile(filepath.Join(b.output, "model.so"))
	if err != nil || string(data) != "compiled with factor 3\n" {
		b.t.Errorf("/output/model.so holds %q (%v)", data, err)
	}
	info, err := os.Stat(filepath.Join(b.output, "model.so"))
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
		b.t.Errorf("the result is not the caller's: %v", err)
	}
	b.p.saw("/output/model.so, uid %d: %s", os.Getuid(), data)
}

// job is an attached run whose input is held open.
type job struct {
	cmd    *exec.Cmd
	in     io.Closer
	lines  *bufio.Scanner
	stderr bytes.Buffer
	ended  bool
}

func (b *builtin) begin(args ...string) *job {
	b.t.Helper()
	j := &job{cmd: b.command(lab.zlaunch, args...)}
	in, err := j.cmd.StdinPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := j.cmd.StdoutPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	j.in, j.lines, j.cmd.Stderr = in, bufio.NewScanner(out), &j.stderr
	if err := j.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	return j
}

// end closes the job's input, reads the rest of what it says, and returns its
// exit status.
func (j *job) end() int {
	if !j.ended {
		j.ended = true
		j.in.Close()
		for j.lines.Scan() {
		}
		j.cmd.Wait()
	}
	return j.cmd.ProcessState.ExitCode()
}
