package podman

import (
	"strings"
	"testing"
)

// What an audit asks beside inspect: networks, volumes, exec sessions.
func TestAuditQueries(t *testing.T) {
	ctx, e := realEngine(t)
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
