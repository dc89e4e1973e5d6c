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
