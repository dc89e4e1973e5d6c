package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Runs are known from their records, without an engine: the newest, and where the storage
// tells, only those that are there.
func TestKnown(t *testing.T) {
	d := dirs(t)
	for i, name := range []string{"web", "gone"} {
		r := &Record{Schema: Schema, Launch: strings.Repeat("ab"[i:i+1], 32), ID: name + "-id", Name: name, Network: "zlaunch-" + name}
		if err := d.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	for launch, text := range map[string]string{"c": "{", "d": `{"id":"web-id","name":"web\n$(id)"}`, "e": `{"id":"web-id","name":"web","network":"a b"}`} {
		if err := os.WriteFile(filepath.Join(d.State, "launches", strings.Repeat(launch, 32)+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names := func() string {
		var out []string
		for _, k := range d.Known() {
			out = append(out, k.Name+" "+k.Network)
		}
		return strings.Join(out, ", ")
	}
	if got := names(); !strings.Contains(got, "web zlaunch-web") || !strings.Contains(got, "gone zlaunch-gone") {
		t.Errorf("got %s", got)
	}
	d.Storage = t.TempDir()
	if err := os.Mkdir(filepath.Join(d.Storage, "overlay-containers"), 0o700); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(d.Storage, "overlay-containers", "containers.json")
	if err := os.WriteFile(index, []byte(`[{"id":"web-id","names":["web"]}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := names(); got != "web zlaunch-web" {
		t.Errorf("with storage: %s", got)
	}
}
