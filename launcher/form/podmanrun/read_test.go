package podmanrun_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// The many ways to write an option mean one thing.
func TestRead(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-it", "--interactive --tty"},
		{"-itv /a:/b", "--volume=/a:/b:rw --interactive --tty"},
		{"-eA=b -e=C=d --env E=", "--env=A=b --env=C=d --env=E="},
		{"--cap-drop=ALL --cap-add CAP_CHOWN,net_raw --cap-add=SYS_TIME", "--cap-drop=all --cap-add=chown --cap-add=net_raw --cap-add=sys_time"},
		{"--net host", "--network=host"},
		{"--network=a,b --network c", "--network=a --network=b --network=c"},
		{"--read-only=false --rm=true --init", "--read-only=false --rm --init"},
		{"-m 8g --memory-swap=8192m --shm-size 1.5k", "--shm-size=1536b --memory=8589934592b --memory-swap=8589934592b"},
		{"-p 80 -p 8080:81/udp,127.0.0.1::82 -p [::1]:83:83", "--publish=80/tcp --publish=8080:81/udp --publish=127.0.0.1::82/tcp --publish=[::1]:83:83/tcp"},
		{"-v /x --mount type=bind,src=/a:b,dst=/m,ro=true,relabel=shared --mount type=volume,source=v,target=/n,nodev", "--mount=type=bind,src=/a:b,dst=/m,ro,relabel=shared --volume=v:/n:rw,nodev --volume=/x"},
		{"--mount type=bind,dst=/a,readonly=false", "--volume=/a:/a:rw"},
		{"--tmpfs /t --tmpfs /u:size=1g,mode=755,noexec --mount type=tmpfs,dst=/w,tmpfs-size=5", "--tmpfs=/t:rw,nosuid,nodev,exec --tmpfs=/u:rw,nosuid,nodev,noexec,size=1073741824,mode=0755 --tmpfs=/w:rw,nosuid,nodev,exec,size=5"},
		{"--security-opt label=disable --security-opt seccomp:unconfined --security-opt no-new-privileges:true --security-opt unmask=/a:/b --security-opt systempaths=unconfined", "--security-opt=no-new-privileges --security-opt=seccomp=unconfined --security-opt=label=disable --security-opt=unmask=/a --security-opt=unmask=/b --security-opt=unmask=ALL"},
		{"--security-opt apparmor=a --security-opt mask=/x --security-opt no-new-privileges=false", "--security-opt=no-new-privileges=false --security-opt=apparmor=a --security-opt=mask=/x"},
		{"--secret a --secret b,type=env,target=B --secret c,mode=0400,target=/x", "--secret=a,type=mount --secret=b,type=env,target=B --secret=c,type=mount,target=/x,mode=0400"},
		{"--entrypoint sh", `--entrypoint=["sh"]`},
		{"--entrypoint=", "--entrypoint="},
		{"--ulimit RLIMIT_NOFILE=5 --ulimit nproc=1:2,core=-1:-1 --cpus 1.50 --pids-limit -1", "--cpus=1.5 --pids-limit=-1 --ulimit=core=-1:-1 --ulimit=nofile=5:5 --ulimit=nproc=1:2"},
		{"-l a -l b=c --annotation d=e -u 5 -w /w -h host", "--workdir=/w --user=5 --hostname=host --label=a= --label=b=c --annotation=d=e"},
		{"--read-only --read-only-tmpfs=false --shm-size 5b --tmpfs /dev/shm:rw,noexec,size=5,mode=1777", "--read-only --read-only-tmpfs=false --shm-size=5b --tmpfs=/dev/shm:rw,nosuid,nodev,noexec,size=5,mode=1777"},
	} {
		s, rest, err := podmanrun.Read(mark.Origin[0], strings.Fields(c.args))
		if err != nil || len(rest) != 0 {
			t.Errorf("%s: %v, rest %q", c.args, err, rest)
			continue
		}
		got, err := podmanrun.Args(s)
		if line := strings.Join(got, " "); err != nil || line != c.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", c.args, err, line, c.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"--privilged":                            `zlaunch has no setting for "--privilged"`,
		"--add-host a:1.2.3.4":                   `zlaunch has no setting for "--add-host"`,
		"-d":                                     "zlaunch has no setting for -d",
		"--help":                                 "zlaunch has no setting for \"--help\"",
		"--env SECRET":                           "a variable of the caller is not copied",
		"--read-only=maybe":                      "neither true nor false",
		"-v /a:/b:U":                             `mount option "U"`,
		"-v /a:/b:ro:z":                          "write --mount",
		"-v /a:/b -v /c:/b":                      `two mounts at "/b"`,
		"-p 80-90:80-90":                         "no valid",
		"-p 80:80 -p 81:80":                      "published twice",
		"--mount type=glob,src=/a":               "is not bind",
		"--mount dst=/a":                         "is not bind",
		"--security-opt lable=disable":           `zlaunch has no setting for "lable"; it knows`,
		"--security-opt proc-opts=x":             "zlaunch has no setting",
		"--memory lots":                          "is not a size",
		"--ulimit host":                          "the caller's own limits",
		"--secret a,uid=5":                       `zlaunch has no setting for "uid"`,
		"--entrypoint=[]":                        "would leave the image's entrypoint",
		"--tmpfs /a:ro":                          `zlaunch has no setting for "ro" of a tmpfs`,
		"--name":                                 "flag needs an argument",
		"--annotation a":                         "is not NAME=VALUE",
		"--" + strings.Repeat("x", 100000) + "=": "zlaunch has no setting",
	} {
		_, _, err := podmanrun.Read(mark.Origin[0], strings.Fields(args))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v", args, err)
		}
		if err != nil && len(err.Error()) > 400 {
			t.Errorf("%.40s: the error has %d bytes", args, len(err.Error()))
		}
	}
	if _, _, err := podmanrun.Read(mark.Origin[0], []string{"--privilged"}); hint.Of(err) != "the nearest option is --privileged" {
		t.Errorf("hint %q", hint.Of(err))
	}
}

