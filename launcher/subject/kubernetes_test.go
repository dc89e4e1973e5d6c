package subject

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// manifest is a pod of one container, hardened as far as a manifest says it, with two
// places where a test says more: of the pod, and of the container.
const manifest = `apiVersion: v1
kind: Pod
metadata: {name: a, annotations: {ANNOTATION}}
spec:
  automountServiceAccountToken: false
  hostUsers: false
  POD
  containers:
    - name: app
      image: quay.io/x/y:1@sha256:c82791660836fbfa596dab1ff3a097a18dea811639f49a6b650822c42da1ac07
      command: [serve]
      args: [x]
      CONTAINER
      resources: {limits: {cpu: 1, memory: 1Gi}}
      securityContext:
        runAsUser: 1000
        runAsGroup: 1000
        readOnlyRootFilesystem: true
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}
        seccompProfile: {type: RuntimeDefault}
        SECURITY
`

func auditedManifest(t *testing.T, say ...string) map[string]audit.Verdict {
	t.Helper()
	text := manifest
	for i := 0; i+1 < len(say); i += 2 {
		text = strings.ReplaceAll(text, say[i], say[i+1])
	}
	text = strings.NewReplacer("ANNOTATION", "", "POD", "", "CONTAINER", "", "SECURITY", "").Replace(text)
	read, err := Files{}.Text("a.yaml", []byte(text))
	if err != nil || len(read) == 0 || len(read) > 2 {
		t.Fatalf("%d subjects, %v:\n%s", len(read), err, text)
	}
	out := map[string]audit.Verdict{}
	for _, f := range read[len(read)-1]().Findings { // behind its init container
		if had, ok := out[f.Control.ID]; !ok || had == audit.Pass || f.Verdict == audit.Fail {
			out[f.Control.ID] = f.Verdict
		}
	}
	return out
}

// A hardened manifest passes what it says, and what only a node or a cluster decides is
// open, whatever it says.
func TestManifestPasses(t *testing.T) {
	got := auditedManifest(t)
	for _, id := range strings.Fields("ZL-001 ZL-102 ZL-201 ZL-202 ZL-203 ZL-204 ZL-205 ZL-206 ZL-207 ZL-208 ZL-211 ZL-301 ZL-305 ZL-501 ZL-506 ZL-508 ZL-601 ZL-602 ZL-603 ZL-605 ZL-701 ZL-801 ZL-804 ZL-901") {
		if got[id] != audit.Pass {
			t.Errorf("%s: %v", id, got[id])
		}
	}
	for _, id := range strings.Fields("ZL-101 ZL-108 ZL-604 ZL-708 ZL-803 ZL-805 ZL-904 ZL-905") {
		if got[id] != audit.Open {
			t.Errorf("%s, which a node decides: %v", id, got[id])
		}
	}
}

// What Kubernetes does where nothing is said, and each way to say the opposite, fails.
func TestManifestFails(t *testing.T) {
	for id, says := range map[string][][]string{
		"ZL-201": {{"SECURITY", "privileged: true"}, {"SECURITY", "privileged: yes"}},
		"ZL-203": {{"capabilities: {drop: [ALL]}", ""}, {"SECURITY", "privileged: true"}},
		"ZL-204": {{"drop: [ALL]", "drop: [ALL], add: [SYS_ADMIN]"}, {"drop: [ALL]", "drop: [ALL], add: [CAP_SYS_ADMIN]"}},
		"ZL-205": {{"drop: [ALL]", "drop: [SYS_CHROOT]"}},
		"ZL-207": {{"allowPrivilegeEscalation: false", ""}, {"allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"}},
		"ZL-208": {{"seccompProfile: {type: RuntimeDefault}", ""}, {"RuntimeDefault", "Unconfined"}, {"SECURITY", "privileged: true"},
			{"seccompProfile: {type: RuntimeDefault}", "", "ANNOTATION", "seccomp.security.alpha.kubernetes.io/pod: runtime/default"}},
		"ZL-211": {{"SECURITY", "procMount: Unmasked"}},
		"ZL-301": {{"runAsUser: 1000", "runAsUser: 0"}, {"runAsUser: 1000", "runAsUser: 0x0"}, {"runAsUser: 1000", "", "POD", "securityContext: {runAsUser: 0}"}},
		"ZL-407": {{"SECURITY", "appArmorProfile: {type: Unconfined}"}, {"ANNOTATION", "container.apparmor.security.beta.kubernetes.io/app: unconfined"}},
		"ZL-501": {{"readOnlyRootFilesystem: true", ""}},
		"ZL-506": {{"automountServiceAccountToken: false", ""}, {"automountServiceAccountToken: false", "automountServiceAccountToken: true"},
			{"POD", "volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}]}}]", "CONTAINER", "volumeMounts: [{name: t, mountPath: /t}]"},
			{"POD", "volumes: [{name: h, hostPath: {path: /etc/kubernetes}}]", "CONTAINER", "volumeMounts: [{name: h, mountPath: /h, readOnly: true}]"}},
		"ZL-102": {{"POD", "volumes: [{name: h, hostPath: {path: /}}]", "CONTAINER", "volumeMounts: [{name: h, mountPath: /h, subPath: run/containerd/containerd.sock}]"}},
		"ZL-503": {{"POD", "volumes: [{name: m, emptyDir: {medium: Memory}}]", "CONTAINER", "volumeMounts: [{name: m, mountPath: /tmp}]"}},
		"ZL-601": {{"POD", "hostPID: true"}}, "ZL-602": {{"POD", "hostIPC: on"}}, "ZL-603": {{"POD", "hostNetwork: true"}}, "ZL-701": {{"POD", "hostNetwork: true"}},
		"ZL-703": {{"", ""}},
		"ZL-708": {{"CONTAINER", "ports: [{containerPort: 80, hostPort: 80}]"}},
		"ZL-801": {{"memory: 1Gi", "x: 1"}, {"memory: 1Gi", "memory: 0"}},
		"ZL-901": {{"@sha256:c82791660836fbfa596dab1ff3a097a18dea811639f49a6b650822c42da1ac07", ""}},
		"ZL-921": {{"CONTAINER", "env: [{name: API_TOKEN, value: hunter2hunter2}]"}},
		"ZL-928": {{"CONTAINER", "env: [{name: LD_PRELOAD, valueFrom: {configMapKeyRef: {name: x, key: y}}}]"},
			{"CONTAINER", "env: [{name: LD_PRELOAD, value: /t/x.so}]\n      volumeMounts: [{name: t, mountPath: /t}]", "POD", "volumes: [{name: t, emptyDir: {}}]"}},
	} {
		for _, say := range says {
			if got := auditedManifest(t, say...); got[id] != audit.Fail {
				t.Errorf("%s where %q: %v", id, say, got[id])
			}
		}
	}
}

