package kube

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// batch is what launcher/policy/vap draws: a policy, and what zlaunch makes of pods by it.
type batch struct {
	Policy string
	Lost   map[string]string
	Pods   []drawnPod
}

// drawnPod is a manifest, and the keys of the checks that it breaks.
type drawnPod struct {
	Manifest string
	Broken   []string
	Weakened []string
}

// drawn are the batches, which test/kube/run has had drawn.
func drawn(t testing.TB) []batch {
	dir := os.Getenv("ZLAUNCH_PARITY")
	if dir == "" {
		t.Skip("ZLAUNCH_PARITY names no directory with what launcher/policy/vap drew: make kube makes it and runs this")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	out := make([]batch, len(files))
	for i, name := range files {
		data, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(data, &out[i])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// exportPolicy is a policy as zlaunch writes it for one namespace, without what is lost.
func exportPolicy(t testing.TB, program, policy, namespace string, lost []string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), namespace+".toml")
	write(t, file, []byte(policy))
	args := []string{"policy", "export", file, "--to", "vap", "--namespace", namespace, "--allow-loss", strings.Join(lost, ",")}
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, err.(*exec.ExitError).Stderr, policy)
	}
	return out
}

// canary is a pod that every policy of zlaunch refuses: what its annotation asks for nobody
// judges.
const canary = `{apiVersion: v1, kind: Pod, metadata: {name: canary, annotations: {istio.io/canary: ""}}, spec: {containers: [{name: a, image: a}]}}`

// Enforce puts a policy in place, and waits until it refuses.
func (s *Server) Enforce(t testing.TB, manifests []byte, namespace string) {
	t.Helper()
	for _, doc := range Split(manifests) {
		if err := s.Create(doc); err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
	}
	for {
		code, text, err := s.Do("POST", "/api/v1/namespaces/"+namespace+"/pods?dryRun=All", []byte(canary))
		if err != nil {
			t.Fatal(err)
		}
		if code == 403 && strings.Contains(text, "ValidatingAdmissionPolicy") && strings.Count(text, "warning: ") >= strings.Count(string(manifests), "[Warn]") {
			return
		}
		if code/100 != 2 && code != 403 {
			t.Fatalf("the canary: %d %s", code, text)
		}
	}
}

// warned is a second binding of a policy, by which the server tells of every validation that
// fails, and not of the first alone.
func warned(manifests []byte) []byte {
	docs := Split(manifests)
	binding := string(docs[len(docs)-1])
	binding = strings.NewReplacer("[Deny, Audit]", "[Warn]", "  name: zlaunch-", "  name: warned-").Replace(binding)
	return append(append(manifests, "---\n"...), binding...)
}

// verdict is what the server says of a pod.
type verdict struct {
	refused bool
	broken  []string // the lines of the policy whose checks it breaks
	unread  bool     // something in it is not judged
	invalid string   // why it is no pod, or none that gets as far as policies
}

// judge asks the server for a pod.
func (s *Server) judge(t testing.TB, namespace, manifest string) verdict {
	code, text, err := s.Do("POST", "/api/v1/namespaces/"+namespace+"/pods?dryRun=All", []byte(manifest))
	if err != nil {
		t.Fatal(err)
	}
	denied := strings.Contains(text, "ValidatingAdmissionPolicy 'zlaunch-")
	if code/100 != 2 && !(code == 403 && denied) {
		return verdict{invalid: fmt.Sprintf("%d %s", code, text)}
	}
	v := verdict{refused: code == 403}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "warning: ") || !strings.Contains(line, "ValidatingAdmissionPolicy") {
			continue
		}
		_, place, found := strings.Cut(line, ".toml:")
		place, _, _ = strings.Cut(place, " ")
		switch {
		case strings.Contains(line, "ZL-001: "):
			v.unread = true
		case found:
			v.broken = append(v.broken, place)
		default:
			t.Errorf("a warning that names no check: %s", line)
		}
	}
	return v
}

// stricter are the ways in which the server may refuse what zlaunch does not, which
// docs/policy-kubernetes.md explains. There is none in which it may refuse less.
var stricter = map[string]func(key, manifest string) bool{
	"an image whose name is none": func(key, manifest string) bool {
		return strings.HasSuffix(key, ".pull") && regexp.MustCompile(`image: (icr.io/\.\./a|icr.io,x/a|x:y/a|icr.io/x/a b|localhost/"a)\n`).MatchString(manifest)
	},
	"two mounts at one path both count": func(key, manifest string) bool {
		return strings.Contains(manifest, "mountPath: /v\n") && strings.Contains(manifest, "mountPath: /v/\n")
	},
	"a path with .. is like no other": func(_, manifest string) bool { return strings.Contains(manifest, "/../") },
}

