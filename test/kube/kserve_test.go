package kube

import (
	"strings"
	"testing"
)

// Every server is admitted as the objects of KServe and as the pod that KServe makes of them,
// into a namespace whose pods must meet the restricted Pod Security Standard.
func TestKServeAdmitted(t *testing.T) {
	s, program := Start(t, programs(t)), zlaunch(t)
	if err := s.Namespace("models"); err != nil {
		t.Fatal(err)
	}
	s.KServe(t)
	n := 0
	for _, p := range profiles(t, program) {
		for _, arch := range p.Archs {
			if p.Kind != "server" {
				continue
			}
			manifests, lost := exported(t, program, "kserve", p.Name, arch)
			if err := s.served(manifests); err != nil {
				t.Errorf("%s on %s: %v\n%s", p.Name, arch, err, manifests)
			}
			t.Logf("%s on %s, without %s", p.Name, arch, lost)
			n++
		}
	}
	if n < 10 {
		t.Errorf("only %d manifests were held against the server", n)
	}
}

// served admits the objects of a file, and the pod that KServe makes of them.
func (s *Server) served(manifests []byte) error {
	if err := s.Admit("models", manifests); err != nil {
		return err
	}
	pod, err := Served(manifests)
	if err != nil {
		return err
	}
	return s.Admit("models", pod)
}

// Models of an image by its digest are admitted as claims are; a path of the node, which
// zlaunch says, is not.
func TestModelsAs(t *testing.T) {
	s, program := Start(t, programs(t)), zlaunch(t)
	if err := s.Namespace("models"); err != nil {
		t.Fatal(err)
	}
	s.KServe(t)
	image := "image=quay.io/acme/models:1@sha256:" + strings.Repeat("0", 64)
	for source, refusal := range map[string]string{image: "", "pvc=weights": "", "pvc": "", "hostPath": `restricted volume type`} {
		for form, admit := range map[string]func([]byte) error{"kube": func(m []byte) error { return s.Admit("models", m) }, "kserve": s.served} {
			manifests, _ := exported(t, program, form, "triton", "s390x", "--models-as", source)
			switch err := admit(manifests); {
			case refusal == "" && err != nil:
				t.Errorf("%s as %s: %v\n%s", form, source, err, manifests)
			case refusal != "" && (err == nil || !strings.Contains(err.Error(), refusal)):
				t.Errorf("%s as %s: %v", form, source, err)
			}
		}
	}
}

func TestKServeWeakenedRefused(t *testing.T) {
	s, program := Start(t, programs(t)), zlaunch(t)
	if err := s.Namespace("models"); err != nil {
		t.Fatal(err)
	}
	s.KServe(t)
	manifests, _ := exported(t, program, "kserve", "triton", "s390x")
	if err := s.served(manifests); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ was, is, want string }{
		{"allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "PodSecurity"},
		{"runAsNonRoot: true", "runAsNonRoot: false", "PodSecurity"},
		{"type: RuntimeDefault", "type: Unconfined", "PodSecurity"},
		{"drop: [ALL]", "drop: [CHOWN]", "PodSecurity"},
		{"automountServiceAccountToken: false\n    enable", "automountServiceAccountToken: false\n    hostNetwork: true\n    enable", "PodSecurity"},
		{"emptyDir:\n        medium: Memory\n        sizeLimit: 16Mi", "hostPath: {path: /}", "PodSecurity"},
		{"readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true", "unknown field"},
		{"storageUris:", "storageUrls:", "unknown field"},
		{"supportedModelFormats:", "supportedModelTypes:", "unknown field"},
		{"modelFormat:\n        name: triton", "modelFormat: {}", "Required value"},
	} {
		weak := strings.Replace(string(manifests), c.was, c.is, 1)
		if weak == string(manifests) {
			t.Fatalf("the manifests have no %q:\n%s", c.was, manifests)
		}
		if err := s.served([]byte(weak)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in place of %q: %v", c.is, c.was, err)
		}
	}
}
