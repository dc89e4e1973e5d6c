package command_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// hostile gives each option that is judged a value which the audit must not pass in
// silence. Harmless ones take "x".
var hostile = map[string]string{
	"add-host": "h:host-gateway", "annotation": "run.oci.handler=krun", "arch": "s390x", "cap-add": "SYS_ADMIN", "cap-drop": "CAP_ALL",
	"cgroup-conf": "memory.max=max", "cgroup-parent": "/x", "cgroupns": "host", "cgroups": "disabled", "cidfile": "/home/u/.bashrc",
	"conmon": "/tmp/e", "conmon-pidfile": "/home/u/.bashrc", "cpu-period": "0", "cpu-profile": "/home/u/.bashrc", "cpu-quota": "-1", "cpu-shares": "0",
	"cpus": "0", "cpuset-cpus": "", "cdi-spec-dir": "/home/u/cdi", "device": "/dev/sda", "device-cgroup-rule": "a *:* rwm", "dns": "8.8.8.8",
	"dns-option": "x", "dns-search": "x", "entrypoint": "curl -u a:hunter2secret x", "env": "AWS_SECRET_ACCESS_KEY=abcdefgh12345678", "env-file": "/etc/shadow",
	"env-host": "true", "env-merge": "LD_PRELOAD=/tmp/e.so", "gidmap": "x", "gpus": "all", "group-add": "keep-groups", "group-entry": "x:x:0:",
	"health-cmd": "none", "health-interval": "disable", "health-log-destination": "/home/u/bin", "health-on-failure": "none", "hooks-dir": "/tmp/e",
	"hosts-file": "/etc/shadow", "hostuser": "root", "http-proxy": "true", "image-volume": "bind", "imagestore": "/tmp/e", "init": "false",
	"init-path": "/tmp/e", "ipc": "host", "label": "io.containers.autoupdate=registry", "label-file": "/tmp/e", "log-driver": "none",
	"log-opt": "path=/home/u/.bashrc", "memory": "0", "memory-profile": "/home/u/.bashrc", "memory-swap": "-1", "module": "/tmp/e",
	"mount": "type=bind,src=/,dst=/h", "network": "host", "network-cmd-path": "/tmp/e", "network-config-dir": "/tmp/e", "no-healthcheck": "true",
	"no-hosts": "true", "oom-kill-disable": "true", "oom-score-adj": "-1000", "os": "windows", "out": "/home/u/.bashrc", "passwd-entry": "root:x:0:0::/:/bin/sh",
	"pid": "host", "pidfile": "/home/u/.bashrc", "pids-limit": "-1", "platform": "linux/s390x", "pod": "p", "pod-id-file": "/tmp/p", "preserve-fd": "5",
	"preserve-fds": "2", "privileged": "true", "publish": "22:22", "publish-all": "true", "pull": "always", "read-only": "false", "read-only-tmpfs": "true",
	"registries-conf": "/tmp/e", "restart": "always", "rm": "false", "rmi": "false", "root": "/tmp/e", "rootfs": "true", "runroot": "/tmp/e", "runtime": "/tmp/e",
	"runtime-flag": "debug", "seccomp-policy": "image", "secret": "s,type=env", "security-opt": "seccomp=unconfined", "shm-size": "1k",
	"signature-policy": "/tmp/e", "stop-timeout": "0", "storage-driver": "vfs", "storage-opt": "overlay.mount_program=/tmp/e", "sysctl": "kernel.msgmax=65536",
	"systemd": "always", "timeout": "", "tls-verify": "false", "tmpdir": "/tmp/e", "tmpfs": "/x:exec", "tz": "../../../etc/shadow", "uidmap": "x",
	"ulimit": "host", "umask": "0000", "user": "root", "userns": "ns:/run/x", "uts": "host", "variant": "v7", "volume": "/:/h",
	"volumepath": "/tmp/e", "volumes-from": "c", "workdir": "/proc/self/fd/8", "use-api-socket": "true", "creds": "bob:hunter2", "decryption-key": "k:hunter2", "connection": "c", "url": "tcp://h:1", "host": "tcp://h:1", "remote": "true", "context": "c", "config": "/tmp/e",
}

// Of some options nothing that they say can be worse than what stands in the line
// without them, or only the host tells; each says why.
var cannotMove = map[string]string{
	"timeout":     "only a job must end, and a line is none",
	"cpu-period":  "it means nothing without a quota",
	"cpu-shares":  "one bound of three suffices, and the line states another",
	"cpuset-cpus": "one bound of three suffices, and the line states another",
	"cpu-quota":   "--cpus stands beside it",
	"rmi":         "it implies --rm, which the line states",
	"platform":    "which architecture the host has is not known of a line",
	"arch":        "which architecture the host has is not known of a line",
	"os":          "which architecture the host has is not known of a line",
	"variant":     "which architecture the host has is not known of a line",
}

