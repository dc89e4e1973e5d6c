package shell

import (
	"fmt"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// said lists what a reading says, secrets shown, one line for each setting, and
// what it leaves open.
func said(r *form.Reading) []string {
	var out []string
	for _, set := range container.Settings(r.Spec) {
		v := fmt.Sprint(set.Value)
		if set.Path.Key == "env" {
			v = r.Spec.Env[set.Path.Elem]
		}
		out = append(out, set.Path.String()+"="+v)
	}
	for _, o := range r.Open {
		out = append(out, "open "+o.At.String()+": "+o.Why)
	}
	return out
}

func read(t *testing.T, line string) *form.Reading {
	t.Helper()
	r, err := Line(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return r
}

// What a line says, for every trap that made another reader say something else.
func TestTraps(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"podman run --privileged --cap-drop all x", "privileged=true|cap_drop=[all]"},
		{"podman run --cap-add=all --cap-drop NET_RAW,cap_mknod x", "cap_drop=[net_raw mknod]|cap_add=[all]"},
		{"podman run --security-opt no-new-privileges:false x", "no_new_privileges=false"},
		{"podman run --security-opt seccomp:unconfined x", "seccomp_profile=unconfined"},
		{"podman run --security-opt systempaths=unconfined x", "unmask=[ALL]"},
		{"podman run --pid=host -v /a:/b:O x", "volume[/b]=/a rw,O|pid=host"},
		{"podman run -p 8501 x", "publish[8501/tcp]={ 0}"},
		{"podman run -p [::]:80:8080 x", "publish[8080/tcp]={:: 80}"},
		{"podman run -p 127.0.0.1::80 x", "publish[80/tcp]={127.0.0.1 0}"},
		{"podman run -p 0.0.0.0:80:80/udp x", "publish[80/udp]={0.0.0.0 80}"},
		{"podman run -p 1:80 -p 2:80 x", "publish[80/tcp]={ 1}|publish[80/tcp@2]={ 2}"},
		{"podman run -p 1-70000:80 x", `publish[80/tcp]={ 0}|open publish[80/tcp]: --publish: "1-70000:80" has no valid host port`},
		{"podman run -p 1000-3000:1000-3000 x", "publish[1000-3000/tcp]={ 1000}"},
		{"podman run -itd --name n x", "name=n|interactive=true|tty=true|detach=true"},
		{"podman run --read-only=false --read-only x", "read_only=true"},
		{"podman run --net host x", "network=[host]"},
		{"podman run --tmpfs /t x", "tmpfs[/t]=size=0,mode=0000,exec,nosuid,nodev,rw"},
		{"docker run --tmpfs /t x", "tmpfs[/t]=size=0,mode=0000,noexec,nosuid,nodev,rw"},
		{"podman run --mount src=v,dst=/d,ro=false x", "volume[/d]=v rw"},
		{"podman run --mount type=volume,src=v,dst=/d,volume-opt=device=/etc x", "volume[/d]=v rw,device=/etc"},
		{"podman run --mount type=image,dst=/d x", `mount=[type=image,dst=/d]|open mount: --mount: podman refuses a mount of type image without a source`},
		{"podman run --cap-drop=CAP_all x", `open cap_drop: --cap-drop: podman refuses "CAP_all", all capabilities are "all"`},
		{"docker run --cap-add=foo x", `open cap_add: --cap-add: docker refuses "foo", which is no capability`},
		{"podman run --cap-add=chown --cap-drop=CAP_CHOWN x", "cap_drop=[chown]|cap_add=[chown]|open cap_drop: podman refuses to add and to drop the capability chown"},
		{"podman run --mount type=image,src=i,dst=/d x", "mount=[type=image,src=i,dst=/d]"},
		{"podman run -e A -e 'B_*' -e C=d --env-file f --env-host x", "env[C]=d|env_file=[f]|env_host=true|env_import=[A B_*]|host_file[env-file]={f read false}"},
		{"podman --module m --root /r --url u run x", "remote=u|module=[m]|host_file[root]={/r write false}|open : --root: what the engine finds in its storage is another, or is read in another way"},
		{"CONTAINER_HOST=tcp://h podman --remote run x", "remote=tcp://h"},
		{"docker -H tcp://h run x", "remote=tcp://h"},
		{"DOCKER_CONTEXT=c docker container create x", "remote=c"},
		{"podman-remote run x", "remote=the default connection"},
		{"sudo -E env A=b nohup podman run x", "prefix=[sudo env nohup]"},
		{"sudo -u bob podman run x", "prefix=[sudo -u bob]"},
		{"sudo -u root podman run x", "prefix=[sudo]"},
		{"systemd-run --user --scope -p MemoryMax=1G podman run x", "prefix=[systemd-run]"},
		{"timeout -k 5 10 /usr/bin/podman run x", "prefix=[timeout]|host_file[podman]={/usr/bin/podman run false}"},
		{"podman run --rootfs /r:O cmd", "args=[cmd]|rootfs=/r|rootfs_overlay=true"},
		{"podman run -- x -v y", "args=[-v y]"},
		{"podman run x --privileged", "args=[--privileged]"},
		{"podman run --cpu-quota 50000 x", "cpus=0.5"},
		{"podman run --memory-swap -1 -m 1k x", "memory=1024|memory_swap=-1"},
		{"podman run --health-cmd none x", "no_healthcheck=true|health_cmd=none"},
		{"podman run --ulimit host x", "other=[--ulimit=host]|open ulimit: --ulimit: host gives the caller's own limits, and those that are named do not hold"},
		{"podman run --gpus all,1 x", "gpus=[all 1]"},
		{"docker run --gpus device=0,1 x", "gpus=[device=0 count=1]"},
		{"docker run --entrypoint [\"a\"] x", `entrypoint=[[a]]`},
		{"docker run --entrypoint '[\"a\"]' x", `entrypoint=[["a"]]`},
		{"podman run --entrypoint '[\"a\"]' x", `entrypoint=[a]`},
		{"docker run --use-api-socket x", "volume[/var/run/docker.sock]=/var/run/docker.sock rw"},
		{"podman run --pripileged x", "open : --pripileged is no option of podman run, the nearest is --privileged; it is read as a switch"},
		{"podman run --frobnicate=1 --privileged x", "privileged=true|open : --frobnicate is no option of podman run"},
		{"docker run --userns host --secret s x", "userns=host|open : --secret is no option of docker run; the word after it is read as its value, as elsewhere"},
		{"podman run -v $PWD/m:/models:ro x", "volume[/models]=$PWD/m ro|open volume[/models]: $PWD is expanded by the shell"},
		{"podman run -v $PWD:$T x", "open volume: $T is expanded by the shell"},
		{"podman run -v ~/m:/models x", "volume[/models]=~/m rw"},
		{"podman run -v ~:/w x", "volume[/w]=~ rw"},
		{"podman run --volume=~:/w x", "volume[/w]=~ rw"}, // a name, and no path: Podman refuses it
		{"podman run -v '~/m:/models' x", "volume[/models]=~/m rw"},
		{"podman run -v $HOME/m:/models x", "volume[/models]=$HOME/m rw"},
		{"podman run -v /home/$USER/m:/models x", "volume[/models]=/home/$USER/m rw"},
		{"podman run -v $HOME/$X:/models x", "volume[/models]=$HOME/$X rw|open volume[/models]: $HOME is expanded by the shell"},
		{"podman run --mount type=bind,src=m,dst=/m x", "volume[/m]=./m rw"},
		{"podman run --mount type=volume,src=v,dst=/d,volume-opt=type=nfs,volume-opt=o=addr=h,volume-opt=device=:/x x", "volume[/d]=v rw,device=:/x,type=nfs,o=addr=h"},
		{"podman run --mount type=volume,src=v,dst=/d,volume-opt=device=$D x", "volume[/d]=v rw,device=$D|open volume[/d]: $D is expanded by the shell"},
		{"podman run -v /a:/b:O,upperdir=/u,workdir=/w x", "volume[/b]=/a rw,O,upperdir=/u,workdir=/w"},
		{"podman run -v ~bob/m:/models x", "volume[/models]=~bob/m rw|open volume[/models]: ~bob is expanded by the shell"},
		{"podman run --userns keep-id --userns $U x", "open userns: $U is expanded by the shell"},
		{"podman run -u $(id -u):0 x", "open user: $(…) is expanded by the shell"},
		{"podman run -u `id -u` x", "open user: $(…) is expanded by the shell"},
		{"podman run -e T=$T x", "env[T]=$T|open env[T]: $T is expanded by the shell"},
		{"podman run -v /a/*:/b x", "volume[/b]=/a/* rw|open volume[/b]: * is expanded by the shell"},
		{"podman run --env-file <(pass show x) x", "host_file[env-file]={<(pass show x) read true}|open host_file[env-file]: <(…) is expanded by the shell|open env_file: <(…) is expanded by the shell"},
		{`podman run -e 'A=$B' -e "C=d e" -e F=\$G x`, "env[A]=$B|env[C]=d e|env[F]=$G"},
		{"podman run --cap-drop={all,none} x", "open cap_drop: {…} is expanded by the shell"},
		{"docker run --rm ${IMG} --EmitLib /x", "args=[--EmitLib /x]|rm=true|open image: ${IMG} is expanded by the shell"},
		{"docker run $OPTS --privileged img", "privileged=true|open : $OPTS might be any option"},
		{"podman run", "open image: the line names no image"},
	} {
		got := slices.DeleteFunc(said(read(t, c.line)), func(s string) bool { return s == "image=x" || s == "image=img" })
		if joined := strings.Join(got, "|"); joined != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.line, joined, c.want)
		}
	}
}

