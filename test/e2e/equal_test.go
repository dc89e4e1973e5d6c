package e2e

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// The container podman makes of the printed line and the one zlaunch makes have
// the same OCI configuration: what the runtime is given is one thing, however it
// was asked for.
func TestOCIConfigsEqual(t *testing.T) {
	p := shows(t, "one plan", "podman run of the printed line and zlaunch give the runtime the same OCI configuration")
	w := newWorld(t)
	byHand, byZlaunch := w.twice(func() string { return w.ociConfig("zlaunch-web") })
	if byHand != byZlaunch {
		t.Errorf("by podman:\n%s\nby zlaunch:\n%s", byHand, byZlaunch)
	}
	p.saw("%d bytes of OCI configuration, equal: %t", len(byHand), byHand == byZlaunch)
}

// What differs between any two containers, or between Podman's client and its
// service in what never reaches the workload's confinement.
var passing = []struct{ find, put string }{
	{`[0-9a-f]{64}`, "ID"},
	{`HOSTNAME=[0-9a-f]{12}`, "HOSTNAME=ID"},
	{`"hostname":"[0-9a-f]{12}"`, `"hostname":"ID"`},
	{`s0:c\d+(,c\d+)?`, "s0:MCS"},
	{`"io\.zlaunch\.launch":"[0-9a-f]+",?`, ""},
	{`/(overlay|vfs)/[^"]*`, "/LAYER"},
	{`"/run/user/\d+/netns/netns-[0-9a-f-]+"`, `"NETNS"`},
	{`"org\.opencontainers\.image\.[a-z.]*created":"[^"]*",?`, ""},
	// podman's own client copies its limit of processes, its service does not
	{`\{"type":"RLIMIT_NPROC"[^}]*\},?`, ""},
	{`"io\.podman\.annotations\.userns":"[^"]*",?`, ""},
	{`"io\.kubernetes\.cri-o\.TTY":"[^"]*",?`, ""},
	{`"io\.kubernetes\.cri-o\.Created":"[^"]*",?`, ""},
}

func (w *world) ociConfig(name string) string {
	w.t.Helper()
	path := strings.TrimSpace(w.podman("inspect", "--format", "{{.OCIConfigPath}}", name).stdout)
	raw := w.podman("unshare", "cat", path).stdout
	var config map[string]any
	if err := json.Unmarshal([]byte(raw), &config); err != nil {
		w.t.Fatalf("reading %s: %v", path, err)
	}
	sortLists(config)
	data, err := json.Marshal(config)
	if err != nil {
		w.t.Fatal(err)
	}
	text := string(data)
	for _, p := range passing {
		text = regexp.MustCompile(p.find).ReplaceAllString(text, p.put)
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, ",}", "}"), ",]", "]")
}

// sortLists orders what has no order: mounts, environment and limits come out of
// Go maps in Podman.
func sortLists(v any) {
	switch x := v.(type) {
	case map[string]any:
		for _, e := range x {
			sortLists(e)
		}
		for _, key := range []string{"mounts", "env", "rlimits"} {
			if list, ok := x[key].([]any); ok {
				sortByJSON(list)
			}
		}
	case []any:
		for _, e := range x {
			sortLists(e)
		}
	}
}
