package subject_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// harmlessLine is a run of which as much as a line can show passes.
const harmlessLine = `run --pull=never --read-only --cap-drop=all --security-opt=no-new-privileges --user=1000:1000 --network=none --memory=512m ` +
	`--memory-swap=512m --cpus=1 --pids-limit=100 --ulimit=nofile=1024:1024 --ulimit=core=0:0 --ulimit=nproc=100:100 --ipc=private ` +
	`--tmpfs=/tmp:rw,size=16m,noexec,nosuid,nodev,mode=1777 --shm-size=64m --stop-timeout=10 --init --name=x --rm`

const harmlessImage = " registry.example.com/x/y@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// worst are values with which an option must not pass; of the others it is
// "/tmp/e". "" is a switch.
var worst = map[string]string{
	"annotation": "run.oci.handler=krun", "cap-add": "sys_admin", "cap-drop": "CAP_ALL", "cgroups": "disabled", "creds": "bob:hunter2",
	"entrypoint": "/bin/sh", "env": "PASSWORD=hunter2hunter2", "gpus": "all", "health-on-failure": "restart", "log-driver": "none", "pull": "always",
	"label": "io.containers.autoupdate=registry", "seccomp-policy": "image", "tz": "../../../etc/shadow", "userns": "ns:/proc/1/ns/user",
	"privileged": "true", "publish-all": "true", "oom-kill-disable": "true", "tty": "true", "env-host": "true", "http-proxy": "true",
	"no-healthcheck": "true", "interactive": "true", "use-api-socket": "true", "no-hosts": "true", "replace": "true", "rootfs": "true", "remote": "true",
	"detach": "true", "rmi": "true", "read-only": "false", "init": "false", "rm": "false", "tls-verify": "false", "read-only-tmpfs": "true", "systemd": "always",
	"volume": "/etc:/x", "mount": "type=bind,src=/etc,dst=/x", "device": "/dev/mem", "device-cgroup-rule": "a *:* rwm", "memory": "0", "memory-swap": "-1",
	"cpus": "0", "cpu-period": "0", "cpu-quota": "-1", "cpu-shares": "2", "pids-limit": "-1", "ulimit": "host", "network": "host", "publish": "80:80",
	"ipc": "host", "pid": "host", "uts": "host", "cgroupns": "host", "security-opt": "seccomp=unconfined", "shm-size": "1", "stop-timeout": "0",
	"sysctl": "net.ipv4.ip_forward=1", "tmpfs": "/x:exec,suid,dev", "user": "0", "umask": "0000", "restart": "always", "timeout": "0", "secret": "x,type=env",
	"oom-score-adj": "-1000", "preserve-fds": "3", "preserve-fd": "3", "uidmap": "0:@0:5", "gidmap": "0:@0:5", "log-opt": "path=/etc/shadow",
	"health-cmd": "none", "health-interval": "disable", "workdir": "/proc/self/fd/8", "env-merge": "A=${A}x",
}

// beside are judged by what only an image or a host tells, by another option that
// is not in the line, or by what the line and the default state already.
var beside = []string{
	"arch", "os", "variant", "platform", "image-volume", // the image and the host
	"health-on-failure", "publish", "timeout", // health-cmd, a network, a job
	"cpu-period", "cpu-quota", "cpu-shares", "cpuset-cpus", // cpus
	"uidmap", "gidmap", // an engine that runs as root
	"http-proxy", "read-only-tmpfs", // true by default
}

func weak(t *testing.T, line string) []string {
	t.Helper()
	r, err := shell.Line(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var out []string
	for _, f := range subject.AuditReading(r, nil).Findings {
		if f.Verdict == audit.Fail || f.Verdict == audit.Open || f.Verdict == audit.Review {
			out = append(out, f.Control.ID+" "+f.Verdict.String()+" "+f.At.String()+" "+f.Message)
		}
	}
	return out
}

// Every option that is said to be judged, to name a file or to open something has
// a value by which a run weakens, and every harmless one has none.
func TestAnswersAreTrue(t *testing.T) {
	text, err := os.ReadFile("../form/command/testdata/answers.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, l := range lines[1:] {
		f := strings.SplitN(l, " ", 3)
		engine, front, run := strings.Cut(f[0], "-")
		if front == "pod-create" {
			continue
		}
		value, ok := worst[f[1]]
		if !ok {
			value = "/tmp/e"
		}
		o := " --" + f[1] + "=" + value + " "
		bare, with := engine+" "+harmlessLine+harmlessImage, engine+" "+harmlessLine+o+harmlessImage
		if !run {
			with = engine + o + harmlessLine + harmlessImage
		}
		before := weak(t, bare)
		more := slices.DeleteFunc(weak(t, with), func(s string) bool { return slices.Contains(before, s) || strings.HasPrefix(s, "ZL-001 ") })
		if !slices.Contains(beside, f[1]) && (f[2] == "harmless") != (len(more) == 0) {
			t.Errorf("%s is %s, and %s brings %q", l, f[2], o, more)
		}
	}
}
