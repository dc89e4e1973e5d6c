package e2e

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What a plan is drawn from: users of images and of command lines, user namespaces,
// and who owns the model with which mode.
var (
	drawnUsers = []string{"", "0", "root", "0:1000", "1000", "1000:1000", "1000:0", "1000:ibm-user", "ibm-user", "ibm-user:0", "nobody",
		"2000", "2000:100", strconv.Itoa(os.Getuid()), "65534:65534", "65535", "65536", "65537", "70000", "70000:0", "70000:70000", "200000:5", "2147483647"}
	drawnUserns = []string{"", "", "", "", "", "", "", "", "", "host", "host", "nomap", "nomap", "auto", "auto", "keep-id", "keep-id", "auto:size=1500", "auto:size=70000", "private", "keep-id", "keep-id:uid=1000", "keep-id:gid=0",
		"keep-id:uid=1000,gid=1000", "keep-id:uid=1000,gid=1000", "keep-id:uid=1000,gid=0", "keep-id:uid=0,gid=0", "keep-id:uid=70000,gid=70000", "keep-id:uid=2000,gid=100,size=3000"}
	drawnOwners = []string{"", "", "", "1:1", "1000:1000", "1001:1001", "0:1001"} // as podman unshare chown has them; "" is the caller
	drawnModes  = []os.FileMode{0o600, 0o600, 0o640, 0o644, 0o644, 0o644, 0o604, 0o400, 0o040, 0}
)

// drawn is one plan: an image's USER, the options of the run, the model.
type drawn struct {
	image, user, userns, owner string
	mode, dir                  os.FileMode
}

func draw(r *rand.Rand) drawn {
	d := drawn{pick(r, drawnUsers), "", pick(r, drawnUserns), pick(r, drawnOwners), pick(r, drawnModes), pick(r, []os.FileMode{0o700, 0o755, 0o755})}
	if r.IntN(3) == 0 {
		d.user = pick(r, drawnUsers[1:])
	}
	return d
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (d drawn) args(model string) []string {
	args := []string{"--waive", "ZL-104=a test host", "--fail-on", "critical", "job", "--image", drawnImage(d.image), "--models", model}
	for option, value := range map[string]string{"--user": d.user, "--userns": d.userns} {
		if value != "" {
			args = append(args, "--podman-arg="+option+"="+value)
		}
	}
	return append(args, "--", "read", "/models/model.bin")
}

// drawnImage names the test image with another USER.
func drawnImage(user string) string {
	return fmt.Sprintf("localhost/zlaunch-e2e-user-%d:latest", slices.Index(drawnUsers, user))
}

// A plan is refused, or its workload runs as the user it names and reads its models:
// none dies in the engine or in the OCI runtime. ZLAUNCH_E2E_PLANS is how many are
// drawn; the draw is the same each time.
func TestDrawnPlans(t *testing.T) {
	p := shows(t, "identity", "plans drawn over images' users, user namespaces, owners and modes of models: refused by the plan, or served")
	w := newWorld(t)
	for _, user := range drawnUsers {
		change := []string{"import", "-q", "-c", `ENTRYPOINT ["/workload"]`, filepath.Join(lab.home, "root-1000.tar"), drawnImage(user)}
		if user != "" {
			change = slices.Insert(change, 2, "-c", "USER "+user)
		}
		if got := w.podman(change...); got.code != 0 {
			t.Fatal(got.stderr)
		}
		defer w.podman("rmi", drawnImage(user))
	}
	before := w.settled()
	n, err := strconv.Atoi(os.Getenv("ZLAUNCH_E2E_PLANS"))
	if err != nil {
		n = 30
	}
	r, told := rand.New(rand.NewPCG(12, 7)), map[string]int{}
	for i := range n {
		d := draw(r)
		how := w.fate(d, filepath.Join(w.dir, fmt.Sprint("m", i)))
		told[how]++
		t.Logf("%3d %+v: %s", i, d, how)
	}
	for _, how := range sorted(keys(told)) {
		p.saw("%3d of %d: %s", told[how], n, how)
	}
	if told["served"] < n/5 {
		t.Errorf("%d of %d are served", told["served"], n)
	}
	w.unchanged(before)
}

func keys(m map[string]int) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

// fails is the control: podman by hand cannot do it either.
func (w *world) fails(d drawn, model string) {
	w.t.Helper()
	if d.userns == "" || strings.HasPrefix(d.userns, "auto") {
		return // zlaunch derives one; which sub-ids auto takes is luck
	}
	args := []string{"run", "--rm", "--network=none", "--cap-drop=all", "--userns=" + d.userns, "--user=" + cmp.Or(d.user, d.image, "0"),
		"-v", model + ":/models:ro,z", drawnImage(""), "read", "/models/model.bin"}
	if got := w.podman(args...); got.code == 0 {
		w.t.Errorf("%+v is refused, and podman serves it", d)
	}
}

// fate plans and runs what was drawn, and says how it went.
func (w *world) fate(d drawn, model string) string {
	w.t.Helper()
	makeModel(w.t, model)
	file := filepath.Join(model, "model.bin")
	if d.owner != "" {
		if out, err := exec.Command("podman", "unshare", "sh", "-c", fmt.Sprintf("chmod %o %s; chown %s %[2]s", d.mode, file, d.owner)).CombinedOutput(); err != nil {
			w.t.Fatalf("%s: %v", out, err)
		}
	} else if err := os.Chmod(file, d.mode); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Chmod(model, d.dir); err != nil {
		w.t.Fatal(err)
	}
	plan := w.zlaunch(append([]string{"plan"}, d.args(model)...)...)
	got := w.zlaunch(append([]string{"run"}, d.args(model)...)...)
	refused := strings.Contains(got.stderr, "is refused") || strings.Contains(got.stderr, "looking up user")
	switch {
	case got.code == 0 && got.stdout == "weights" && plan.code == 0:
		return "served"
	case got.code == 125 && refused && plan.code != 0 && strings.Contains(got.stderr, "hint:"):
		if strings.Contains(got.stderr, "are not yours to relabel") { // podman would, and nobody asked the owner
			return "refused: ZL-511"
		}
		for _, why := range []string{"does not exist in its user namespace", "cannot be made", "ZL-302", "no matching entries in passwd"} {
			if strings.Contains(got.stderr, why) {
				w.fails(d, model)
				return "refused: " + why
			}
		}
	}
	w.t.Errorf("%+v: plan ended with %d, run with %d and %q: %s", d, plan.code, got.code, got.stdout, got.stderr)
	return "neither"
}
