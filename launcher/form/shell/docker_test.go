package shell

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The spellings that docker's own reference has, and what docker/cli 28 makes of
// them. What it refuses is open here.
func TestDockerGrammar(t *testing.T) {
	for _, c := range []struct{ option, want string }{
		{"--network name=host", "network=[host]"},
		{"--network NAME=HOST", "network=[host]"},
		{"--network host", "network=[host]"},
		{"--network a,b", "network=[a,b]"},
		{"--network container:web", "network=[container:web]"},
		{`--network '"name=n1","alias=a","ip=172.20.0.9"'`, "network=[n1]"},
		{"--net name=n1,alias=a,ip6=::2,mac-address=92:d0:c6:0a:29:33,link-local-ip=169.254.1.1,gw-priority=1", "network=[n1]"},
		{"--network name=n1,driver-opt=com.docker.network.endpoint.sysctls=x=1", "network=[n1] open=network"},
		{"--network alias=a", "open=network"},
		{"--network name=n1,mode=host", "network=[n1] open=network"},
		{"--network name=$N", "open=network"},
		{"--network name=n1,alias=$A", "open=network"},

		{"--mount TYPE=bind,SRC=/,DST=/h", "volume[/h]=/:rw"},
		{"--mount Type=BIND,Source=/a,Target=/h,ReadOnly", "volume[/h]=/a:ro"},
		{"--mount type=bind,source=/a,destination=/h,RO=true", "volume[/h]=/a:ro"},
		{"--mount type=bind,src=/a,dst=/h,readonly=0", "volume[/h]=/a:rw"},
		{"--mount type=bind,src=/a,dst=/h,bind-propagation=RSHARED,consistency=CACHED", "volume[/h]=/a:rw,rshared"},
		{`--mount '"TYPE=bind","SRC=/a,b",DST=/h'`, "volume[/h]=/a,b:rw"},
		{"--mount type=bind,src=$A,Dst=/h", "volume[/h]=$A:rw open=volume[/h]"},
		{"--mount type=volume,src=v,dst=/h,volume-nocopy,volume-subpath=s,volume-label=a=b", "volume[/h]=v:rw"},
		{"--mount src=v,dst=/h,volume-driver=local,Volume-Opt=device=/,volume-opt=o=bind", "volume[/h]=v:rw,device=/"},
		{"--mount src=v,dst=/h,volume-driver=vieux/sshfs", "volume[/h]=v:rw open=volume"},
		{"--mount TYPE=TMPFS,DST=/t,TMPFS-SIZE=1m,tmpfs-mode=700", "tmpfs[/t]"},
		{"--mount type=image,source=i,dst=/h,image-subpath=s", "mount=[type=image,source=i,dst=/h,image-subpath=s]"},
		{`--mount type=npipe,source=p,target=/p`, "mount=[type=npipe,source=p,target=/p] open=mount"},
		{"--mount type=cluster,source=p,target=/p", "mount=[type=cluster,source=p,target=/p] open=mount"},
		{"--mount type=glob,source=/a,target=/p", "mount=[type=glob,source=/a,target=/p] open=mount"},
		{"--mount type=bind,src=/a,dst=/h,dest=/b", "volume[/h]=/a:rw open=volume"},
		{"--mount type=bind,src=/a,dst=/h,rw", "volume[/h]=/a:rw open=volume"},
		{"--mount type=bind,src=/a,dst=/h,idmap=true", "volume[/h]=/a:rw open=volume"},

		{"-v /a:/h:ro,Z", "volume[/h]=/a:ro,Z"},
		{"-v n:/h:nocopy", "volume[/h]=n:rw"},
		{"-v /a:/h:rshared", "volume[/h]=/a:rw,rshared"},

		{"-p published=22,target=22", "publish[22/tcp]=:22"},
		{"-p target=80", "publish[80/tcp]=:0"},
		{"-p target=53,published=5353,protocol=udp,mode=host,name=dns,app_protocol=dns", "publish[53/udp]=:5353"},
		{"-p published=80-81,target=80-81", "publish[80-81/tcp]=:80"},
		{"-p published=127.0.0.1:22,target=22", "publish[22/tcp]=127.0.0.1:22"},
		{"-p published=22,target=22,host_ip=127.0.0.1", "publish[22/tcp]=:22 open=publish"},
		{"-p Published=22,target=22", "publish[22/tcp]=:0 open=publish"},
		{"-p published=22", "open=publish"},
		{"-p published=22,target", "open=publish"},
		{"-p ::1:80:80", "publish[80/tcp]=::1:80"},
		{"-p [::]:80:80", "publish[80/tcp]=:::80"},

		{"--security-opt systempaths=unconfined", "unmask=[ALL]"},
		{"--security-opt writable-cgroups=true", "unmask=[/sys/fs/cgroup]"},
		{"--security-opt writable-cgroups:1", "unmask=[/sys/fs/cgroup]"},
		{"--security-opt writable-cgroups=$W", "open=unmask"},
		{"--security-opt writable-cgroups", "open="},
		{"--security-opt no-new-privileges", "no_new_privileges=true"},
		{"--security-opt no-new-privileges:true", "no_new_privileges=true"},
		{"--security-opt no-new-privileges=false", "no_new_privileges=false"},
		{"--security-opt seccomp:unconfined", "seccomp_profile=unconfined"},
		{"--security-opt seccomp=builtin", "seccomp_profile="},
		{"--security-opt apparmor:unconfined", "apparmor_profile=unconfined"},
		{"--security-opt label:disable", "security_label=[disable]"},
		{"--security-opt mask=/proc/keys", "mask=[/proc/keys] open="},
		{"--security-opt nothing=1", "open="},

		{"--gpus all", "gpus=[all]"},
		{"--gpus -1", "gpus=[all]"},
		{"--gpus 2", "gpus=[count=2]"},
		{"--gpus driver=nvidia,count=all", "gpus=[all]"},
		{"--gpus device=0", "gpus=[device=0]"},
		{`--gpus '"device=0,all"'`, "gpus=[device=0 all]"},
		{`--gpus 'driver=nvidia,"capabilities=compute,utility"'`, "gpus=[count=1]"},
		{`--gpus driver=cdi,device=nvidia.com/gpu=all`, "gpus=[all]"},
		{"--gpus Count=all", "gpus=[count=1] open=gpus"},

		{"--pid=container:x", "pid=container:x"},
		{"--pid=private", "pid=private open=pid"},
		{"--uts=private", "uts=private open=uts"},
		{"--cgroupns=container:x", "cgroupns=container:x open=cgroupns"},
		{"--pull=newer", "pull=newer open=pull"},
		{"--userns=host", "userns=host"},
		{"--cgroupns=host", "cgroupns=host"},
		{"--privileged=false", "privileged=false"},
		{"--privileged=T", "privileged=true"},
		{"--ulimit NOFILE=1:2", "ulimit[nofile]=1:2"},
		{"--log-opt driver=none", "log_opt[driver]=none"},
	} {
		if got := inShort(t, "docker run "+c.option+" x"); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.option, got, c.want)
		}
	}
}

// inShort is what a line states beside its image, and what it leaves open, in short.
func inShort(t *testing.T, line string) string {
	t.Helper()
	r := read(t, line)
	var out []string
	for _, set := range container.Settings(r.Spec) {
		if set.Path.Key != "image" {
			out = append(out, strings.TrimSuffix(set.Path.String()+"="+brief(set.Value), "=…"))
		}
	}
	for _, o := range r.Open {
		out = append(out, "open="+o.At.String())
	}
	return strings.Join(slices.Compact(out), " ")
}

func brief(v any) string {
	switch v := v.(type) {
	case container.Volume:
		out := []string{map[bool]string{true: "ro", false: "rw"}[v.ReadOnly], v.Relabel, v.Propagation}
		if v.Device != "" {
			out = append(out, "device="+v.Device)
		}
		return v.Source + ":" + strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), ",")
	case container.Port:
		return v.HostIP + ":" + strconv.Itoa(int(v.HostPort))
	case container.Tmpfs:
		return "…"
	case container.Ulimit:
		return fmt.Sprintf("%d:%d", v.Soft, v.Hard)
	}
	return fmt.Sprint(v)
}
