package shell

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// harmlessLines mention engines and start nothing. Each is what scripts of people have.
var harmlessLines = []string{
	"# podman run --privileged is not what we want", "#!/usr/bin/env bash", "set -euo pipefail", "echo 'run it with: podman run --rm x/y:1'", `echo "docker is required" >&2`,
	`printf 'usage: %s [podman|docker]\n' "$0"`, "command -v podman >/dev/null 2>&1 || exit 1", "if ! which docker > /dev/null; then echo 'no docker'; fi",
	"type -P podman || { echo 'install podman first'; exit 1; }", "[ -x /usr/bin/podman ] || exit 0", `[[ $1 == podman || $1 == docker ]] && echo ok`,
	"case \"$1\" in\npodman|docker) echo \"engine: $1\" ;;\n*) echo unknown ;;\nesac", "apt-get install -y podman buildah skopeo", "sudo dnf install -y podman-docker docker-ce docker-ce-cli",
	"yum remove docker docker-common", "systemctl --user enable --now podman.socket", "sudo systemctl restart docker", "systemctl status podman.service | head", "sudo usermod -aG docker \"$USER\"",
	"mkdir -p /etc/docker ~/.config/containers", "ls -l /var/run/docker.sock", "cat /etc/containers/podman.conf", "rm -rf /var/lib/docker/tmp", "journalctl -u docker --since today",
	"podman ps -a", "podman images | grep x", "docker pull docker.io/library/busybox:latest", "podman stop web", "docker rm -f web", "podman logs --tail 5 web", "docker inspect -f '{{.State}}' web",
	"podman --version", "docker info > /dev/null", "podman login -u me quay.io", "docker tag a b && docker push b", "podman rmi $(podman images -q)", "docker ps -q | xargs docker stop",
	"podman exec web cat /etc/os-release", "docker exec -it web sh", "podman volume create data", "docker network create net", "podman system prune -f", "podman secret ls",
	"IMAGE=docker.io/library/nginx:1", "DOCKER_VERSION=28", "podman_opts=", "logger -t deploy 'podman was updated'", "grep -q docker /proc/1/cgroup && echo inside", "pgrep -x dockerd",
	"cat <<EOF\nUsage: start\n  Runs podman run --privileged for you? No.\nEOF", "cat <<'EOF' >&2\ndocker run x\nEOF", ": <<'EOF'\npodman run --privileged x\nEOF",
	"usage() {\n  echo \"usage: $0 [docker|podman]\"\n}", "for i in 1 2 3; do echo \"waiting for podman $i\"; sleep 1; done", "test -S /run/podman/podman.sock && echo up",
	"curl -fsSLO https://download.docker.com/linux/debian/gpg", "git clone https://github.com/containers/podman", "git commit -m 'move from docker to podman'", "git log --oneline -- docker/",
	"docker version --format '{{.Server.Version}}'", "trap 'podman stop web' EXIT", "sudo podman ps", "until podman exec web true; do sleep 1; done", "podman generate systemd web", "export DOCKER_BUILDKIT=1",
	"rpm -q podman", "dpkg -l docker.io", "brew install podman docker-compose", "pip install podman", "echo podman | grep -c pod", "read -r -p 'use podman? ' answer", "PS3='docker or podman? '",
	"jq -r '.docker' settings.json", "find / -name 'docker*' -type f", "stat -c %U /usr/bin/docker", "chmod 660 /var/run/docker.sock", "sha256sum podman.tar.gz", "cd ~/src/podman",
	"echo \"$(podman --version)\"", "v=$(docker version -f x)", "if podman container exists web; then podman rm web; fi", "docker() { :; }; unset -f docker",
}

