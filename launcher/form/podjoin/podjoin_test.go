package podjoin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podjoin"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
)

// joined reads a script and joins its pods.
func joined(t *testing.T, script string) []*form.Reading {
	t.Helper()
	runs, _, err := shell.Script("s.sh", []byte(script))
	if err != nil {
		t.Fatal(err)
	}
	podjoin.Join(runs)
	return runs
}

func TestJoin(t *testing.T) {
	for _, c := range []struct {
		name, script string
		of           int // which run
		want         map[string]string
		known        bool
		open         string // part of a reason; "" none
	}{
		{"what the network namespace decides", "podman pod create --name p -p 8080:80 --network host --add-host a:1.2.3.4\npodman run --pod p x", 1,
			map[string]string{"network": "[host]", "publish[80/tcp]": "{ 8080}", "add_host": "[a:1.2.3.4]"}, true, ""},
		{"the pod is named behind its options", "podman pod create --network host p\npodman create --pod=p x", 1, map[string]string{"network": "[host]"}, true, ""},
		{"a network of its own", "podman pod create --network host p\npodman run --pod p --network none x", 1, map[string]string{"network": "[none]"}, true, ""},
		{"its network is not shared", "podman pod create --network host --share ipc p\npodman run --pod p x", 1, map[string]string{"network": ""}, true, ""},
		{"nothing is shared", "podman pod create --userns keep-id --infra=false p\npodman run --pod p x", 1, map[string]string{"userns": ""}, true, ""},
		{"none is shared", "podman pod create -v /etc:/e --share none p\npodman run --pod p x", 1, map[string]string{"volume[/e]": ""}, true, ""},
		{"processes are shared", "podman pod create --pid host --share +pid p\npodman run --pod p x", 1, map[string]string{"pid": "host"}, true, ""},
		{"processes are not shared", "podman pod create --pid host p\npodman run --pod p x", 1, map[string]string{"pid": ""}, true, ""},
		{"volumes and devices", "podman pod create -v /etc:/e --device /dev/kvm --volumes-from c p\npodman run --pod p --device /dev/fuse x", 1,
			map[string]string{"volume[/e]": "/etc rw", "device": "[/dev/fuse /dev/kvm]", "volumes_from": "[c]"}, true, ""},
		{"one place, two volumes", "podman pod create -v /etc:/e p\npodman run --pod p -v /srv:/e x", 1, nil, true, "Podman refuses the container"},
		{"a user namespace", "podman pod create --userns keep-id p\npodman run --pod p x", 1, map[string]string{"userns": "keep-id"}, true, ""},
		{"security is by version", "podman pod create --security-opt no-new-privileges p\npodman run --pod p x", 1, map[string]string{"no_new_privileges": ""}, true,
			"depends on the version"},
		{"the label is inherited", "podman pod create --security-opt label=disable p\npodman run --pod p x", 1, map[string]string{"security_label": "[disable]"}, true, ""},
		{"limits of them all", "podman pod create --memory 1g p\npodman run --pod p x", 1, map[string]string{"memory": ""}, true, "bounds its containers together"},
		{"a limit of its own", "podman pod create --memory 1g p\npodman run --pod p --memory 1m x", 1, map[string]string{"memory": "1048576"}, true, ""},
		{"by its id file", "podman pod create --network host --pod-id-file /tmp/i\npodman run --pod-id-file /tmp/i x", 1, map[string]string{"network": "[host]"}, true, ""},
		{"made by a run", "podman run --pod new:p --network host a\npodman run --pod p b", 1, map[string]string{"network": "[host]"}, true, ""},
		{"which makes it", "podman run --pod new:p --network host a", 0, map[string]string{"network": "[host]"}, true, ""},
		{"it is not here", "podman run --pod p x", 0, nil, false, "the pod p is not here"},
		{"it comes later", "podman run --pod p x\npodman pod create p", 0, nil, false, "only after it"},
		{"two of a name", "podman pod create p\npodman pod create --network host p\npodman run --pod p x", 2, nil, false, "several pods"},
		{"its name is made by a shell", "podman pod create p\npodman run --pod \"$P\" x", 1, nil, false, "which pod it joins is not known"},
		{"the pod's name is made by a shell", "podman pod create --network host \"$P\"\npodman run --pod p x", 1, nil, false, "not here"},
		{"what is shared is made by a shell", "podman pod create --share \"$S\" p\npodman run --pod p x", 1, nil, false, "which namespaces"},
		{"whether there is an infra container is", "podman pod create --infra=\"$S\" p\npodman run --pod p x", 1, nil, false, "infra container"},
		{"an option that is none", "podman pod create --frobnicate=1 p\npodman run --pod p x", 1, nil, false, "is no option of podman pod create"},
		{"the address is made by a shell", "podman pod create -p \"$A:80\" p\npodman run --pod p x", 1, nil, true, "expanded by the shell"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := joined(t, c.script)[c.of]
			settings := map[string]string{}
			for _, s := range container.Settings(r.Spec) {
				settings[s.Path.String()] = text(s.Value)
			}
			for path, want := range c.want {
				if settings[path] != want {
					t.Errorf("%s is %q, want %q", path, settings[path], want)
				}
			}
			if known, _, _ := container.PodKnown.Get(r.Spec); known != c.known {
				t.Errorf("known: %t", known)
			}
			if (c.open == "") != (len(r.Open) == 0) || !slices.ContainsFunc(append(r.Open, form.Open{}), func(o form.Open) bool { return strings.Contains(o.Why, c.open) }) {
				t.Errorf("open %v, want %q", r.Open, c.open)
			}
			for p, words := range r.At {
				for _, w := range words {
					if w < 0 || w >= len(r.Words) {
						t.Errorf("%s is decided by word %d of %d", p, w, len(r.Words))
					}
				}
			}
		})
	}
}

func text(v any) string { return strings.TrimSuffix(fmt.Sprint(v), " ") }
