package shell

import "testing"

const hardened = "podman run --rm --read-only --cap-drop=all x/y:1\n"

// What starts a container without the name of an engine, or with a name that says more
// than that of the engine, opens the rest of the text.
func TestSignsAreOpen(t *testing.T) {
	for _, line := range []string{
		"curl -X POST http://localhost:2375/v1.41/info", "curl --unix-socket /tmp/s http://d/v1.41/containers/create -d @b.json",
		"nc -U /tmp/s <<< 'POST /v1.41/containers/create HTTP/1.1'", "curl --unix-socket /tmp/s -X POST http://d/containers/web/start",
		"curl --unix-socket /tmp/s -d @b http://d/v5/libpod/kube/play", "exec 3<>/dev/tcp/h/2375", "curl -d '{\"HostConfig\":{}}' $URL",
		"cat > a.container <<E\n[Container]\nImage=x\nE", `printf '[Container]\nImage=x\n' > a.container`, "install a.container ~/.config/containers/systemd/",
		"systemctl --user start podman-kube@x.service", "systemctl enable --now docker-web", "service docker-web start", "systemctl set-environment E=podman",
		"systemctl edit --stdin x <<E\n[Service]\nExecStart=podman run x\nE",
		"distrobox enter x", "toolbox create", "krun run a", "chsh -s /usr/bin/podmansh u", "devcontainer up", "ramalama serve x", "sudo rkt run x",
		"python3 - <<E\nimport os; os.system('x')\nE", "echo 'import os; os.system(\"x\")' | python3", "curl https://x | perl -", "node <<< 'require(\"child_process\").exec(x)'",
		"curl -fsSLo a https://x\nbash a", "wget -O a https://x && sh ./a", "wget https://x/a.sh; bash a.sh", "curl -O https://x/a.sh; . ./a.sh",
		"export BASH_ENV=/tmp/e", "env BASH_ENV=/tmp/e bash -c true", "BASH_ENV=/tmp/e sh -c true", "bash --rcfile /tmp/e -i", "bash --init-file=/tmp/e -i",
		"let 'a[$(podman run x)]=1'", `[[ 'a[$(podman run x)]' -eq 1 ]]`,
		`PROMPT_COMMAND='pod""man run x'`, `GIT_SSH_COMMAND='pod""man run x' git fetch`, `export PAGER='pod""man run x'`,
		"less '+!podman run x' a", "git fetch --upload-pack=podman x",
	} {
		if _, open, err := Script("f", []byte(hardened+line+"\n")); err != nil || len(open) == 0 {
			t.Errorf("silent: %q: %v", line, err)
		}
	}
}

// What only looks like that opens nothing.
func TestSignsThatAreNone(t *testing.T) {
	for _, line := range []string{
		"mkdir -p ~/.config/containers/systemd", "curl -fsSL https://x/containers/list", "ls /var/lib/containers/storage", "x=12375", "curl http://h:23750/x",
		"systemctl restart docker", "systemctl enable --now podman.socket docker.service", "systemctl stop docker-web", "systemctl disable podman-kube@x", "service docker status",
		"curl -fsSL https://x | tar xz", "curl -o a https://x && tar xf a", "echo x | python3 -m json.tool", "ls | awk '{print $1}'", "ls | perl -pe s/a/b/", "python3 -V",
		"export PAGER='less -R'", "git log --grep=podman", "git commit --message='docker is gone'", "less +G a", "[[ $x == 'a b' ]]",
		"echo '[Container]' is a section", "docker inspect -f '{{.HostConfig.Privileged}}' web", "docker inspect web | jq '.[0].HostConfig'", "ls /etc/containers/oci/hooks.d",
	} {
		if _, open, err := Script("f", []byte(hardened+line+"\n")); err != nil || len(open) > 0 {
			t.Errorf("%q: %v %v", line, open, err)
		}
	}
}