// The words that decided a setting, where they stand, as they were written.
func TestWordsAndPlaces(t *testing.T) {
	r := read(t, "sudo podman run -itd \\\n  --cap-add 'SYS_ADMIN' --cap-add=NET_RAW -v \"$PWD/m\":/m:ro x serve\n")
	w := r.Words[r.At[container.Path{Key: "volume", Elem: "/m"}][1]]
	if w != (form.Word{Text: "$PWD/m:/m:ro", Line: 2, Col: 46, Raw: `"$PWD/m":/m:ro`}) {
		t.Errorf("got %+v", w)
	}
	for p, want := range map[container.Path][]int{
		{Key: "prefix"}: {0}, {Key: "tty"}: {3}, {Key: "detach"}: {3}, {Key: "cap_add"}: {4, 5, 6}, {Key: "volume", Elem: "/m"}: {7, 8},
		{Key: "image"}: {9}, {Key: "args"}: {10},
	} {
		if got := r.At[p]; !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", p, got, want)
		}
	}
	m, _ := r.Spec.MarkOf(container.Path{Key: "cap_add"})
	if m.Origin[0] != (container.Origin{Layer: container.LayerCommandLine, Key: "--cap-add"}) {
		t.Errorf("got %+v", m.Origin)
	}
	argv, err := command.Read([]string{"podman", "run", "-e", "A=$B", "x"})
	if err != nil || len(argv.Open) > 0 || argv.Spec.Env["A"] != "$B" || argv.Words[3].Line != 0 {
		t.Errorf("got %+v, %v", argv, err)
	}
}

