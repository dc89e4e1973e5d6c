package e2e

import (
	"strings"
	"testing"
)

// Every run of a profile that stands behind a gateway brings one up, without being asked to; what
// would be reached past it is written nowhere.
func TestBehindGateway(t *testing.T) {
	w := guardedWorld(t)
	w.write("zlaunch/profiles.d/behind.toml", "schema = 1\n[profile.behind]\nextends = \"tells\"\nbehind_gateway = true\n")
	up := w.zlaunch("run", "-d", "behind", "--models", "m", "--waive", waived, "-p", "19443:https")
	t.Cleanup(func() { w.zlaunch("down", "behind") })
	if up.code != 0 || up.stdout != "https://127.0.0.1:19443\n" {
		t.Fatalf("run ended with %d: %q %s", up.code, up.stdout, up.stderr)
	}
	ps := w.zlaunch("ps")
	for _, name := range []string{"zlaunch-behind-server", "zlaunch-behind-gateway"} {
		if !strings.Contains(ps.stdout, name) {
			t.Errorf("no %s runs:\n%s", name, ps.stdout)
		}
	}
	if r := w.zlaunch("down", "behind"); r.code != 0 {
		t.Errorf("down ended with %d: %s", r.code, r.stderr)
	}
	r := w.zlaunch("export", "behind", "--models", "m", "--to", "quadlet", "--waive", waived)
	if r.code != 1 || !strings.Contains(r.stderr, "stands behind a gateway alone, and others reach 127.0.0.1:8000") {
		t.Errorf("export ended with %d: %s %s", r.code, r.stdout, r.stderr)
	}
}