// needed are the lines that are opened, and why that is right. They are drawn like the
// others, so that they are counted.
var needed = []struct{ line, cause string }{
	{"podman build -t x .", "a build runs a Containerfile"},
	{"docker start web", "a container whose settings are not said"},
	{"docker compose up -d", "a file that is not read"},
	{"sed -i 's|docker|podman|' notes.txt", "sed can run programs"},
	{"export CONTAINER_ENGINE=podman", "other programs are told"},
	{"ENGINE=$(command -v podman || command -v docker)\n$ENGINE ps", "it may be anything"},
	{"make ENGINE=podman image", "another program is told"},
	{"echo 'alias docker=podman' >> ~/.bashrc", "it goes into a file"},
	{". ./lib.sh\npodman ps", "it may set what podman is"},
	{"eval \"$(docker-machine env x)\"", "nobody can read it"},
	{"ssh build 'docker ps'", "another host"},
	{"podman exec -u root web id", "root of the container"},
	{"python3 -c 'import podman'", "another language"},
	{"curl --unix-socket /run/podman/podman.sock http://d/info", "the engine's API does everything"},
	{"ln -s /usr/bin/podman /usr/local/bin/docker", "another name for an engine"},
}

// around are ways to write harmless lines together that change nothing.
var around = []func(string) string{
	func(s string) string { return s }, func(s string) string { return "if true; then\n" + s + "\nfi" }, func(s string) string { return "{\n" + s + "\n}" },
	func(s string) string { return "main() {\n" + s + "\n}\nmain \"$@\"" }, func(s string) string { return "(\n" + s + "\n)" },
	func(s string) string { return "for h in a b; do\n" + s + "\ndone" }, func(s string) string { return "log() { echo \"[$(date)] $*\"; }\nlog 'podman starts'\n" + s },
	func(s string) string { return "run() { echo \"+ $*\"; \"$@\"; }\nrun podman ps\n" + s },
}

// Lines that start nothing are not opened, one by one.
func TestHarmlessLinesArePassed(t *testing.T) {
	for _, line := range harmlessLines {
		runs, open, err := Script("", []byte(line))
		if err != nil || len(runs) > 0 || len(open) > 0 && !strings.Contains(line, "docker()") {
			t.Errorf("%s\n%d runs, open %v, %v", line, len(runs), open, err)
		}
	}
	for _, n := range needed {
		if _, open, err := Script("", []byte(n.line)); err != nil || len(open) == 0 {
			t.Errorf("%s is not opened, though: %s (%v)", n.line, n.cause, err)
		}
	}
}

