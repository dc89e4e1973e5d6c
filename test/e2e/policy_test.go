package e2e

import (
	"os"
	"strings"
	"testing"
)

// ofSite is a policy that the test profiles meet on any host: one that enforces no limits
// is within no bound.
const ofSite = `schema = 1
contact = "sec@example.org"
[require]
read_only = true
no_new_privileges = true
[include]
cap_drop = ["all"]
[only]
capabilities = []
network = ["zlaunch-*"]
publish_address = ["127.0.0.1"]
registry = ["localhost"]
layer = ["user"]
profile = ["web"]
[controls]
require = ["ZL-201", "ZL-501"]
[proof]
rung = "kernel"
`

// A run under a policy serves where it meets every check, and its container does so too,
// by the record of its launch; a looser one is refused before anything is made, and a
// container that somebody made by hand has neither layer nor proof.
func TestPolicy(t *testing.T) {
	p := shows(t, "policy", "a run that meets the policy serves, its container is audited under it, and a looser one is refused")
	w := newWorld(t)
	site := w.write("site.toml", ofSite)
	before := w.settled()
	refused := w.zlaunch(run("-d", "--policy", site, "--network", "shared-by-all", "web")...)
	if refused.code != 125 || !strings.Contains(refused.stderr, `network must be nothing but zlaunch-*, it is "shared-by-all": `+site+":10 forbids it") || !strings.Contains(refused.stderr, "ask sec@example.org") {
		t.Errorf("%d: %s", refused.code, refused.stderr)
	}
	w.unchanged(before)
	got := w.zlaunch(run("-d", "--policy", site, "web")...)
	t.Cleanup(func() { w.zlaunch("stop", "zlaunch-web") })
	if got.code != 0 || !strings.HasPrefix(got.stdout, "http://127.0.0.1:") {
		t.Fatalf("%d: %s", got.code, got.stderr)
	}
	w.byHand("by-hand", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", image, "serve", "8000")
	judged := w.findings(w.zlaunch("audit", "--json", "--all", "--policy", site, "--container", "zlaunch-web", "--container", "by-hand"))
	if ours := of(judged["zlaunch-web"], "ZL-004"); len(ours) != 1 || ours[0].Verdict != "pass" {
		t.Errorf("its container: %+v", ours)
	}
	said := ""
	for _, v := range of(judged["by-hand"], "ZL-004") {
		said += v.Message + "\n"
	}
	for _, want := range []string{"layer must be nothing but user, it is not known", "the run must be proved by kernel, its proof is unknown"} {
		if !strings.Contains(said, want) {
			t.Errorf("by hand: %s", said)
		}
	}
	if strings.Contains(said, "read_only") {
		t.Errorf("by hand: %s", said)
	}
	p.saw("refused with %d; %s; by hand: %d checks broken", refused.code, strings.TrimSpace(got.stdout), strings.Count(said, "\n"))
	if err := os.WriteFile(site, []byte("schema = 1\n[require]\nread_ony = true\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if bad := w.zlaunch("audit", "--policy", site, "--container", "zlaunch-web"); bad.code != 3 {
		t.Errorf("a policy that cannot be used: %d %s", bad.code, bad.stderr)
	}
}