// The rest begins at the first argument that is no option, as in Podman.
func TestReadRest(t *testing.T) {
	for args, want := range map[string]string{
		"--rm img --rm -x": "img --rm -x", "--rm -- --x": "--x", "img": "img", "--name x": "",
	} {
		_, rest, err := podmanrun.Read(mark.Origin[0], strings.Fields(args))
		if got := strings.Join(rest, " "); err != nil || got != want {
			t.Errorf("%s: rest %q, %v", args, got, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"-it\x00-v\x00/a:/b:ro,z", "--mount\x00type=tmpfs,\"dst=/a,b\",tmpfs-size=5", "--security-opt=label=disable",
		"--publish=[::1]:1:2/udp", "--secret=a,type=env", "--entrypoint=[\"a\"]", "--ulimit=nofile=1:2", "--\x00x", "-=", "--=", "-e=A=b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		args := strings.Split(joined, "\x00")
		s, rest, err := podmanrun.Read(mark.Origin[0], args)
		if err != nil {
			return
		}
		if !slices.Equal(rest, args[len(args)-len(rest):]) {
			t.Fatalf("rest %q is no end of %q", rest, args)
		}
		written, err := podmanrun.Args(s)
		if err != nil {
			return
		}
		again, _, err := podmanrun.Read(mark.Origin[0], written)
		if err != nil {
			t.Fatalf("%q written as %q: %v", args, written, err)
		}
		second, err := podmanrun.Args(again)
		if err != nil || !slices.Equal(written, second) {
			t.Fatalf("written %q\nagain   %q, %v", written, second, err)
		}
	})
}

// What was written reads back as it was, marks and all.
func FuzzRoundTrip(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, "a b='\"\n$x,é")
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		s := drawn.Spec(rand.New(rand.NewPCG(seed, 0)), text)
		args, err := podmanrun.Args(s)
		if err != nil {
			return // the text cannot stand somewhere
		}
		got, rest, err := podmanrun.Read(mark.Origin[0], args)
		if err == nil && len(rest) > 0 {
			container.Image.Set(got, rest[0], mark)
		}
		if err == nil && len(rest) > 1 {
			container.Args.Set(got, rest[1:], mark)
		}
		if err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		if !reflect.DeepEqual(got, s) {
			want, _ := json.Marshal(s)
			have, _ := json.Marshal(got)
			t.Fatalf("%q\nwrote %s\nread  %s", args, want, have)
		}
	})
}

// Most generated specs can be written, or the fuzz test would show nothing.
func TestGeneratedSpecsAreWritten(t *testing.T) {
	written, rows := 0, map[string]bool{}
	for seed := range uint64(200) {
		s := drawn.Spec(rand.New(rand.NewPCG(seed, 0)), "text")
		if _, err := podmanrun.Args(s); err != nil {
			continue
		}
		written++
		for _, set := range container.Settings(s) {
			rows[set.Path.Key] = true
		}
	}
	for _, r := range container.Rows {
		if !r.Derived() && !rows[r.Key()] {
			t.Errorf("row %s is in no generated spec: set it in generate_test.go", r.Key())
		}
	}
	if written < 150 {
		t.Errorf("only %d of 200 can be written", written)
	}
}
