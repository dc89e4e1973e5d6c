package podman

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// spelling is one way to write an option; different means that Podman refuses it
// together with others of its group.
type spelling struct {
	words string // parted by "|"
	group string
}

// spellings hold every option of podman-run that decides a row and that a client
// of Podman 4.3 sends to a remote engine, most of them in several spellings.
func spellings() []spelling {
	var out []spelling
	add := func(group string, words ...string) {
		for _, w := range words {
			out = append(out, spelling{w, group})
		}
	}
	add("name", "--name=one", "--name|two")
	add("pull", "--pull=always", "--pull|never", "--pull=newer")
	add("platform", "--arch=s390x", "--platform=linux/arm64", "--os|linux|--arch|arm|--variant|v7")
	add("workdir", "-w|/srv", "-w/srv", "--workdir=/srv/x", "--workdir|/")
	add("entrypoint", "--entrypoint=/bin/sh", `--entrypoint=["/bin/sh","-c"]`, "--entrypoint|x")
	add("", "-e|A=b", "-eB=c", "-e=C=d", "--env=D=e=f", "--env|E=")
	add("", "--secret=one", "--secret=two,type=env,target=TWO", "--secret=three,type=mount,target=/run/x,mode=0400", "--secret|source=four,target=y")
	add("user", "-u|1000", "-u1000:1000", "--user=root", "--user|ibm-user:0")
	add("", "--group-add=10", "--group-add|20,30")
	add("userns", "--userns=keep-id", "--userns=keep-id:uid=1000,gid=1000", "--userns|host", "--userns=auto", "--userns=nomap", "--uidmap=0:1:1000", "--uidmap|0:1:10,10:11:5")
	add("privileged", "--privileged", "--privileged=true", "--privileged=false", "--privileged=0")
	add("", "--cap-drop=all", "--cap-drop|ALL", "--cap-drop=NET_RAW,cap_mknod", "--cap-drop=CAP_CHOWN")
	add("", "--cap-add=SYS_ADMIN", "--cap-add|net_admin,SYS_TIME", "--cap-add=CAP_FOWNER")
	add("nnp", "--security-opt=no-new-privileges", "--security-opt|no-new-privileges:true", "--security-opt=no-new-privileges=false", "--security-opt|no-new-privileges:false")
	add("seccomp", "--security-opt=seccomp=unconfined", "--security-opt|seccomp:unconfined", "--security-opt=seccomp=/etc/x.json")
	add("", "--security-opt=label=disable", "--security-opt=label=type:container_t", "--security-opt|label:level:s0:c1,c2", "--security-opt=label=user:system_u",
		"--security-opt=label=role:system_r", "--security-opt=label=filetype:x_t")
	add("", "--security-opt=mask=/proc/a:/proc/b", "--security-opt|mask:/proc/c", "--security-opt=unmask=ALL", "--security-opt=unmask=/proc/x:/sys/y")
	add("apparmor", "--security-opt=apparmor=unconfined", "--security-opt|apparmor=own")
	add("proc", "--security-opt=proc-opts=hidepid=2,subset=pid")
	add("policy", "--seccomp-policy=image", "--seccomp-policy|default")
	add("readonly", "--read-only", "--read-only=false", "--read-only=true", "--read-only|--read-only-tmpfs=false")
	add("tmpfs", "--tmpfs=/t1", "--tmpfs|/t1:rw,size=64m,mode=1777", "--tmpfs=/t2:noexec,nosuid,nodev,size=10k", "--mount=type=tmpfs,dst=/t3,tmpfs-size=1m,tmpfs-mode=0700",
		"--mount|type=tmpfs,destination=/t3,ro,noexec", "--tmpfs=/t4:suid,dev,exec,ro")
	add("vol1", "-v|/srv:/v1", "-v/srv:/v1:ro", "--volume=/srv:/v1:Z,ro", "--volume|/srv:/v1:z,U,nosuid,nodev,noexec", "-v=/srv:/v1:rshared,rw", "--mount=type=bind,src=/srv,dst=/v1,readonly",
		"--mount=type=bind,source=/srv,target=/v1,ro=false", "--mount|type=bind,source=/srv,destination=/v1,readonly=true,relabel=shared", "--mount=type=bind,src=/srv,dst=/v1,relabel=private,bind-propagation=rslave",
		"--mount=type=bind,src=/srv,dst=/v1,U=true", "--mount=\"type=bind\",\"src=/srv\",dst=/v1", "-v|/srv:/v1:O", "-v=/srv:/v1/:slave")
	add("vol2", "-v|data:/v2", "--volume=data:/v2:ro,nocopy", "-v|/v2", "--mount=type=volume,src=data,dst=/v2", "--mount=type=volume,dst=/v2", "--mount|type=volume,source=data,target=/v2,ro,U", "-vdata:/v2:copy,U")
	add("", "--volumes-from=other", "--volumes-from|more:ro")
	add("imagevolume", "--image-volume=tmpfs", "--image-volume|ignore", "--image-volume=bind")
	add("shm", "--shm-size=1g", "--shm-size|512m", "--shm-size=67108864", "--shm-size=1.5GiB", "--shm-size=64kb")
	add("", "--device=/dev/null", "--device|/dev/zero:/dev/z:rwm")
	add("", "--device-cgroup-rule=c 1:3 r", "--device-cgroup-rule|a *:* rwm")
	add("net", "--network=host", "--net|none", "--net=host", "--network|a,b", "--network=a|--network=b", "--network=bridge", "--network=private", "--network=ns:/run/x",
		"--network=slirp4netns", "--net=slirp4netns:allow_host_loopback=true", "--network|container:other")
	add("", "-p|8080:80", "-p8081:81", "--publish=127.0.0.1:8082:82", "--publish|[::1]:8083:83/udp", "-p=84", "-p|127.0.0.1::85", "-p|8086-8088:86-88", "-p|0.0.0.0:8090:90",
		"-p|9001:91,9002:92", "-p|95-96/udp", "-p|8097:97/TCP", "-p|9098:98/sctp", "-p|7000:7|-p|7001:7")
	add("pubs", "-P", "--publish-all", "--publish-all=false")
	add("", "--expose=80", "--expose|90-92/udp")
	add("hosts", "--add-host=a:1.2.3.4", "--add-host|b:::1,c:5.6.7.8", "--no-hosts", "--no-hosts=false", "--no-hosts=0")
	add("", "--dns=1.1.1.1", "--dns-option|ndots:1", "--dns-search=example.org")
	add("hostname", "-h|host1", "--hostname=host2", "-hhost3")
	add("ipc", "--ipc=host", "--ipc|shareable", "--ipc=none", "--ipc=private", "--ipc=container:x", "--ipc=ns:/run/i")
	add("pid", "--pid=host", "--pid|private", "--pid=container:x")
	add("uts", "--uts=host", "--uts|private")
	add("cgroupns", "--cgroupns=host", "--cgroupns|private")
	add("pod", "--pod=p1", "--pod|p2")
	add("", "--sysctl=net.ipv4.ip_forward=1", "--sysctl|kernel.msgmax=65536,net.core.somaxconn=10")
	add("cgroups", "--cgroups=disabled", "--cgroups|no-conmon", "--cgroups=enabled")
	add("cgroupparent", "--cgroup-parent=/x", "--cgroup-parent|user.slice")
	add("memory", "-m|2g", "-m512m", "--memory=1073741824", "--memory|1GB|--memory-swap=2g", "--memory-swap=-1|--memory=1m", "--memory=3g|--memory-swap=3g")
	add("cpus", "--cpus=2", "--cpus|0.5", "--cpu-quota=50000", "--cpu-quota|50000|--cpu-period=25000")
	add("shares", "-c|100", "--cpu-shares=200")
	add("cpuset", "--cpuset-cpus=0-1", "--cpuset-cpus|0,1")
	add("pids", "--pids-limit=100", "--pids-limit|-1", "--pids-limit=0")
	add("", "--ulimit=nofile=1024:2048", "--ulimit|nproc=10,core=0", "--ulimit=stack=1", "--ulimit=memlock=-1:-1")
	add("oom", "--oom-kill-disable", "--oom-kill-disable=true|--oom-score-adj=-10", "--oom-score-adj|500")
	add("rm", "--rm", "--rm=true", "--rm=false", "--restart=no", "--restart|always", "--restart=on-failure:3", "--restart=unless-stopped", "--restart=on-failure")
	add("init", "--init", "--init=false")
	add("stop", "--stop-timeout=5", "--stop-timeout|0", "--timeout=60|--stop-timeout=7")
	add("systemd", "--systemd=always", "--systemd|false", "--systemd=TRUE")
	add("health", "--no-healthcheck", "--health-cmd=curl localhost", "--health-cmd|none", "--health-cmd=true|--health-on-failure=kill", `--health-cmd=["CMD","true"]`)
	add("io", "-i", "-t", "-it", "--interactive", "--tty=true", "-ti", "-i=false")
	add("log", "--log-driver=none", "--log-driver|journald", "--log-driver=k8s-file|--log-opt=max-size=10mb", "--log-opt|tag=x|--log-driver=journald", "--log-opt=path=/x/y", "--log-opt=driver=none")
	add("umask", "--umask=0027", "--umask|77")
	add("proxy", "--http-proxy=false", "--http-proxy")
	add("", "-l|a=b", "-lc=d", "--label=e=f=g", "--label|h")
	add("", "--annotation=x=y", "--annotation|z=1=2")
	add("sdnotify", "--sdnotify=conmon", "--sdnotify|ignore", "--sdnotify=container")
	add("", "--passwd-entry=x", "--hostuser=root")
	// Options that open a row whatever they say (--requires, --chrootdirs, --env-merge) are not among them.
	add("personality", "--personality=LINUX32", "--tz=local", "--stop-signal=9", "--unsetenv=A", "--unsetenv-all",
		"--init-path=/x", "--blkio-weight=100", "--cpuset-mems=0", "--memory-swappiness=10", "--memory-reservation=1m")
	return out
}

