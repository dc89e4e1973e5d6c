package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What podman kube play makes of an exported Pod fails no control that the pasted line of
// the same plan passes, but those that the export named as lost.
func TestPlayedLosesWhatWasNamed(t *testing.T) {
	p := shows(t, "forms", "a Pod that podman kube play runs has lost no more than the export named")
	w := newWorld(t)
	model := w.dir + "/m"
	makeModel(t, model)
	options := []string{"web", "--models", model, "--waive", "ZL-104=a test host"}
	export := append([]string{"export", "--to", "kube", "--target", "podman"}, options...)
	refused := w.zlaunch(export...)
	_, after, named := strings.Cut(refused.stderr, "--allow-loss ")
	losses, _, _ := strings.Cut(after, " ")
	if refused.code == 0 || !named {
		t.Fatalf("the export ended with %d: %s", refused.code, refused.stderr)
	}
	if got := w.zlaunch(append(export, "--allow-loss", losses, "-o", w.dir+"/pod")...); got.code != 0 {
		t.Fatal(got.stderr)
	}
	lost := strings.Split(losses, ",")
	pasted, played := w.pasted(options), w.played(w.dir+"/pod")
	worse := 0
	for _, f := range played {
		noted := together[f.Control] != "" || f.Control == "ZL-805" && strings.HasPrefix(w.podman("version", "--format", "{{.Client.Version}}").stdout, "4.3") // of which a note tells that this Podman does not read it
		if f.Verdict != "fail" || failed(pasted, f.Control) || noted {
			continue
		}
		worse++
		if !slices.Contains(lost, f.Control) {
			t.Errorf("%s fails in the played Pod alone, and was not named: %s", f.Control, f.Message)
		}
	}
	p.saw("%d findings that the pasted line has not; %d controls and settings were named", worse, len(lost))
}

// together are controls that no loss costs by itself, and why all of them do.
var together = map[string]string{
	"ZL-502": "a tmpfs without a size beside read_only_tmpfs, each of which is named",
	"ZL-516": "the network of a pod is not its container's own, and its /sys the host's, read-only but for what is mounted below",
}

func failed(in []verdict, control string) bool {
	return slices.ContainsFunc(of(in, control), func(v verdict) bool { return v.Verdict == "fail" })
}

// played are the findings of the container that podman kube play makes of the one manifest
// in a directory.
func (w *world) played(dir string) []verdict {
	w.t.Helper()
	files, _ := filepath.Glob(dir + "/*.yaml")
	if len(files) != 1 {
		w.t.Fatalf("%q are in %s", files, dir)
	}
	w.t.Cleanup(func() {
		w.podman("kube", "down", files[0])
		w.podman("network", "rm", "podman-default-kube-network")
	})
	// What its notes say to a Podman before 5.
	line := []string{"kube", "play", "--userns=keep-id:uid=1000,gid=1000", "--seccomp-profile-root=" + dir, files[0]}
	if got := w.podman(line...); got.code != 0 {
		w.t.Fatalf("podman %q: %s", line, got.stderr)
	}
	names := strings.Fields(w.podman("ps", "--format", "{{.Names}}", "--filter", "ancestor="+image, "--filter", "pod=web").stdout)
	if len(names) != 1 {
		w.t.Fatalf("%q runs: %s", names, w.podman("ps", "-a").stdout)
	}
	return w.judged(names[0])[names[0]]
}

// pasted are the findings of the container that the printed line of a plan makes.
func (w *world) pasted(options []string) []verdict {
	w.t.Helper()
	plan := w.zlaunch(append([]string{"plan", "--podman", "-d"}, options...)...)
	sh := w.command("sh", "-e")
	sh.Stdin = strings.NewReader(plan.stdout)
	if got := w.do(sh); got.code != 0 {
		w.t.Fatalf("pasting:\n%s\nended with %d: %s", plan.stdout, got.code, got.stderr)
	}
	defer w.podman("network", "rm", "zlaunch-web")
	defer w.podman("rm", "-f", "-t", "0", "zlaunch-web")
	return w.judged("zlaunch-web")["zlaunch-web"]
}
