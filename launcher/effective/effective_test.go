package effective_test

import (
	"slices"
	"testing"

	. "github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
)

var by = From(Origin{Layer: LayerCommandLine})

func TestCapabilityAlgebra(t *testing.T) {
	engine := []string{"CAP_CHOWN", "kill", "net_raw"}
	cases := []struct {
		name      string
		drop, add []string
		engine    []string
		want      []string
		known     bool
	}{
		{"drop all", []string{"all"}, nil, engine, nil, true},
		{"drop all adds", []string{"ALL"}, []string{"CAP_NET_RAW"}, nil, []string{"net_raw"}, true},
		{"defaults minus drop plus add", []string{"cap_kill"}, []string{"sys_time"}, engine, []string{"chown", "net_raw", "sys_time"}, true},
		{"default not known", []string{"kill"}, nil, nil, nil, false},
		{"add all", nil, []string{"all"}, engine, nil, false},
	}
	for _, c := range cases {
		s := &Spec{}
		CapDrop.Set(s, c.drop, by)
		CapAdd.Set(s, c.add, by)
		got, _, known := Capabilities.Get(effective.Of(s, effective.Defaults{Capabilities: c.engine}))
		if known != c.known || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, known %v", c.name, got, known)
		}
	}
}

func TestImageFillsWhatIsLeftOpen(t *testing.T) {
	img := &effective.Image{Entrypoint: []string{"/server"}, Cmd: []string{"--serve"}, Workdir: "/w", Env: []string{"A=image", "B=image"}}
	s := &Spec{}
	Env.Set(s, "A", "mine", by)
	e := effective.Of(s, effective.Defaults{Image: img})
	a, _, _ := Env.Get(e, "A")
	b, m, _ := Env.Get(e, "B")
	args, _, _ := Args.Get(e)
	if a != "mine" || b != "image" || m.Origin[0].Layer != LayerImage || !slices.Equal(args, img.Cmd) {
		t.Errorf("A=%s B=%s (%v) args=%v", a, b, m.Origin, args)
	}
	Entrypoint.Set(s, []string{"/other"}, by) // podman drops CMD then
	if args, _, _ := Args.Get(effective.Of(s, effective.Defaults{Image: img})); len(args) != 0 {
		t.Errorf("a stated entrypoint keeps the image's CMD %v", args)
	}
	if _, _, known := Workdir.Get(effective.Of(s, effective.Defaults{})); known {
		t.Error("without the image the working directory is known")
	}
}

func TestIdentity(t *testing.T) {
	for _, c := range []struct{ user, userns, want string }{
		{"1000:1000", "keep-id:uid=1000,gid=1000", "1000=1001"},
		{"0:0", "host", "0=1001"},
		{"1000:1000", "host", ""},
		{"1000:1000", "keep-id:uid=1,gid=1", ""},
		{"1000:0", "keep-id:uid=1000,gid=1000", "1000=1001"},
		{"1000:0", "keep-id:uid=1000,gid=1000,size=9", "1000=1001"}, // its own stands outside of the size
		{"1000:1000", "keep-id:uid=1000", "1000=1001"},
		{"1001:1000", "keep-id:gid=1000", "1001=1001"},
		{"1000:1000", "keep-id", ""},
		{"0:0", "nomap", ""},
		{"0:0", "auto", ""},
		{"0:0", "container:web", ""},
	} {
		s := &Spec{}
		User.Set(s, c.user, by)
		Userns.Set(s, c.userns, by)
		if got, _, _ := UidMap.Get(effective.Of(s, effective.Defaults{UID: 1001, GID: 1001})); got != c.want {
			t.Errorf("%s under %s: %q, want %q", c.user, c.userns, got, c.want)
		}
	}
}

func TestProcessLabel(t *testing.T) {
	open := &Spec{}
	Privileged.Set(open, true, by)
	if got, _, _ := ProcessLabel.Get(effective.Of(open, effective.Defaults{SELinux: true})); got != "" {
		t.Errorf("privileged: %q", got)
	}
	for _, c := range []struct {
		opts []string
		pid  string
		want string
	}{
		{nil, "private", "container_t"},
		{[]string{"disable"}, "private", ""},
		{[]string{"type:my_t"}, "private", "my_t"},
		{nil, "host", ""}, // pid=host switches SELinux off without a word
	} {
		s := &Spec{}
		SecurityLabel.Set(s, c.opts, by)
		Pid.Set(s, c.pid, by)
		if got, _, _ := ProcessLabel.Get(effective.Of(s, effective.Defaults{SELinux: true})); got != c.want {
			t.Errorf("%v pid %s: %q", c.opts, c.pid, got)
		}
	}
}

// Not every Podman passes on a description of the image that is empty.
func TestEmptyDescriptionIsNotPlanned(t *testing.T) {
	img := &effective.Image{Annotations: map[string]string{"org.opencontainers.image.base.name": "", "org.opencontainers.image.title": "x", "run.oci.handler": ""}}
	got := Annotation.Keys(effective.Of(&Spec{}, effective.Defaults{Image: img}))
	if want := []string{"org.opencontainers.image.title", "run.oci.handler"}; !slices.Equal(got, want) {
		t.Errorf("planned %q, want %q", got, want)
	}
}

// Every setting that nobody stated has the engine's default, but those that the caller,
// the image or the running kernel alone tells.
func TestEveryRowHasADefault(t *testing.T) {
	told := []string{"image", "name", "entrypoint", "args", "workdir", "user", "uid_map", "gid_map", "seccomp_filter", "process_label"}
	s := effective.Complete(&Spec{}, effective.Engine{Kind: "podman"})
	for _, r := range Rows {
		if _, known := s.Mark(r); known == slices.Contains(told, r.Key()) {
			t.Errorf("%s: known by default %v", r.Key(), known)
		}
	}
}
