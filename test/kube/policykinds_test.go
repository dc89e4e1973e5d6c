package kube

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// enforced starts a server with a policy in a namespace.
func enforced(t *testing.T, policy string, lost ...string) *Server {
	t.Helper()
	s := Start(t, programs(t))
	if err := s.create("/api/v1/namespaces", []byte("{apiVersion: v1, kind: Namespace, metadata: {name: models}}"), false); err != nil {
		t.Fatal(err)
	}
	s.Enforce(t, exportPolicy(t, zlaunch(t), policy, "models", lost), "models")
	return s
}

// kinds are where a pod stands in the objects of a kind, POD, and where they are created.
var kinds = []struct{ place, object string }{
	{"/api/v1/namespaces/models/pods", "{apiVersion: v1, kind: Pod, metadata: {name: NAME}, spec: POD}"},
	{"/api/v1/namespaces/models/podtemplates", "{apiVersion: v1, kind: PodTemplate, metadata: {name: NAME}, template: {metadata: {labels: {a: b}}, spec: POD}}"},
	{"/api/v1/namespaces/models/replicationcontrollers", "{apiVersion: v1, kind: ReplicationController, metadata: {name: NAME}, spec: {replicas: 1, selector: {a: b}, template: {metadata: {labels: {a: b}}, spec: POD}}}"},
	{"/apis/apps/v1/namespaces/models/deployments", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: NAME}, spec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: POD}}}"},
	{"/apis/apps/v1/namespaces/models/statefulsets", "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: NAME}, spec: {serviceName: a, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: POD}}}"},
	{"/apis/apps/v1/namespaces/models/daemonsets", "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: NAME}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: POD}}}"},
	{"/apis/apps/v1/namespaces/models/replicasets", "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: NAME}, spec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: POD}}}"},
	{"/apis/batch/v1/namespaces/models/jobs", "{apiVersion: batch/v1, kind: Job, metadata: {name: NAME}, spec: {template: {metadata: {labels: {a: b}}, spec: POD}}}"},
	{"/apis/batch/v1/namespaces/models/cronjobs", "{apiVersion: batch/v1, kind: CronJob, metadata: {name: NAME}, spec: {schedule: 0 0 * * *, jobTemplate: {spec: {template: {metadata: {labels: {a: b}}, spec: POD}}}}}"},
}

const (
	tight  = "securityContext: {readOnlyRootFilesystem: true}"
	pod    = "{restartPolicy: RESTART, containers: [{name: a, image: a, CTR}], initContainers: [{name: i, image: a, INIT}]}"
	needed = "schema = 1\n[require]\nread_only = true\n"
)

func podOf(restart, ctr, init string) string {
	return strings.NewReplacer("RESTART", restart, "CTR", ctr, "INIT", init).Replace(pod)
}

// refuses tells whether the policy refuses an object; anything else is an error of the test.
func (s *Server) refuses(t *testing.T, method, place, object string) bool {
	t.Helper()
	code, text, err := s.Do(method, place+"?dryRun=All&fieldValidation=Strict", []byte(object))
	refused := code == 403 && strings.Contains(text, "read_only must be true")
	if err != nil || code/100 != 2 && !refused {
		t.Fatalf("%s %s: %v %d %s\n%s", method, place, err, code, text, object)
	}
	return refused
}

// Pods are judged wherever they stand, each of their containers.
func TestPolicyKinds(t *testing.T) {
	s := enforced(t, needed)
	for _, k := range kinds {
		restart := "Always"
		if strings.HasSuffix(k.place, "jobs") {
			restart = "Never"
		}
		for want, spec := range map[string]string{"taken": podOf(restart, tight, tight), "refused": podOf(restart, "tty: false", tight), "refused too": podOf(restart, tight, "tty: false")} {
			object := strings.NewReplacer("NAME", "drawn", "POD", spec).Replace(k.object)
			if got := s.refuses(t, "POST", k.place, object); got != (want != "taken") {
				t.Errorf("%s: refused %v, and it is to be %s", k.place, got, want)
			}
		}
	}
}

