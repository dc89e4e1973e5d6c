package kube

import (
	"encoding/json"
	"fmt"
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
	Pods   []struct {
		Manifest string
		Broken   []string
		Weakened []string
	}
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

// A verdict of the server: each check that a pod breaks by its key, or why it is none for
// policies.
type verdict struct {
	refused bool
	broken  []string // by "FILE:LINE"
	unread  bool     // what is not judged stands in it
	invalid string
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
		case strings.Contains(line, "ZL-002: "), strings.Contains(line, "is not judged"):
			v.unread = true
		case found:
			v.broken = append(v.broken, place)
		default:
			t.Errorf("a warning that names no check: %s", line)
		}
	}
	return v
}

// stricter are the ways in which the server may refuse what zlaunch does not, each with how the
// weakened pods are called that show it. There is none in which it may refuse less.
var stricter = map[string]func(key, manifest string) bool{
	"an image whose name is none": func(key, manifest string) bool {
		return strings.HasSuffix(key, ".pull") && regexp.MustCompile(`image: (icr.io/\.\./a|icr.io,x/a|x:y/a|icr.io/x/a b|localhost/"a)\n`).MatchString(manifest)
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

// The server and zlaunch are of one opinion about every pod, by every check: what differs is
// what the export names as lost, or is stricter for a reason.
func TestPolicyParity(t *testing.T) {
	batches := drawn(t)
	s, program := Start(t, programs(t)), zlaunch(t)
	if err := s.Create([]byte("{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: gvisor}, handler: x}")); err != nil {
		t.Fatal(err)
	}
	count, invalid := map[string]int{}, map[string]int{}
	for i, b := range batches {
		namespace := fmt.Sprintf("batch-%02d", i)
		if err := s.create("/api/v1/namespaces", []byte("{apiVersion: v1, kind: Namespace, metadata: {name: "+namespace+"}}"), false); err != nil {
			t.Fatal(err)
		}
		var lost []string
		for k, why := range b.Lost {
			if why != "" {
				lost = append(lost, k)
			}
		}
		slices.Sort(lost)
		manifests := warned(exportPolicy(t, program, b.Policy, namespace, lost))
		s.Enforce(t, manifests, namespace)
		at := keysAt(b.Policy)
		for _, p := range b.Pods {
			v := s.judge(t, namespace, p.Manifest)
			if v.invalid != "" {
				count["no pod for the server"]++
				invalid[firstLine(v.invalid)]++
				continue
			}
			count["pods"]++
			if v.refused != (len(v.broken) > 0 || v.unread) {
				t.Errorf("the verdict is not that of its checks: %+v", v)
			}
			got := map[string]bool{}
			for _, line := range v.broken {
				got[at[line]] = true
			}
			for _, key := range at {
				ours := slices.Contains(p.Broken, key)
				count["checks"]++
				switch {
				case ours == got[key] && ours:
					count["both refuse"]++
				case ours == got[key]:
					count["both let through"]++
				case v.unread && ours:
					count["both refuse"]++ // zlaunch by every check, the server by one
				case ours && b.Lost[key] != "":
					count["lost, as allowed"]++
				case ours:
					t.Errorf("milder: %s lets through what zlaunch refuses (%v):\n%s\n%s", key, p.Weakened, p.Manifest, b.Policy)
				default:
					why := ""
					for name, is := range stricter {
						if is(key, p.Manifest) {
							why = name
						}
					}
					if count["stricter: "+why]++; why == "" {
						t.Errorf("stricter: %s refuses what zlaunch lets through (%v):\n%s\n%s", key, p.Weakened, p.Manifest, b.Policy)
					}
				}
			}
		}
	}
	for _, k := range sorted(count) {
		t.Logf("%6d %s", count[k], k)
	}
	for _, k := range sorted(invalid) {
		t.Logf("%6d not taken by the server: %s", invalid[k], k)
	}
	if count["pods"] < 1000 {
		t.Errorf("only %d pods were held against the server", count["pods"])
	}
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
