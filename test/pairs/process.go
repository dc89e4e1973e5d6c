package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// auditLine is a line as people write them.
const auditLine = "podman run -d --rm --name serving -p 127.0.0.1:8501:8501 -v /srv/models/lstm:/models:ro,z -e MODEL_NAME=lstm " +
	"--memory 8g --pids-limit 512 --cap-drop=all --security-opt=no-new-privileges --read-only --network serving registry.example/serving:1.2.0 --enable_batching"

// auditUnit is a unit as people write them.
const auditUnit = `[Unit]
Description=serving

[Container]
Image=registry.example/serving:1.2.0
Exec=--enable_batching
PublishPort=127.0.0.1:8501:8501
Volume=/srv/models/lstm:/models:ro,z
Environment=MODEL_NAME=lstm
DropCapability=all
NoNewPrivileges=true
ReadOnly=true
PodmanArgs=--memory 8g

[Install]
WantedBy=default.target
`

// findings are the statuses of a command that judges: nothing found, and something.
var findings = []int{0, 1}

const unit = "the least any podman takes: a process that prints one line"

// version is the unit that processes without containers are measured by.
func version(aim float64) rival {
	return rival{name: "podman --version", command: command{argv: []string{"podman", "--version"}}, fair: unit, aim: aim}
}

// plans are the contests of commands that create nothing, with no service up.
func (b *bed) plans(context.Context) ([]contest, error) {
	plan := func(more ...string) command {
		argv := []string{b.zl, "plan", "--no-project", "--waive", waive, "triton"}
		return command{argv: append(argv, more...), ok: findings}
	}
	return []contest{
		{what: "zlaunch version", ours: command{argv: []string{b.zl, "version"}}, rivals: []rival{version(0)}},
		{what: "zlaunch plan triton", ours: plan(), rivals: []rival{version(0.45)}},
		{what: "zlaunch plan triton --arch " + foreignArch(), ours: plan("--arch", foreignArch()), rivals: []rival{version(0.45)}},
		{what: "completion of a profile's name", ours: command{argv: []string{b.zl, "__complete", "--", "run", "tri"}}, rivals: []rival{version(0.3)}},
	}, nil
}

// audits are the contests of judging: what others wrote, and what runs.
func (b *bed) audits(ctx context.Context) ([]contest, error) {
	script, units := filepath.Join(b.dir, "start.sh"), filepath.Join(b.dir, "units")
	if err := os.WriteFile(script, []byte(strings.Repeat(auditLine+"\n", 1000)), 0o600); err != nil {
		return nil, err
	}
	if err := manyUnits(units, 100); err != nil {
		return nil, err
	}
	line := append([]string{b.zl, "audit", "--"}, strings.Fields(auditLine)...)
	name := prefix + "-audited"
	argv := append([]string{b.zl, "run", "-d"}, b.options("bench-started", name, ourPort+2)...)
	if err := b.network(ctx); err != nil {
		return nil, err
	}
	if err := b.do(ctx, argv...); err != nil {
		return nil, err
	}
	read := rival{name: "wc -l of the script", command: command{argv: []string{"wc", "-l", script}}, fair: "the floor: a process that reads the same bytes and understands none"}
	return []contest{
		{what: "audit of one podman line", ours: command{argv: line, ok: findings}, rivals: []rival{version(0)}},
		{what: "audit of a script of 1,000 lines", ours: command{argv: []string{b.zl, "audit", script}, ok: findings}, rivals: []rival{version(0), read}},
		{what: "audit of 100 units", ours: command{argv: []string{b.zl, "audit", units}, ok: findings}, rivals: []rival{version(0)}},
		{what: "audit of one running container", ours: command{argv: []string{b.zl, "audit", "--container", name}, ok: findings}, rivals: []rival{
			{name: "podman inspect", command: command{argv: []string{"podman", "inspect", name}},
				fair: "podman prints what it stored; zlaunch reads that, the OCI configuration and the kernel's record, and judges"},
		}},
	}, nil
}

func manyUnits(dir string, n int) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, "serving-"+number(i)+".container"), []byte(auditUnit), 0o600); err != nil {
			return err
		}
	}
	return nil
}