// Every collection is complete but those that a shell may add to.
func TestCollectionsAreComplete(t *testing.T) {
	r := read(t, "podman run -p $P:80 x")
	if container.Publish.Complete(r.Spec) || !container.VolumeAt.Complete(r.Spec) || !container.Env.Complete(r.Spec) {
		t.Errorf("publish %v, volume %v", container.Publish.Complete(r.Spec), container.VolumeAt.Complete(r.Spec))
	}
}

// A home is known by its words, unless the script gives them another meaning.
func TestMovedHome(t *testing.T) {
	for text, want := range map[string]bool{
		"podman run -v $HOME/x:/w i": true, "podman run -v ~/x:/w i": true, "A=1\npodman run -v $HOME/x:/w i": true,
		"read HOME\npodman run -v $HOME/x:/w i": false, "read HOME\npodman run -v ~/x:/w i": false, "HOME=$(x)\npodman run -v $HOME/x:/w i": false,
		"podman run -v $(cd ~ && pwd)/x:/w i": true, "podman run -v /home/${SUDO_USER}/x:/w i": true,
		"cd() { :; }\npodman run -v $(cd ~ && pwd)/x:/w i": false, "HOME=$x\npodman run -v $(echo ~)/x:/w i": false,
		"eval \"$x=1\"\npodman run -v $HOME/x:/w i": false, ": ${HOME:=/etc}\npodman run -v $HOME/x:/w i": false,
		"for XDG_CACHE_HOME in $x; do podman run -v $XDG_CACHE_HOME/x:/w i; done": false,
	} {
		list, _, err := Script("x.sh", []byte(text))
		if err != nil || len(list) == 0 {
			t.Fatal(text, err)
		}
		if v, _, _ := container.VolumeAt.Get(list[0].Spec, "/w"); v.Spelled != want {
			t.Errorf("%s: %+v", text, v)
		}
	}
}

// Bash puts the home for a tilde at the beginning of a word, up to a slash or a colon,
// and in what looks like an assignment; nowhere else.
func TestTilde(t *testing.T) {
	for line, want := range map[string]bool{
		"podman run -v ~:/w x": true, "podman run -v ~/m:/w x": true, "podman run -v ~//m:/w x": true, "podman run --volume=~:/w x": false, "podman run --volume=~/m:/w x": false,
		"podman run -v~:/w x": false, `podman run -v "~":/w x`: false, "podman run -v '~/m:/w' x": false, `podman run -v \~/m:/w x`: false,
		"podman run --mount src=~/m,type=bind,dst=/w x": true, "podman run --mount type=bind,src=~/m,dst=/w x": false,
	} {
		r, err := Line(line)
		if err != nil {
			t.Fatal(err)
		}
		if v, _, _ := container.VolumeAt.Get(r.Spec, "/w"); v.Open != want {
			t.Errorf("%s: %+v", line, v)
		}
	}
}
