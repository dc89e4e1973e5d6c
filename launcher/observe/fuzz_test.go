package observe_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

func seeds(f *testing.F, name string) {
	paths, err := filepath.Glob("testdata/*/*/" + name)
	if err != nil || len(paths) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

func FuzzOCI(f *testing.F) {
	seeds(f, "config.json")
	f.Add([]byte(`{"process":{"env":["","=",null]},"mounts":[{}],"linux":{"resources":{"cpu":{"quota":-1,"period":0}}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, _, err := observe.OCI(b, observe.Context{})
		if err == nil {
			again, _, err := observe.OCI(b, observe.Context{Planned: s})
			if err != nil || again == nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzKernel(f *testing.F) {
	seeds(f, "init.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		var r observe.Record
		if json.Unmarshal(b, &r) != nil {
			return
		}
		s, err := observe.Kernel(r, observe.Context{Self: r})
		if err != nil {
			return
		}
		// Held against itself an observation has no differences.
		again, err := observe.Kernel(r, observe.Context{Self: r, Planned: s})
		if err != nil {
			t.Fatal(err)
		}
		if d := container.Diff(s, again); len(d) > 0 {
			t.Fatalf("%v", d)
		}
	})
}

func FuzzMountinfo(f *testing.F) {
	f.Add("1 0 8:1 / / ro - ext4 /dev/sda rw\n2 1 0:5 /a\\040b /m\\134 ro shared:1 master:2 - tmpfs  rw,size=1k,context=\"a,b\"\n")
	var r observe.Record
	b, err := os.ReadFile("testdata/podman4-runc/hardened/init.json")
	if err != nil || json.Unmarshal(b, &r) != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rec := r
		rec.Mountinfo = text
		_, _ = observe.Kernel(rec, observe.Context{Self: rec})
	})
}

func FuzzInspect(f *testing.F) {
	seeds(f, "inspect.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := observe.Inspect(b, observe.Context{})
		if err == nil {
			_, _ = observe.Inspect(b, observe.Context{Planned: s})
		}
	})
}

func FuzzRunc(f *testing.F) {
	f.Add([]byte(`{"id":"a","config":{"no_new_privileges":true,"capabilities":{"Bounding":["CAP_CHOWN"]},"seccomp":{"default_action":4},` +
		`"mask_paths":["/proc/kcore"],"hooks":{"prestart":[{"path":"/x"},null,7]}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, notes, err := observe.Runc(b, observe.Context{ID: "a"})
		if err != nil {
			return
		}
		again, _, err := observe.Runc(b, observe.Context{ID: "a", Planned: s})
		if err != nil || len(container.Diff(s, again)) > 0 {
			t.Fatalf("%v, %v, %q", err, container.Diff(s, again), notes)
		}
	})
}
