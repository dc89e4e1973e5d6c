package podman

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// What a user types behind --podman-arg is read as Podman reads it: the request
// of the spec that was read equals the one of Podman's client for what was
// typed. Lists are typed sorted, for a spec keeps them so.
func TestPodmanReadsTheSame(t *testing.T) {
	rec := newRecorder(t)
	for _, typed := range []string{
		"-it --rm --name x",
		"-eA=b -e C=d=e --env E=",
		"-u 5:6 -w /w -h host --init -l a -l b=c",
		"--cap-drop all --cap-add chown,kill --group-add 5,6",
		"-m 1.5g --memory-swap 4g --shm-size=64m --cpus 1.50 --pids-limit 5",
		"-m 100M",
		"--net a,b --network c",
		"-p [::1]:1:2/udp,3:4/tcp -p 127.0.0.1::5/tcp -p 127.0.0.1:80:81/tcp",
		"-v /a:/b:ro,z -v vol:/c:rw,nosuid,noexec -v /anonymous",
		"--mount type=bind,src=/a:b,dst=/m,ro=true,relabel=shared --mount type=volume,source=v,target=/n,rw,nodev",
		"--mount type=tmpfs,dst=/t:u,rw,nosuid,nodev,noexec,tmpfs-size=5,tmpfs-mode=0700",
		"--security-opt seccomp:unconfined --security-opt label=disable --security-opt no-new-privileges:true",
		"--security-opt mask=/a:/b --security-opt unmask=ALL --security-opt apparmor=x --security-opt no-new-privileges",
		"--secret a --secret b,type=env,target=B --secret c,mode=0400,target=/x",
		"--ulimit core=-1:-1,nofile=5 --ulimit nproc=1:2",
		"--sysctl net.a=1,net.b=2 --sysctl \"net.c=3,4\"",
		"--entrypoint sh",
		"--entrypoint=",
		"--entrypoint [\"a\",\"b\"]",
		"--read-only --http-proxy=false --systemd=always --no-healthcheck",
		"--read-only=false --restart on-failure:3 --log-driver none --log-opt tag=x --log-opt max-size=5k --umask 77 --stop-timeout 3",
		"--userns auto --ipc host --pid host --uts host --cgroupns host",
	} {
		args := append(strings.Fields(typed), "localhost/typed", "-x", "y")
		client, err := rec.create(args)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
			continue
		}
		typed := container.Origin{Layer: container.LayerCommandLine}
		s, rest, err := podmanrun.Read(typed, args)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
			continue
		}
		container.Image.Set(s, rest[0], container.From(typed))
		container.Args.Set(s, rest[1:], container.From(typed))
		ours, err := whole().request(s)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
			continue
		}
		for _, d := range withoutCommand(differences(rec.major, s, client, ours, map[string]bool{})) {
			t.Errorf("%s: %s", typed, d)
		}
	}
}
