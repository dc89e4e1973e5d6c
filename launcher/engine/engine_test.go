package engine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/engine"
)

func TestVersion(t *testing.T) {
	for text, want := range map[string]engine.Version{
		"4.3.1": {4, 3, 1}, "v5.4": {5, 4, 0}, "4.9.4-rhel": {4, 9, 4}, "6.0.0-rc1": {6, 0, 0}, "5.8.10+ds1": {5, 8, 10},
	} {
		if got, ok := engine.ParseVersion(text); !ok || got != want {
			t.Errorf("%s: read as %s, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "5", "5.", "x.y.z", "5.x", "-5.1", "5.1.2.3", "99999.1"} {
		if got, ok := engine.ParseVersion(text); ok {
			t.Errorf("%q: read as %s", text, got)
		}
	}
	order := []engine.Version{{4, 3, 1}, {4, 9, 5}, {4, 10, 0}, {5, 8, 9}, {5, 8, 10}, {6, 0, 0}}
	for i, v := range order {
		for j, w := range order {
			if v.Before(w) != (i < j) {
				t.Errorf("%s before %s: %v", v, w, !(i < j))
			}
		}
	}
}

// Ranges ascend, hold something and do not overlap; each advisory is named once.
func TestAdvisories(t *testing.T) {
	var ids []string
	for _, a := range engine.Advisories {
		ids = append(ids, a.ID)
		if a.Does == "" || len(a.Affected) == 0 {
			t.Errorf("%s: what it does and its releases must be given", a.ID)
		}
		last := engine.Version{}
		for i, r := range a.Affected {
			if !r.From.Before(r.Fixed) || i > 0 && !last.Before(r.From) {
				t.Errorf("%s: the range from %s to %s does not ascend after %s", a.ID, r.From, r.Fixed, last)
			}
			last = r.Fixed
			if !a.In(r.From) || a.In(r.Fixed) && i == len(a.Affected)-1 {
				t.Errorf("%s: a range begins with %s and ends before %s", a.ID, r.From, r.Fixed)
			}
		}
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != len(engine.Advisories) {
		t.Error("an advisory stands twice")
	}
}

func TestOf(t *testing.T) {
	for version, want := range map[string][2][]string{ // has, has not
		"4.3.1":  {{"CVE-2026-57231", "CVE-2026-55686", "podman 4.5.1"}, {"CVE-2026-94603"}},
		"5.4.2":  {{"CVE-2026-94603", "CVE-2026-57231", "CVE-2026-121885"}, {"podman 4.5.1"}},
		"5.8.10": {{"CVE-2026-94603"}, {"CVE-2026-121885", "CVE-2026-57231"}},
		"6.1.2":  {{"CVE-2026-94603", "CVE-2026-121885"}, {"CVE-2026-57231", "CVE-2025-11395"}},
		"6.2.0":  {nil, []string{"CVE-2026-94603", "CVE-2026-121885"}},
		"":       {nil, []string{"CVE-2026-94603"}},
	} {
		var got []string
		for _, a := range engine.Of(version) {
			got = append(got, a.ID)
		}
		for _, id := range want[0] {
			if !slices.Contains(got, id) {
				t.Errorf("%q does not fall for %s: %q", version, id, got)
			}
		}
		for _, id := range want[1] {
			if slices.Contains(got, id) {
				t.Errorf("%q falls for %s", version, id)
			}
		}
	}
}

// Every way is whole, the first of its name to be found, and names an advisory that is
// there; only labels can be overridden by a value.
func TestWays(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range engine.Ways {
		key := string(w.In) + w.Name
		if seen[key] || w.Who == "" || w.Does == "" || w.Answer == "" {
			t.Errorf("%s %q stands twice or is not whole", w.In, w.Name)
		}
		seen[key] = true
		known := slices.ContainsFunc(engine.Advisories, func(a engine.Advisory) bool { return a.ID == w.Advisory })
		if w.Advisory != "" && !known {
			t.Errorf("%s: no advisory %s", w.Name, w.Advisory)
		}
		if w.In == engine.Label && w.Answer == engine.Override && strings.HasSuffix(w.Name, "*") {
			t.Errorf("%s: a label must be named to be overridden", w.Name)
		}
		name := strings.Replace(w.Name, "*", "zz", 1)
		if got, ok := engine.WayOf(w.In, name); w.In != engine.Config && (!ok || got != w) {
			t.Errorf("%s is found as %q", name, got.Name)
		}
	}
}

// What engines act on and no way names is refused; what they do not is not.
func TestUnknownNames(t *testing.T) {
	for name, in := range map[string]engine.Place{
		"io.podman.annotations.of_tomorrow": engine.Annotation, "run.oci.of_tomorrow": engine.Annotation, "io.containers.of_tomorrow": engine.Label,
		"PODMAN_OF_TOMORROW": engine.Label, "io.zlaunch.reader": engine.Label, "org.systemd.property.MemoryMax": engine.Annotation,
		"io.kubernetes.cri-o.of_tomorrow": engine.Annotation, "io.container.of_tomorrow": engine.Annotation,
	} {
		if w, ok := engine.WayOf(in, name); !ok || w.Answer != engine.Refuse {
			t.Errorf("%s %q: %v %q", in, name, ok, w.Answer)
		}
	}
	for name, in := range map[string]engine.Place{
		"org.opencontainers.image.title": engine.Annotation, "maintainer": engine.Label, "io.buildah.version": engine.Label,
		"io.k8s.description": engine.Label, "io.openshift.tags": engine.Label, "com.redhat.component": engine.Label,
	} {
		if w, ok := engine.WayOf(in, name); ok {
			t.Errorf("%s %q: %+v", in, name, w)
		}
	}
}

// A run states of the three labels by which images reach podman auto-update what
// turns it off.
func TestOverrides(t *testing.T) {
	got := map[string]string{}
	for _, w := range engine.Overrides() {
		got[w.Name] = w.Value
	}
	want := map[string]string{"PODMAN_SYSTEMD_UNIT": "", "io.containers.autoupdate": "disabled", "io.containers.autoupdate.authfile": ""}
	if !maps.Equal(got, want) {
		t.Errorf("overridden are %q, want %q", got, want)
	}
}

// A version that is read is written so that it is read as the same.
func FuzzParseVersion(f *testing.F) {
	for _, text := range []string{"4.3.1", "v5.4", "6.0.0-rc1", "5.8.10+ds1", "5.1.2.3", "-1.2", "1.-2", "0x1.2", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := engine.ParseVersion(text)
		if again, twice := engine.ParseVersion(v.String()); ok && (!twice || again != v) {
			t.Errorf("%q is read as %s, and that as %s", text, v, again)
		}
	})
}
