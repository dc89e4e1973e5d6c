package derive

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/effective"
)

func like() *effective.Image {
	return &effective.Image{
		Arch: "s390x", OS: "linux", User: "ibm-user", Workdir: "/w", StopSignal: "SIGINT", Env: []string{"A=1", "TOKEN=hush"},
		Entrypoint: []string{"/serve"}, Cmd: []string{"--x"}, Exposed: []string{"80/tcp"}, Volumes: []string{"/v"}, Healthcheck: []string{"CMD", "/ok"},
		Labels: map[string]string{"vendor": "x"}, Annotations: map[string]string{"org.opencontainers.image.base.name": ""},
	}
}

// Each change of what an image says of itself is found, by its name.
func TestDifferences(t *testing.T) {
	for key, change := range map[string]func(*effective.Image){
		"Architecture":        func(i *effective.Image) { i.Arch = "amd64" },
		"User":                func(i *effective.Image) { i.User = "root" },
		"WorkingDir":          func(i *effective.Image) { i.Workdir = "/" },
		"StopSignal":          func(i *effective.Image) { i.StopSignal = "" },
		"Entrypoint":          func(i *effective.Image) { i.Entrypoint = []string{"/serve", ""} },
		"Cmd":                 func(i *effective.Image) { i.Cmd = nil },
		"ExposedPorts":        func(i *effective.Image) { i.Exposed = append(i.Exposed, "81/tcp") },
		"Volumes":             func(i *effective.Image) { i.Volumes = nil },
		"Healthcheck":         func(i *effective.Image) { i.Healthcheck = nil },
		"Env[A]":              func(i *effective.Image) { i.Env = []string{"A=2", "TOKEN=hush"} },
		"Env[TOKEN]":          func(i *effective.Image) { i.Env = []string{"A=1", "TOKEN"} },
		"Env[PATH]":           func(i *effective.Image) { i.Env = append(i.Env, "PATH="+defaultPath+":/x") },
		"Env[LD_PRELOAD]":     func(i *effective.Image) { i.Env = append(i.Env, "LD_PRELOAD=/x") },
		"label[vendor]":       func(i *effective.Image) { i.Labels = nil },
		"label[run]":          func(i *effective.Image) { i.Labels["run"] = "sh" },
		"annotation[krun.x]":  func(i *effective.Image) { i.Annotations["krun.x"] = "" },
		"label[io.zlaunch.x]": func(i *effective.Image) { i.Labels["io.zlaunch.x"] = "" },
	} {
		now := like()
		now.Labels = maps.Clone(now.Labels)
		change(now)
		got := Differences(like(), now)
		if len(got) != 1 || got[0].Key != key || strings.Contains(got[0].Base+got[0].Now, "hush") {
			t.Errorf("%s: %+v", key, got)
		}
	}
	now := like()
	now.Labels = map[string]string{"vendor": "x", LabelBase: "d", "io.buildah.version": "1.28"}
	now.Annotations = map[string]string{"org.opencontainers.image.base.name": "x", "org.opencontainers.image.base.digest": "y"}
	if got := Differences(like(), now); got != nil {
		t.Errorf("what a build brings is %+v", got)
	}
	now.Env = append(now.Env, "PATH="+defaultPath) // podman's build brings it where there is none
	if got := Differences(like(), now); got != nil {
		t.Errorf("with podman's PATH it is %+v", got)
	}
	base := like()
	base.Env = append(base.Env, "PATH=/usr/bin")
	if got := Differences(base, now); len(got) != 1 || got[0].Key != "Env[PATH]" {
		t.Errorf("another PATH is %+v", got)
	}
	if Stale("d", now) != "" || Stale("e", now) == "" || Stale("d", like()) == "" {
		t.Error("whose child an image is, its label tells")
	}
}

func TestUnlike(t *testing.T) {
	const old = `{"id":"1","model":"m","outputs":[{"data":[0.5,1e3],"time":7}],"usage":{"time":3}}`
	ignore := []string{"id", "usage.time", "outputs.time"}
	for now, want := range map[string]string{
		old: "",
		`{"usage":{"time":9},"outputs":[{"time":8,"data":[0.5,1e3]}],"id":"2","model":"m"}`: "",
		`{"id":"1","model":"m","outputs":[{"data":[0.6,1e3],"time":7}],"usage":{"time":3}}`: `"outputs.data" is 0.6, and was 0.5`,
		`{"id":"1","model":"m","outputs":[{"data":[0.5],"time":7}],"usage":{"time":3}}`:     `"outputs.data" is [0.5]`,
		`{"id":"1","model":"m","outputs":[],"usage":{"time":3},"error":null}`:               `"error" is new: null`,
		`{"id":"1","outputs":[{"data":[0.5,1e3],"time":7}],"usage":{"time":3}}`:             `"model" is gone, and was "m"`,
		`{"id":"1","model":{"id":2},"outputs":[{"data":[0.5,1e3]}],"usage":{"time":3}}`:     `"model" is {"id":2}`,
		old + "{}": "is no JSON",
		"<html>":   "is no JSON",
		"[]":       "the document is []",
	} {
		got := Alike{JSON: true, Ignore: ignore}.Unlike(Answer{200, "application/json", []byte(old)}, Answer{200, "application/json", []byte(now)})
		if (want == "") != (got == nil) || !strings.Contains(strings.Join(got, "; "), want) {
			t.Errorf("%s: %q", now, got)
		}
	}
	for _, now := range []Answer{{500, "text/plain", []byte("yes")}, {200, "text/html", []byte("yes")}, {200, "text/plain", []byte("yes!")}, {200, "text/plain", []byte("yas")}} {
		if got := (Alike{}).Unlike(Answer{200, "text/plain", []byte("yes")}, now); len(got) != 1 {
			t.Errorf("%+v: %q", now, got)
		}
	}
	many := Answer{Body: []byte("[" + strings.Repeat("1,", 50_000) + "1]")}
	if got := (Alike{JSON: true}).Unlike(many, Answer{Body: []byte("[" + strings.Repeat("2,", 50_000) + "2]")}); len(got) != maxTold {
		t.Errorf("%d differences are told", len(got))
	}
}

// FuzzUnlike wants of every answer that it is like itself, and that comparing is even.
func FuzzUnlike(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":null}]}`), []byte(`{"a":[1,{"b":2}]}`))
	f.Add([]byte(strings.Repeat("[", 5000)), []byte("1 2"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, how := range []Alike{{}, {JSON: true, Ignore: []string{"a.b"}}} {
			there, back := how.Unlike(Answer{Body: a}, Answer{Body: b}), how.Unlike(Answer{Body: b}, Answer{Body: a})
			if (there == nil) != (back == nil) {
				t.Fatalf("%q one way and %q the other", there, back)
			}
			if same := how.Unlike(Answer{Body: a}, Answer{Body: slices.Clone(a)}); same != nil && !strings.Contains(same[0], "no JSON") {
				t.Fatalf("unlike itself: %q", same)
			}
		}
	})
}
