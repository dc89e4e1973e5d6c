package podman

import (
	"strings"
	"testing"
)

// What an audit asks beside inspect: networks, volumes, exec sessions.
func TestAuditQueries(t *testing.T) {
	ctx, e := realEngine(t)
	if n, err := e.Networks.Inspect(ctx, "podman"); err != nil || n.Internal || n.Name != "podman" {
		t.Errorf("the default network: %+v, %v", n, err)
	}
	if _, err := e.Networks.Inspect(ctx, "zl-no-such-network"); err == nil {
		t.Error("a network that is not there")
	}
	if _, err := e.Containers.Session(ctx, strings.Repeat("0", 64)); err == nil {
		t.Error("a session that is not there")
	}
	if _, there, err := e.Volume(ctx, "zl-no-such-volume"); there || err != nil {
		t.Errorf("a volume that is not there: %t, %v", there, err)
	}
}