// Of a thousand scripts that mention engines and start nothing, those are opened that
// hold a line of the list of those that must be, and no others.
func TestHarmlessScriptsThatAreOpened(t *testing.T) {
	r := rand.New(rand.NewPCG(*seed, 2))
	causes, opened, without := map[string]int{}, 0, 0
	for range drawn {
		var lines []string
		must := ""
		for range 4 + r.IntN(12) {
			lines = append(lines, harmlessLines[r.IntN(len(harmlessLines)-1)])
		}
		if r.IntN(4) == 0 {
			n := needed[r.IntN(len(needed))]
			lines, must = append(lines, n.line), n.cause
		}
		text := around[r.IntN(len(around))](strings.Join(lines, "\n")) + "\n"
		_, open, err := Script("", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if len(open) == 0 {
			continue
		}
		opened++
		causes[must]++
		if must == "" {
			if without++; without <= 3 {
				t.Errorf("opened: %v\n%s", open, text)
			}
		}
	}
	t.Logf("of %d harmless scripts %d are opened", drawn, opened)
	for _, c := range slices.Sorted(maps.Keys(causes)) {
		t.Logf("%4d %s", causes[c], c)
	}
	if without > 0 {
		t.Errorf("%d are opened and need not be", without)
	}
}

// Every verb of the engines' own lists has an answer, and each group of verbs too.
func TestEveryVerbHasAnAnswer(t *testing.T) {
	words := regexp.MustCompile(`[a-z0-9-]+`)
	for group, list := range verbsOfHelp {
		for _, v := range words.FindAllString(list, -1) {
			name := strings.TrimSpace(group + " " + v)
			if _, known := verbTable[name]; !known {
				t.Errorf("%s has no answer", name)
			}
		}
	}
	for name, v := range verbTable {
		if (v.answer == opens || v.answer == brings) && v.why == "" {
			t.Errorf("%s opens without a reason", name)
		}
		if (v.answer == brings) != (bringing[name] != nil) {
			t.Errorf("%s has no options by which it brings something in", name)
		}
		if group, _, two := strings.Cut(name, " "); two && verbTable[group].answer != nested && group != "checkpoint" {
			t.Errorf("%s belongs to no group", name)
		}
	}
}

// verbsOfHelp are what podman 4.3 and 5.8 (--help, cmd/podman) and docker 28 list, by
// the group they stand in.
var verbsOfHelp = map[string]string{
	"": `attach auto-update build commit container cp create diff events exec export generate healthcheck help history image images import info init inspect
		kill kube load login logout logs machine manifest mount network pause pod port ps pull push rename restart rm rmi run save search secret start stats
		stop system tag top unmount unpause unshare untag update version volume wait artifact completion compose farm quadlet
		builder buildx checkpoint config context node plugin service stack swarm trust model mcp sandbox ai scout sbom extension desktop debug bake`,
	"container": `attach checkpoint cleanup clone commit cp create diff exec exists export init inspect kill list ls logs mount pause port prune ps rename restart
		restore rm run runlabel start stats stop top unmount umount unpause update wait`,
	"pod":  "clone create exists inspect kill logs pause prune ps rm restart start stats stop top unpause",
	"kube": "apply down generate play", "play": "kube", "healthcheck": "run", "generate": "kube spec systemd", "quadlet": "install list print rm",
	"volume":  "create exists export import inspect ls mount prune reload rm unmount update",
	"machine": "cp info init inspect list rm set ssh start stop os reset client9p server9p", "machine os": "apply upgrade",
	"system":            "check connection df info locks migrate prune renumber reset service dial-stdio events",
	"system connection": "add default list remove rename",
	"image":             `build diff exists history import inspect list load mount prune pull push rm save scp search sign tag tree trust unmount untag ls`,
	"image trust":       "set show", "network": "connect create disconnect exists inspect ls prune reload rm update", "secret": "create exists inspect ls rm",
	"manifest": "add annotate create exists inspect push remove rm", "farm": "build create list remove update", "artifact": "add extract inspect ls pull push rm",
	"builder": "build prune", "buildx": "bake build create debug dap du history imagetools inspect install ls prune rm stop uninstall use version",
	"buildx imagetools": "create inspect", "buildx history": "export import inspect logs ls open rm trace",
	"compose": `attach bridge build commit config cp create down events exec export images kill logs ls pause port ps publish pull push restart rm run scale start stats
		stop top unpause up version volumes wait watch`,
	"config": "create inspect ls rm", "context": "create export import inspect ls rm show update use", "node": "demote inspect ls promote ps rm update",
	"plugin": "create disable enable inspect install ls push rm set upgrade", "service": "create inspect logs ls ps rm rollback scale update",
	"stack": "config deploy ls ps rm services", "swarm": "ca init join join-token leave unlock unlock-key update", "trust": "inspect key revoke sign signer",
	"trust key": "generate load", "trust signer": "add remove", "checkpoint": "create ls rm",
}

func ExampleMentions() {
	text := "run it:\n\n    podman run x\n    docker run y\n"
	for _, o := range Mentions(text, []Span{{From: 13, To: 25}}) {
		fmt.Println(o.Why)
	}
	// Output: line 4: what is done with docker is not read
}

func TestWhatIsAMention(t *testing.T) {
	for text, want := range map[string]bool{
		"podman": true, "a podman": true, "/usr/bin/podman": true, "nvidia-docker": true, "docker-compose": true, "docker.io run": true, "docker.exe": true, "podman5": true,
		"x=podman": true, "/run/podman/podman.sock": true, "quay.io/containers/podman:v5": true, "--engine=podman": true, "podman.": true, "docker,": true,
		"docker.io/library/x": false, "/etc/docker/x": false, "podman.conf": false, "docker.service": false, "docs.docker.com": false, "https://github.com/containers/podman": false,
		"$podman": false, "${docker}": false, "podman_opts": false, "my_podman": false, "dockerd": false, "--docker": false, "docker://x": false, "DOCKER_HOST": false, "podman.io": false,
	} {
		if got := len(mentions(text)) > 0; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