const hardenedPodman = `podman %s run --rm --pull=missing --read-only --read-only-tmpfs=false --cap-drop=all --security-opt=no-new-privileges --user=1000:1000
	--userns=keep-id:uid=1000,gid=1000 --tmpfs=/tmp:size=1m,mode=1777,noexec,nosuid,nodev --image-volume=ignore --network=net1 --ipc=private --pids-limit=100
	--memory=1g --memory-swap=1g --cpus=2 --ulimit=core=0:0 --shm-size=1g --systemd=false --init --umask=0027 --http-proxy=false --log-driver=k8s-file
	--log-opt=max-size=10m --health-cmd=/bin/healthy --health-on-failure=kill --restart=no --entrypoint=/server %s
	icr.io/ibmz/x:1.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa serve`

const hardenedDocker = `docker %s run --rm --pull=missing --read-only --cap-drop=all --security-opt=no-new-privileges --user=1000:1000
	--tmpfs=/tmp:size=1m,mode=1777,noexec,nosuid,nodev --network=net1 --ipc=private --pids-limit=100
	--memory=1g --memory-swap=1g --cpus=2 --ulimit=core=0:0 --shm-size=1g --init --log-driver=local
	--log-opt=max-size=10m --health-cmd=/bin/healthy --restart=no --entrypoint=/server %s
	icr.io/ibmz/x:1.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa serve`

// judged is what an audit says of a line that is not a pass.
func judged(t *testing.T, line []string) []string {
	t.Helper()
	r, err := command.Read(line)
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	var out []string
	for _, o := range r.Open {
		out = append(out, "open "+o.At.String()+" "+o.Why)
	}
	s := effective.Complete(r.Spec, effective.Engine{Kind: r.Engine})
	container.Subject.Set(s, "line", container.Mark{})
	for _, f := range audit.Judge(s) {
		if f.Verdict != audit.Pass && f.Verdict != audit.NotApplicable {
			out = append(out, fmt.Sprint(f.Verdict, " ", f.Control.ID, " ", f.At, " ", f.Severity))
		}
	}
	return out
}

// hardenedWith is the hardened line of an engine with one option more.
func hardenedWith(ofDocker, front bool, option string) []string {
	base := hardenedPodman
	if ofDocker {
		base = hardenedDocker
	}
	before, behind := "", option
	if front {
		before, behind = option, ""
	}
	var line []string
	for _, w := range strings.Fields(fmt.Sprintf(base, before, "\x00")) {
		switch {
		case w == "\x00" && behind != "":
			line = append(line, behind)
		case w != "\x00":
			line = append(line, w)
		}
	}
	return line
}

// Over a hardened line each judged option moves the audit by a hostile value, and each
// harmless one moves nothing.
func TestHostileValues(t *testing.T) {
	for list, answers := range lists {
		ofDocker, front := strings.HasPrefix(list, "docker"), strings.HasSuffix(list, "global")
		base := judged(t, hardenedWith(ofDocker, front, ""))
		moved, idle := 0, 0
		for _, a := range answers() {
			value, given := hostile[a.Name]
			if a.Name == "userns" && ofDocker {
				value = "host"
			}
			if a.Harmless != "" || !given {
				value = "x"
			}
			if a.Harmless == "" && !given && a.Opens == "" {
				t.Errorf("%s: no hostile value of --%s", list, a.Name)
				continue
			}
			option := "--" + a.Name + "=" + value
			if a.Boolean && value == "x" {
				option = "--" + a.Name
			}
			got := judged(t, hardenedWith(ofDocker, front, option))
			same := slices.Equal(got, base)
			switch {
			case a.Harmless != "" && !same:
				t.Errorf("%s: %s is harmless, and moves:\n%s", list, option, strings.Join(apart(got, base), "\n"))
			case a.Harmless != "":
				idle++
			case same && cannotMove[a.Name] == "":
				t.Errorf("%s: %s passes in silence", list, option)
			case !same:
				moved++
			}
		}
		t.Logf("%s: %d options moved the audit, %d are harmless", list, moved, idle)
	}
}

// apart is what one of two lists has alone.
func apart(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// Further hostile spellings, of the options that say many things: one in a line of
// testdata/hostile-podman.txt and hostile-docker.txt. None passes in silence over the
// hardened line, nor do two of them together.
func TestHostileSpellings(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, engine := range []string{"podman", "docker"} {
		text, err := os.ReadFile("testdata/hostile-" + engine + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		list := strings.Split(strings.TrimSpace(string(text)), "\n")
		ofDocker := engine == "docker"
		base := judged(t, hardenedWith(ofDocker, false, ""))
		for i, option := range list {
			line := hardenedWith(ofDocker, false, option)
			if len(apart(judged(t, line), base)) == 0 {
				t.Errorf("%s %s passes in silence", engine, option)
			}
			at := slices.Index(line, option)
			twice := slices.Insert(slices.Clone(line), at, list[r.IntN(len(list))])
			if len(apart(judged(t, twice), base)) == 0 {
				t.Errorf("%s %s passes in silence behind %s", engine, list[i], twice[at])
			}
		}
	}
}