// foreignLines takes one option at least of every spelling, alone and mixed.
func foreignLines() [][]string {
	random, all := rand.New(rand.NewPCG(3, 4)), spellings()
	var out [][]string
	for i, s := range slices.Concat(all, all) {
		line := slices.Clone(strings.Split(s.words, "|"))
		used := map[string]bool{s.group: true}
		if i%2 == 0 || i >= len(all) { // with company
			for range 1 + random.IntN(6) {
				o := all[random.IntN(len(all))]
				if o.group == "" && o.words != s.words || o.group != "" && !used[o.group] {
					used[o.group] = true
					line = append(line, strings.Split(o.words, "|")...)
				}
			}
		}
		image := []string{"localhost/demo:1"}
		switch i % 3 {
		case 1:
			image = []string{"--", "quay.io/x/y@sha256:" + strings.Repeat("0", 64), "serve", "--privileged", "-v", "x"}
		case 2:
			image = append(image, "sh", "-c", "echo $HOME; exit")
		}
		out = append(out, append(line, image...))
	}
	return out
}

// What zlaunch reads in a podman line is what Podman's own client reads in it, row
// by row.
func TestForeignLinesEqualPodmans(t *testing.T) {
	rec := newRecorder(t)
	lines, refused, rows, values := 0, 0, map[string]int{}, map[string]map[string]bool{}
	for _, args := range foreignLines() {
		got, err := rec.create(args)
		if err != nil {
			refused++
			t.Logf("refused: %q: %v", args, err)
			continue
		}
		r, err := command.Read(append([]string{"podman", "create"}, args...))
		if err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		if len(r.Open) > 0 {
			t.Errorf("%q: open: %+v", args, r.Open)
		}
		sent := theirs(got)
		for row, d := range foreignRows(r.Spec, sent) {
			rows[row]++
			if values[row] == nil {
				values[row] = map[string]bool{}
			}
			values[row][compact(sent[row])] = true
			if d != "" {
				t.Errorf("%q: %s: %s", args, row, d)
			}
		}
		lines++
	}
	all := 0
	for row, n := range rows {
		all += n
		if len(values[row]) < 2 {
			t.Errorf("%s is the same in every line, so nothing is proved of it", row)
		}
	}
	t.Logf("%d lines read as podman %s reads them (%d refused by it): %d rows compared %d times", lines, rec.major, refused, len(rows), all)
	if lines < 300 {
		t.Errorf("only %d lines were compared", lines)
	}
}

// foreignRows compares each row that the request can show, and tells the
// difference, "" for none.
func foreignRows(s *container.Spec, have map[string]any) map[string]string {
	want := ours(s)
	out := map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(have)) {
		out[k] = ""
		w, h := compact(want[k]), compact(have[k])
		if w != h {
			out[k] = fmt.Sprintf("podman %s, zlaunch %s", h, w)
		}
	}
	for k := range want {
		if _, ok := have[k]; !ok {
			out[k] = "it is not compared"
		}
	}
	return out
}

func rowOf[T any](f container.Field[T], s *container.Spec) T { v, _, _ := f.Get(s); return v }

func sorted(in []string) []string {
	out := append([]string{}, in...)
	slices.Sort(out)
	return out
}

func lowered(in []string) []string {
	out := []string{}
	for _, c := range in {
		out = append(out, strings.TrimPrefix(strings.ToLower(c), "cap_"))
	}
	return out
}
