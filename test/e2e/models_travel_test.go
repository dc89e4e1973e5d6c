package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// packedModel is a model tree of several files, one of which may be run; the weights have that
// many bytes.
func packedModel(t *testing.T, weights int) string {
	t.Helper()
	dir := t.TempDir()
	random := rand.NewChaCha8([32]byte{1})
	data := make([]byte, weights)
	_, _ = random.Read(data)
	for name, text := range map[string][]byte{"model.bin": data, "a/config.json": []byte("{}"), "b/config.json": []byte("{}"), "which": []byte("good"), "empty": nil} {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "which"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// moved is what the commands of travelling models say in JSON.
type moved struct {
	Ref, Manifest, Digest, Path string
	Fetched                     int64
	Models                      []struct {
		Manifest, Damage string
		Runs             []string
	}
}

// model runs zlaunch model, which is to end with that status, and reads its JSON.
func (w *world) model(status int, args ...string) (out moved) {
	w.t.Helper()
	got := w.zlaunch(append([]string{"model"}, args...)...)
	if got.code != status {
		w.t.Fatalf("zlaunch model %v: %d, want %d\n%s%s", args, got.code, status, got.stdout, got.stderr)
	}
	if strings.HasPrefix(got.stdout, "{") {
		if err := json.Unmarshal([]byte(got.stdout), &out); err != nil {
			w.t.Fatalf("%v: %s", err, got.stdout)
		}
	}
	return out
}

// A model goes through a registry into the store, and a run has it from there: the same digest,
// read-only, and not while somebody has changed it.
func TestModelTravels(t *testing.T) {
	p := shows(t, "models", "a model is pushed to docker-registry, pulled into the store and run from there by its digest; what a container mounts is not removed")
	w := newWorld(t)
	registry, dir := aRegistry(t, p), packedModel(t, 1<<20)
	ref := "oci://" + registry + "/ml/travels:1"
	digest := w.model(0, "digest", dir, "--json")
	pushed := w.model(0, "push", dir, ref, "--json")
	if again := w.model(0, "push", dir, ref, "--json"); again.Manifest != pushed.Manifest {
		t.Errorf("pushed again it is %s, and was %s", again.Manifest, pushed.Manifest)
	}
	if got := w.zlaunch(run("job", "--models", ref, "--", "read", "/models/which")...); got.code != 125 || !strings.Contains(got.stderr, "zlaunch model pull "+ref) {
		t.Errorf("not pulled yet: %d\n%s", got.code, got.stderr)
	}
	pulled := w.model(0, "pull", ref, "--json")
	t.Cleanup(func() { w.zlaunch("stop", "zlaunch-web"); w.zlaunch("model", "rm", pulled.Ref) })
	if pulled.Digest != digest.Digest || pulled.Manifest != pushed.Manifest || pulled.Fetched == 0 {
		t.Errorf("%+v, and was %+v", pulled, digest)
	}
	p.saw("pushed and pulled %s, the tree %s", pulled.Manifest, pulled.Digest)
	for _, models := range []string{ref, pulled.Ref, pulled.Manifest} {
		if got := w.zlaunch(run("job", "--models", models, "--model-digest", digest.Digest, "--", "read", "/models/which")...); got.code != 0 || got.stdout != "good" {
			t.Errorf("%s: %d, %q\n%s", models, got.code, got.stdout, got.stderr)
		}
	}
	before := w.settled()
	if got := w.zlaunch(run("-d", "web", "--models", ref, "-p", "18477:http")...); got.code != 0 {
		t.Fatalf("%d\n%s", got.code, got.stderr)
	}
	list := w.model(0, "list", "--check", "--json")
	if i := len(list.Models) - 1; i < 0 || !strings.Contains(fmt.Sprint(list.Models), "zlaunch-web") {
		t.Errorf("the list: %+v", list)
	}
	if got := w.zlaunch("model", "rm", ref); got.code != 3 || !strings.Contains(got.stderr, "the container zlaunch-web mounts it") {
		t.Errorf("removed: %d\n%s", got.code, got.stderr)
	} else {
		p.saw("%s", lineWith(got.stderr, "mounts it"))
	}
	if got := w.zlaunch("diff", "zlaunch-web"); got.code != 0 {
		t.Errorf("diff: %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	w.zlaunch("stop", "zlaunch-web")
	w.changedInStore(p, pulled, ref)
	w.unchanged(before)
}

// changedInStore shows what a file that somebody changed in the store comes to, and removes the
// model.
func (w *world) changedInStore(p *proof, pulled moved, ref string) {
	at := filepath.Join(pulled.Path, "which")
	if err := os.Chmod(at, 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte("evil"), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if got := w.zlaunch(run("job", "--models", ref, "--", "read", "/models/which")...); got.code != 125 || !strings.Contains(got.stderr, "the store wants "+pulled.Digest) {
		w.t.Errorf("changed in the store: %d, %q\n%s", got.code, got.stdout, got.stderr)
	} else {
		p.saw("%s", lineWith(got.stderr, "the store wants"))
	}
	w.model(1, "list", "--check", "--json")
	w.model(0, "rm", ref)
	if _, err := os.Stat(pulled.Path); err == nil {
		w.t.Error("the tree is still there")
	}
}

// A profile names its models by digest; a run of it that names none has those.
func TestModelSource(t *testing.T) {
	p := shows(t, "models", "a profile has models of the store as its source: a run without --models has them")
	w := newWorld(t)
	registry := aRegistry(t, p)
	ref := "oci://" + registry + "/ml/source:1"
	pushed := w.model(0, "push", packedModel(t, 1000), ref, "--json")
	w.write("zlaunch/profiles.toml", strings.Replace(profiles, `layout = "any" }`, fmt.Sprintf(`layout = "any", source = %q }`, pushed.Ref), 1))
	if got := w.zlaunch(run("job", "--", "read", "/models/which")...); got.code != 125 || !strings.Contains(got.stderr, "zlaunch model pull "+pushed.Ref) {
		t.Errorf("not pulled yet: %d\n%s", got.code, got.stderr)
	}
	w.model(0, "pull", pushed.Ref)
	t.Cleanup(func() { w.zlaunch("model", "rm", pushed.Ref) })
	if got := w.zlaunch(run("job", "--", "read", "/models/which")...); got.code != 0 || got.stdout != "good" {
		t.Errorf("%d, %q\n%s", got.code, got.stdout, got.stderr)
	}
	p.saw("%s", pushed.Ref)
}

// ownStore gives a world a store of its own, for what needs no engine.
func (w *world) ownStore() {
	data := w.t.TempDir()
	w.env = append(w.env, "XDG_DATA_HOME="+data)
	w.t.Cleanup(func() { _ = exec.Command("chmod", "-R", "u+w", data).Run() })
}

// pullKills is how often a pull is killed; ZLAUNCH_E2E_PULLKILLS asks for more.
const pullKills = 8

// A pull that is killed at whatever moment leaves nothing half: no model is listed that is not
// whole, and the next pull goes on with what came.
func TestModelPullKilled(t *testing.T) {
	p := shows(t, "models", "a pull from docker-registry is killed by SIGKILL at random moments: nothing half is a model, and the next pull goes on")
	w := newWorld(t)
	registry, dir := aRegistry(t, p), packedModel(t, 64<<20)
	ref := "oci://" + registry + "/ml/killed:1"
	w.model(0, "push", dir, ref)
	n := pullKills
	if asked, err := strconv.Atoi(os.Getenv("ZLAUNCH_E2E_PULLKILLS")); err == nil {
		n = asked
	}
	w.ownStore()
	whole := w.timed(ref)
	none, done, resumed, left := 0, 0, 0, 0
	for range n {
		w.env = w.env[:len(w.env)-1]
		w.ownStore()
		for range 1 + rand.IntN(3) {
			w.killedPull(ref, rand.N(whole))
		}
		switch list := w.model(0, "list", "--check", "--json"); len(list.Models) {
		case 0:
			none++
		default:
			done++
		}
		size := downloaded(w)
		got := w.model(0, "pull", ref, "--json")
		if size > 0 {
			left++
			if got.Fetched <= 64<<20-size+8 {
				resumed++
			}
		}
		if list := w.model(0, "list", "--check", "--json"); len(list.Models) != 1 || downloaded(w) != 0 {
			t.Fatalf("%+v, %d bytes left", list, downloaded(w))
		}
	}
	p.saw("of %d that were killed within %s %d left a whole model and %d none; of %d that left a part the next went on with %d", n, whole.Round(time.Millisecond), done, none, left, resumed)
	if left != resumed {
		t.Errorf("%d parts were fetched anew", left-resumed)
	}
}

// timed pulls once and tells how long it took.
func (w *world) timed(ref string) time.Duration {
	begun := time.Now()
	w.model(0, "pull", ref)
	return time.Since(begun)
}

func (w *world) killedPull(ref string, after time.Duration) {
	cmd := w.command(lab.zlaunch, "model", "pull", ref)
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// downloaded is how many bytes are left of downloads.
func downloaded(w *world) (n int64) {
	_, data, _ := strings.Cut(w.env[len(w.env)-1], "=")
	files, _ := filepath.Glob(filepath.Join(data, "zlaunch/models/downloads/*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			n += info.Size()
		}
	}
	return n
}

// skopeo, of Debian, copies what zlaunch pushed to a layout: its blobs are the files, and from
// there zlaunch pulls the same model.
func TestModelSkopeo(t *testing.T) {
	p := shows(t, "models", "Debian's skopeo copies a pushed model to a layout: its blobs are the model's files, and it is pulled from there again")
	w := newWorld(t)
	skopeo, err := exec.LookPath("skopeo")
	if err != nil {
		p.lacks("skopeo: %v; launcher/model/travel pulls from layouts of zlaunch's own", err)
	}
	registry, dir := aRegistry(t, p), packedModel(t, 1000)
	pushed := w.model(0, "push", dir, "oci://"+registry+"/ml/copied:1", "--json")
	to := filepath.Join(t.TempDir(), "usb")
	if got := w.do(w.command(skopeo, "--insecure-policy", "copy", "--src-tls-verify=false", "docker://"+registry+"/ml/copied:1", "oci:"+to+":1")); got.code != 0 {
		t.Fatalf("skopeo: %s", got.stderr)
	}
	for _, name := range []string{"model.bin", "a/config.json", "which", "empty"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		if copied, err := os.ReadFile(filepath.Join(to, "blobs/sha256", hex.EncodeToString(sum[:]))); err != nil || string(copied) != string(text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.ownStore()
	if got := w.model(0, "pull", "dir:"+to+":1", "--json"); got.Manifest != pushed.Manifest || got.Digest != pushed.Digest {
		t.Errorf("%+v, and was %+v", got, pushed)
	}
	p.saw("%s, the same through skopeo", pushed.Manifest)
}

// lineWith is the first line that has a text in it.
func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}