// What changes later is judged as what is new; an update that changes nothing of a pod is not, for
// whoever takes away what was there before.
func TestPolicyUpdates(t *testing.T) {
	s := Start(t, programs(t))
	if err := s.create("/api/v1/namespaces", []byte("{apiVersion: v1, kind: Namespace, metadata: {name: models}}"), false); err != nil {
		t.Fatal(err)
	}
	put := func(k int, name, spec string) string {
		object := strings.NewReplacer("NAME", name, "POD", spec).Replace(kinds[k].object)
		if err := s.create(kinds[k].place, []byte(object), false); err != nil {
			t.Fatal(err)
		}
		return object
	}
	old := put(3, "old", podOf("Always", "tty: false", tight))
	put(0, "old", podOf("Always", "resources: {limits: {cpu: 1, memory: 1Gi}}", tight))
	kept := put(0, "kept", podOf("Always", tight, tight))
	s.Enforce(t, exportPolicy(t, zlaunch(t), needed, "models", nil), "models")
	deployment, pods := kinds[3].place+"/old", kinds[0].place
	for _, c := range []struct {
		what, method, place, object string
		refused                     bool
	}{
		{"fewer of them", "PUT", deployment, strings.Replace(old, "replicas: 1", "replicas: 0", 1), false},
		{"another label of the object", "PUT", deployment, strings.Replace(old, "name: old", "name: old, labels: {x: z}", 1), false},
		{"another label of its pods", "PUT", deployment, strings.Replace(old, "{labels: {a: b}}", "{labels: {a: b, c: d}}", 1), true},
		{"another image", "PUT", deployment, strings.Replace(old, "image: a", "image: b", 1), true},
		{"mended", "PUT", deployment, strings.Replace(old, "tty: false", tight, 1), false},
		{"the end of an old pod", "DELETE", pods + "/old", "", false},
		{"another image of a pod", "PUT", pods + "/kept", strings.Replace(kept, "image: a", "image: b", 1), false},
	} {
		if got := s.refuses(t, c.method, c.place, c.object); got != c.refused {
			t.Errorf("%s: refused %v", c.what, got)
		}
	}
	for _, c := range []struct {
		place, patch string
		want         int
	}{
		{"/kept/ephemeralcontainers", "{spec: {ephemeralContainers: [{name: debug, image: a, " + tight + "}]}}", 200},
		{"/kept/ephemeralcontainers", "{spec: {ephemeralContainers: [{name: debug, image: a, tty: false}]}}", 403},
		{"/old/resize", "{spec: {containers: [{name: a, resources: {limits: {cpu: 2}}}]}}", 403},
		{"/old/status", "{status: {message: x}}", 200},
		{"/old", "{metadata: {finalizers: [a.b/c]}}", 200},
	} {
		if code, text, err := s.patch(pods+c.place+"?dryRun=All", c.patch); err != nil || code != c.want || code == 403 && !strings.Contains(text, "read_only must be true") {
			t.Errorf("%s: %v %d %s", c.place, err, code, text)
		}
	}
}

// The texts of a policy stay texts: the server takes what is written of them, and judges as
// zlaunch does.
func TestPolicyHostile(t *testing.T) {
	texts := []string{`" || true || "`, `\" || true`, `a' b`, `"] || [""`, `{{ x }}`, `\\`, `é`, "# no", "- a: &b c", `\x00`, `(?i)x`, `[a-z]+$`, `x)$|^(.`, "a.c", `\E.`}
	policy := "schema = 1\ncontact = '''\" || true'''\n[only]\nimage = ["
	for _, text := range texts {
		policy += "'''" + text + "''', '''p" + text + "*''', "
	}
	s := enforced(t, policy+"]\n")
	for _, text := range texts {
		for image, want := range map[string]bool{text: true, "p" + text + "z": true, "q" + text: false, text + "z": false, "abc": false, "pabcz": false, "true": false} {
			code, answer, err := s.Do("POST", kinds[0].place+"?dryRun=All", fmt.Appendf(nil, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": %q}]}}`, image))
			if err != nil || (code/100 == 2) != want || code/100 != 2 && !strings.Contains(answer, "image must be nothing but") {
				t.Errorf("%q under %q: %d %s", image, text, code, answer)
			}
		}
	}
}

// docs/policy-kubernetes.md tells what happens.
func TestPolicyPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/policy-kubernetes.md")
	if err != nil {
		page, err = os.ReadFile(os.Getenv("ZLAUNCH_PAGE"))
	}
	if err != nil {
		t.Fatal(err)
	}
	block := func(lang string, n int) string {
		parts := strings.Split(string(page), "\n```"+lang+"\n")
		if len(parts) < n+2 {
			t.Fatalf("the page has no %d blocks of %s", n+1, lang)
		}
		text, _, _ := strings.Cut(parts[n+1], "\n```")
		return text + "\n"
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "pods.toml"), []byte(block("toml", 0)))
	line, kubectl, _ := strings.Cut(block("sh", 0), "\n")
	words := strings.Fields(strings.TrimSuffix(line, " > pods.yaml"))
	if words[0] != "zlaunch" || kubectl != "kubectl apply -f pods.yaml\n" {
		t.Fatalf("%q", words)
	}
	cmd := exec.Command(zlaunch(t), words[1:]...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	s := Start(t, programs(t))
	s.Enforce(t, out, "default")
	if err := s.Admit("default", []byte(block("yaml", 0))); err != nil {
		t.Errorf("the pod that is taken: %v", err)
	}
	message := strings.Split(string(page), "and this one is not:")[1]
	_, message, _ = strings.Cut(message, "\n```\n\n```\n")
	message, _, _ = strings.Cut(message, "\n```")
	if err := s.Admit("default", []byte(block("yaml", 1))); err == nil || message == "" || !strings.Contains(err.Error(), message) {
		t.Errorf("the pod that is refused: %v, want %q", err, message)
	}
	for i, want := range []bool{false, true} {
		name := filepath.Join(dir, fmt.Sprintf("pod%d.yaml", i))
		write(t, name, []byte(block("yaml", i)))
		cmd := exec.Command(zlaunch(t), "audit", "--policy", "pods.toml", name)
		cmd.Dir = dir
		text, _ := cmd.CombinedOutput()
		if strings.Contains(string(text), "pods.toml:5 forbids it") != want || !want && strings.Contains(string(text), "forbids it") {
			t.Errorf("zlaunch audit of pod %d:\n%s", i, text)
		}
	}
}