// keysAt are the keys of the checks of a policy by the line they stand in.
func keysAt(policy string) map[string]string {
	out, table := map[string]string{}, ""
	for i, line := range strings.Split(policy, "\n") {
		if strings.HasPrefix(line, "[") {
			table = strings.Trim(line, "[]")
		} else if name, _, ok := strings.Cut(line, " = "); ok {
			out[fmt.Sprint(i+1)] = table + "." + name
		}
	}
	return out
}

// tally counts what the server and zlaunch say of checks.
type tally struct {
	count, invalid map[string]int
}

// The server and zlaunch are of one opinion about every pod, by every check: what differs is
// what the export names as lost, or is stricter for a reason.
func TestPolicyParity(t *testing.T) {
	batches := drawn(t)
	s, program := Start(t, programs(t)), zlaunch(t)
	if err := s.Create([]byte("{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: gvisor}, handler: x}")); err != nil {
		t.Fatal(err)
	}
	all := tally{map[string]int{}, map[string]int{}}
	for i, b := range batches {
		namespace := fmt.Sprintf("batch-%02d", i)
		if err := s.create("/api/v1/namespaces", []byte("{apiVersion: v1, kind: Namespace, metadata: {name: "+namespace+"}}"), false); err != nil {
			t.Fatal(err)
		}
		s.Enforce(t, warned(exportPolicy(t, program, b.Policy, namespace, b.lost())), namespace)
		for _, p := range b.Pods {
			all.hold(t, b, p, s.judge(t, namespace, p.Manifest))
		}
	}
	for _, k := range sorted(all.count) {
		t.Logf("%6d %s", all.count[k], k)
	}
	for _, k := range sorted(all.invalid) {
		t.Logf("%6d not taken by the server: %s", all.invalid[k], k)
	}
	if all.count["pods"] < 1000 {
		t.Errorf("only %d pods were held against the server", all.count["pods"])
	}
}

// lost are the keys of the checks of which the export loses something.
func (b batch) lost() (out []string) {
	for k, why := range b.Lost {
		if why != "" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// hold compares both verdicts on a pod, check by check.
func (all tally) hold(t *testing.T, b batch, p drawnPod, v verdict) {
	if v.invalid != "" {
		all.count["no pod for the server"]++
		all.invalid[firstLine(v.invalid)]++
		return
	}
	all.count["pods"]++
	if v.refused != (len(v.broken) > 0 || v.unread) {
		t.Errorf("the verdict is not that of its checks: %+v", v)
	}
	if v.unread && len(p.Broken) == 0 {
		t.Errorf("zlaunch reads what the server does not judge:\n%s\n%s", p.Manifest, b.Policy)
	}
	for line, key := range keysAt(b.Policy) {
		all.count["checks"]++
		kind := compare(slices.Contains(p.Broken, key), slices.Contains(v.broken, line), v.unread, b.Lost[key] != "")
		if kind == "stricter" {
			for _, why := range slices.Sorted(maps.Keys(stricter)) {
				if kind == "stricter" && stricter[why](key, p.Manifest) {
					kind += ": " + why
				}
			}
		}
		all.count[kind]++
		if kind == "milder" || kind == "stricter" {
			t.Errorf("%s: the server is %s than zlaunch (%v):\n%s\n%s", key, kind, p.Weakened, p.Manifest, b.Policy)
		}
	}
}

// compare says how the verdict of the server on a check stands to zlaunch's: what neither
// reads, zlaunch refuses by every check, and the server by one of its own.
func compare(ours, theirs, unread, lost bool) string {
	switch {
	case ours && (theirs || unread):
		return "both refuse"
	case ours && lost:
		return "lost, as allowed"
	case ours:
		return "milder"
	case theirs:
		return "stricter"
	}
	return "both let through"
}

func sorted(in map[string]int) (out []string) {
	for k := range in {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// firstLine is what a server says of an object, without what differs each time.
func firstLine(text string) string {
	var status struct{ Message string }
	for strings.HasPrefix(text, "warning: ") {
		_, text, _ = strings.Cut(text, "\n")
	}
	_, body, _ := strings.Cut(text, " ")
	if yaml.Unmarshal([]byte(body), &status) == nil && status.Message != "" {
		body = status.Message
	}
	return fmt.Sprintf("%.150s", body)
}