// What is not known of a manifest passes nothing that it could concern.
func TestManifestOpen(t *testing.T) {
	for _, c := range []struct {
		id  string
		say []string
	}{
		{"ZL-201", []string{"SECURITY", "privileged: \"false\""}}, {"ZL-201", []string{"SECURITY", "privilegd: true"}}, {"ZL-201", []string{"SECURITY", "windowsOptions: {hostProcess: true}"}},
		{"ZL-501", []string{"readOnlyRootFilesystem: true", "readOnlyRootFilesystem: '{{ .Values.ro }}'"}},
		{"ZL-203", []string{"drop: [ALL]", "drop: ALL"}}, {"ZL-203", []string{"drop: [ALL]", "drop: ['${DROP}']"}},
		{"ZL-210", []string{"type: RuntimeDefault", "type: Localhost, localhostProfile: zlaunch/inference.json"}},
		{"ZL-301", []string{"runAsUser: 1000", "runAsNonRoot: true"}}, {"ZL-301", []string{"runAsUser: 1000", ""}},
		{"ZL-506", []string{"POD", "volumes: [{name: c, persistentVolumeClaim: {claimName: c}}]", "CONTAINER", "volumeMounts: [{name: c, mountPath: /c, readOnly: true}]"}},
		{"ZL-506", []string{"POD", "volumes: [{name: c, csi: {driver: x}}]", "CONTAINER", "volumeMounts: [{name: c, mountPath: /c}]"}},
		{"ZL-605", []string{"cpu: 1,", "cpu: 1, nvidia.com/gpu: 1,"}},
		{"ZL-921", []string{"CONTAINER", "envFrom: [{configMapRef: {name: x}}]"}},
		{"ZL-928", []string{"CONTAINER", "envFrom: [{configMapRef: {name: x}}]"}},
		{"ZL-939", []string{"CONTAINER", "lifecycle: {postStart: {exec: {command: [serve, more]}}}"}},
		{"ZL-701", []string{"ANNOTATION", "k8s.v1.cni.cncf.io/networks: host"}},
		{"ZL-601", []string{"POD", "shareProcessNamespace: true\n  initContainers: [{name: i, image: i}]"}},
	} {
		if got := auditedManifest(t, c.say...); got[c.id] == audit.Pass {
			t.Errorf("%s passes where %q", c.id, c.say)
		}
	}
}

// The same pod by a runtime of KServe and the service that names it is judged alike; where the
// service stands elsewhere, it may say anything, and nothing passes.
func TestServedLikePod(t *testing.T) {
	container := strings.Split(manifest, "    - name: app\n")[1]
	runtime := "apiVersion: serving.kserve.io/v1alpha1\nkind: ServingRuntime\nmetadata: {name: r}\nspec:\n  containers:\n    - name: kserve-container\n" + container
	service := "---\napiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: s}\nspec:\n  predictor:\n" +
		"    automountServiceAccountToken: false\n    hostUsers: false\n    model: {modelFormat: {name: r}, runtime: r}\n"
	want, got := auditedManifest(t), auditedManifest(t, manifest, runtime+service)
	for id, v := range want {
		if got[id] != v {
			t.Errorf("%s: %v of a pod, %v of a service", id, v, got[id])
		}
	}
	for id, v := range auditedManifest(t, manifest, runtime) {
		if v == audit.Pass {
			t.Errorf("%s passes of a runtime whose service is not there", id)
		}
	}
}

// The annotations of podman kube play are read with their pod, and are nothing else that runs.
func TestAnnotationsOfPodman(t *testing.T) {
	for annotation, subjects := range map[string]int{
		`io.podman.annotations.pids-limit/app: "5"`: 1, `io.podman.annotations.ulimit: "core=0"`: 1, `io.podman.annotations.init/podman run x: "true"`: 2,
	} {
		text := strings.NewReplacer("ANNOTATION", annotation, "POD", "", "CONTAINER", "", "SECURITY", "").Replace(manifest)
		read, err := Files{}.Text("a.yaml", []byte(text))
		if err != nil || len(read) != subjects {
			t.Errorf("%s: %d subjects, %v", annotation, len(read), err)
		}
	}
}
