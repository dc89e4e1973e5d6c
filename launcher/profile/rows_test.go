package profile_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// A container table can state every row of the spec but those that are derived
// and the two that zlaunch works out, in the same order.
func TestEveryRowCanBeStated(t *testing.T) {
	keys := profile.RowKeys()
	for _, r := range container.Rows {
		if r.Derived() || r.Key() == "publish" || r.Key() == "name" {
			continue
		}
		if len(keys) == 0 || keys[0] != r.Key() {
			t.Fatalf("row %s is not at its place in the table of rows.go, which has the order of container.Rows", r.Key())
		}
		keys = keys[1:]
	}
	if len(keys) > 0 {
		t.Errorf("%q are no rows", keys)
	}
}

// Every row reaches the spec, with its mark.
func TestEveryRowIsRead(t *testing.T) {
	values := map[string]string{
		"image": "'x:1'", "pull": "'always'", "entrypoint": "['x']", "args": "['x']", "workdir": "'/x'", "env": "{ X = 'x' }",
		"secret": "{ x = { type = 'env', target = 'X' } }", "user": "'1:2'", "group_add": "['x']", "userns": "'keep-id:uid=1,gid=2'",
		"privileged": "true", "cap_drop": "'all'", "cap_add": "['chown']", "no_new_privileges": "true", "seccomp_profile": "'/x.json'",
		"security_label": "['type:x_t']", "apparmor_profile": "'x'", "mask": "['/x']", "unmask": "['ALL']", "read_only": "true",
		"read_only_tmpfs": "true", "tmpfs": "{ '/x' = { size = 1 } }", "volume": "{ '/x' = { source = 'x' } }", "image_volume": "'tmpfs'",
		"shm_size": "1", "device": "['/dev/x', 'nvidia.com/gpu=0']", "network": "'none'", "hostname": "'x'", "ipc": "'host'", "pid": "'host'",
		"uts": "'host'", "cgroupns": "'host'", "sysctl": "{ 'net.core.somaxconn' = '1' }", "memory": "1", "memory_swap": "'-1'", "cpus": "1.5",
		"pids_limit": "1", "ulimit": "{ core = 'unlimited' }", "rm": "true", "restart": "'on-failure:3'", "init": "true", "stop_timeout": "1",
		"systemd": "'always'", "no_healthcheck": "true", "interactive": "true", "tty": "true", "log_driver": "'journald'", "log_opt": "{ tag = 'x' }",
		"umask": "'077'", "http_proxy": "true", "label": "{ 'a.b/c' = 'x' }", "annotation": "{ 'a.b/c' = 'x' }",
	}
	for _, key := range profile.RowKeys() {
		p := resolve(t, "[profile.x]\nkind='job'\ncontainer.image='x:1'\n[profile.y]\nextends='x'\n[profile.y.container]\n"+key+" = "+values[key], "y", "amd64")
		got := container.ByKey(key).Settings(p.Stated)
		if len(got) == 0 || got[len(got)-1].Mark.Origin[0].File != "profiles.toml" {
			t.Errorf("%s: got %v", key, got)
		}
	}
	p := resolve(t, "[profile.x]\nkind='job'\ncontainer.image='x:1'\ncontainer.umask='077'\ncontainer.ulimit.core='unlimited'", "x", "amd64")
	if p.Stated.Umask != "0077" || p.Stated.Ulimit["core"] != (container.Ulimit{Soft: -1, Hard: -1}) {
		t.Errorf("got %q %v", p.Stated.Umask, p.Stated.Ulimit)
	}
}
