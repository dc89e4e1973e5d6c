package podman

import (
	"strings"
	"testing"
)

// What an audit asks beside inspect: the namespaces of a process of another uid,
// networks, volumes, exec sessions.
func TestAuditQueries(t *testing.T) {
	ctx, e := realEngine(t)
	id := bare(t, e, []string{"/bin/sleep", "60"}, nil)
	if err := e.Init(ctx, id); err != nil {
		t.Fatal(err)
	}
	c, err := e.Inspect(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	ns, err := e.Namespaces(ctx, c)
	if err != nil || !strings.HasPrefix(ns["pid"], "pid:[") || !strings.HasPrefix(ns["user"], "user:[") {
		t.Errorf("namespaces %q: %v", ns, err)
	}
	if n, err := e.Network(ctx, "podman"); err != nil || n.Internal || n.Name != "podman" {
		t.Errorf("the default network: %+v, %v", n, err)
	}
	if _, err := e.Network(ctx, "zl-no-such-network"); err == nil {
		t.Error("a network that is not there")
	}
	if _, err := e.Session(ctx, strings.Repeat("0", 64)); err == nil {
		t.Error("a session that is not there")
	}
	if _, err := e.VolumeOptions(ctx, "zl-no-such-volume"); err == nil {
		t.Error("a volume that is not there")
	}
}
