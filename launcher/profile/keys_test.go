package profile

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Every key says what it takes, and its example is taken.
func TestKeys(t *testing.T) {
	keys, err := Keys()
	if err != nil {
		t.Fatal(err)
	}
	named, waiver := map[string]bool{}, "[[profile.x.waiver]]\n"
	for _, k := range keys {
		named[k.Name] = true
		if k.Takes == "" || k.About == "" && !strings.HasPrefix(k.Name, "container.") {
			t.Errorf("%+v", k)
		}
		if field, waives := strings.CutPrefix(k.Name, "waiver."); waives {
			waiver += k.Example + "\n"
			if !strings.HasPrefix(k.Example, field+" = ") {
				t.Errorf("%s: %s", k.Name, k.Example)
			}
			continue
		}
		if strings.HasSuffix(k.Example, " = ") {
			t.Errorf("%s has neither a value in base nor an example in keywords.go", k.Name)
			continue
		}
		accepted(t, k.Example)
	}
	accepted(t, waiver)
	for name := range abouts {
		if !named[name] {
			t.Errorf("%s is told of and no key", name)
		}
	}
	for name := range examples {
		if !named[name] {
			t.Errorf("%s has an example and is no key", name)
		}
	}
	if !named["container.memory"] || len(keys) < 70 {
		t.Errorf("only %d keys", len(keys))
	}
}

// accepted fails where the keys of a profile do not take some TOML.
func accepted(t *testing.T, text string) {
	t.Helper()
	data := []byte("schema = 1\n[profile.x]\n" + text + "\n")
	profiles, err := header(data)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	r := &reading{src: Source{Layer: container.LayerUser, File: "x.toml", Data: data}, lines: func() map[string]int { return nil }}
	r.define("x", profiles["x"])
	for _, f := range r.faults {
		t.Errorf("%s: %v", text, f)
	}
}
