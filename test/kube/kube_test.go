package kube

import (
	"os"
	"strings"
	"testing"
)

// programs is the directory of etcd and kube-apiserver, which test/kube/run builds.
func programs(t testing.TB) string {
	dir := os.Getenv("ZLAUNCH_KUBE")
	if dir == "" {
		t.Skip("ZLAUNCH_KUBE names no directory with etcd and kube-apiserver: make kube builds both and runs this")
	}
	return dir
}

// zlaunch is the program of this tree, which test/kube/run builds.
func zlaunch(t testing.TB) string {
	program := os.Getenv("ZLAUNCH_PROGRAM")
	if program == "" {
		t.Skip("ZLAUNCH_PROGRAM names no zlaunch: make kube builds it and runs this")
	}
	return program
}

// The server itself refuses what it should: a pod that says nothing, a field that is none,
// an image by tag under a policy. Else nothing that is admitted below would mean anything.
func TestServerRefuses(t *testing.T) {
	s := Start(t, programs(t))
	if err := s.Namespace("strict"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ manifest, want string }{
		"a pod that says nothing": {"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: x}]}\n", "violates PodSecurity"},
		"a field that is none":    {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbogus: 1\n", "unknown field"},
	} {
		if err := s.Admit("strict", []byte(c.manifest)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
