package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The made-up accelerator of the tests: a node of /dev/null's numbers under the name of a
// graphics card, and devices that no run may have.
const (
	cardSpec = "/etc/cdi/zlaunch-e2e.json"
	cardNode = "/dev/nvidia9"
	card     = `{"cdiVersion": "0.5.0", "kind": "zlaunch.example/gpu",
"containerEdits": {"env": ["CARD_DRIVER=loaded"],
 "mounts": [{"hostPath": "/usr/lib/os-release", "containerPath": "/opt/card/release", "options": ["ro", "nosuid", "nodev", "bind"]}],
 "hooks": [{"hookName": "createContainer", "path": "/usr/bin/true", "args": ["true", "card"]}]},
"devices": [
 {"name": "0", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia9", "permissions": "rw"}], "env": ["CARD=0"]}},
 {"name": "renamed", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia8", "hostPath": "/dev/nvidia9"}]}},
 {"name": "gone", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia7"}]}},
 {"name": "disk", "containerEdits": {"mounts": [{"hostPath": "/etc/shadow", "containerPath": "/opt/card/shadow", "options": ["bind"]}]}},
 {"name": "hooked", "containerEdits": {"hooks": [{"hookName": "createRuntime", "path": "/tmp/zlaunch-e2e-hook"}]}}]}
`
	cardProfiles = `
[profile.card]
extends = "job"
[profile.card.gpu_image]
"zlaunch.example/gpu" = "localhost/zlaunch-e2e:latest"
`
)

// withCard puts the specification and the node where Podman and the runtime look,
// unless they are there, and takes away what it made.
func withCard(p *proof) {
	if have, err := os.ReadFile(cardSpec); err != nil || string(have) != card {
		p.needRoot("a specification in /etc/cdi")
		file := filepath.Join(p.t.TempDir(), "card.json")
		if err := os.WriteFile(file, []byte(card), 0o644); err != nil {
			p.t.Fatal(err)
		}
		p.must(sudo("install", "-D", "-m", "0644", file, cardSpec))
		p.t.Cleanup(func() { p.must(sudo("rm", cardSpec)) })
	}
	if _, err := os.Stat(cardNode); err != nil {
		p.needRoot("a device node")
		p.must(sudo("mknod", "-m", "0666", cardNode, "c", "1", "3"))
		p.t.Cleanup(func() { p.must(sudo("rm", cardNode)) })
	}
}

// holding is the first line of a text that holds a part.
func holding(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// One word gives the card; what its specification brings is planned with the file that
// says so, proved before the workload runs, and there.
func TestAccelerator(t *testing.T) {
	p := shows(t, "accelerators", "--gpu gives the device that a CDI specification defines: planned, proved, and there")
	w := newWorld(t)
	withCard(p)
	w.write("zlaunch/profiles.toml", profiles+cardProfiles)
	plan := w.zlaunch("plan", "card", "--gpu=0")
	for _, line := range []string{"device_node[/dev/nvidia9]", "hook[createContainer 1]", "volume[/opt/card/release]", "env[CARD]"} {
		if !strings.Contains(plan.stdout, line) || !strings.Contains(plan.stdout, cardSpec+": zlaunch.example/gpu") {
			t.Errorf("the plan has no %s of %s:\n%s", line, cardSpec, plan.stdout)
		}
	}
	got := w.zlaunch(append(run("card", "--gpu=0"), "--", "each", "env", "stat "+cardNode, "read /opt/card/release")...)
	for _, want := range []string{`CARD=0`, `CARD_DRIVER=loaded`, "NAME="} {
		if got.code != 0 || !strings.Contains(got.stdout, want) {
			t.Fatalf("exit %d, and no %s: %s%s", got.code, want, got.stdout, got.stderr)
		}
	}
	p.saw("%s", holding(got.stderr, "proved"))
	if plain := w.zlaunch(append(run("card"), "--", "env")...); strings.Contains(plain.stdout, "CARD=0") {
		t.Error("a run that asks for no card has one")
	}
}

// A pasted line makes the same container, and an audit of a running one, by zlaunch or
// not, sees the device as what it is.
func TestAcceleratorElsewhere(t *testing.T) {
	p := shows(t, "accelerators", "the printed line carries --device, and an audit of the running container finds it as planned")
	w := newWorld(t)
	withCard(p)
	w.write("zlaunch/profiles.toml", profiles+cardProfiles)
	lines := w.zlaunch("plan", "card", "--gpu=0", "--waive", "ZL-104=a test host", "--podman", "--", "env")
	if !strings.Contains(lines.stdout, "--device=zlaunch.example/gpu=0") {
		t.Fatalf("no --device in %s%s", lines.stdout, lines.stderr)
	}
	sh := w.command("sh")
	sh.Stdin = strings.NewReader(lines.stdout)
	if got := w.do(sh); !strings.Contains(got.stdout, "CARD=0") {
		t.Errorf("pasted: %d, %s%s", got.code, got.stdout, got.stderr)
	}
	if got := w.zlaunch(run("card", "-d", "--gpu=0", "--", "sleep", "10m")...); got.code != 0 {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	t.Cleanup(func() { w.zlaunch("stop", "zlaunch-card") })
	audit := w.zlaunch("audit", "--container", "zlaunch-card", "--all")
	for _, bad := range []string{"✗  ZL-002", "✗  ZL-605", "✗  ZL-506", "not as planned"} {
		if strings.Contains(audit.stdout, bad) {
			t.Errorf("%s in\n%s", bad, audit.stdout)
		}
	}
	p.saw("%s", holding(audit.stdout, "ZL-002"))
	p.saw("%s", holding(audit.stdout, "ZL-108"))
}

// What could not run or not be proved is refused before a hook of it ran.
func TestAcceleratorRefused(t *testing.T) {
	w := newWorld(t)
	w.write("zlaunch/profiles.toml", profiles+cardProfiles)
	hook := "/tmp/zlaunch-e2e-hook"
	for _, c := range []struct{ device, what, says string }{
		{"renamed", "a node under another name, which podman's runtime does not find", "gives the host's node of the same name"},
		{"gone", "a node that the host does not have", "that this host does not have"},
		{"disk", "a secret of the host", "ZL-506"},
		{"hooked", "a hook that others may exchange", "ZL-108"},
		{"none", "a device that no file defines", "there is no device"},
	} {
		t.Run(c.device, func(t *testing.T) {
			p := shows(t, "accelerators", c.what+" is refused with the reason, and no hook runs")
			withCard(p)
			ran := filepath.Join(t.TempDir(), "ran")
			if err := os.WriteFile(hook, []byte("#!/bin/sh\ncat >/dev/null\ntouch "+ran+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Remove(hook) })
			got := w.zlaunch(append(run("card", "--gpu="+c.device), "--", "exit", "0")...)
			if got.code != 125 || !strings.Contains(got.stderr, c.says) {
				t.Errorf("exit %d: %s", got.code, got.stderr)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Error("the hook ran")
			}
			p.saw("%s", holding(got.stderr, c.says))
		})
	}
}
