package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed wrapper.bash
var wrapper []byte

// The ports of both sides: high, and next to each other's.
const (
	ourPort   = 28600
	theirPort = 28610
)

// health is where the demo server says that it serves.
const health = "/v2/health/ready"

const sameFlags = "podman gets the line that zlaunch plan --podman prints: the same image, flags and network, under another name and ports"

// launchAims are what the ratios of one state of the service are to be at most.
type launchAims struct{ started, job float64 }

// launches are the contests of one state of the service.
func (b *bed) launches(ctx context.Context, state string, aims launchAims) ([]contest, error) {
	if err := b.network(ctx); err != nil {
		return nil, err
	}
	script := filepath.Join(b.dir, "wrapper")
	if err := os.WriteFile(script, wrapper, 0o755); err != nil {
		return nil, err
	}
	started, err := b.podmanLine(ctx, "bench-started", true)
	if err != nil {
		return nil, err
	}
	ready, err := b.podmanLine(ctx, "demo", true)
	if err != nil {
		return nil, err
	}
	job, err := b.podmanLine(ctx, "bench-job", false)
	if err != nil {
		return nil, err
	}
	undo := []string{"podman", "rm", "-f", "-t", "0", prefix + "-theirs"}
	url := fmt.Sprintf("http://127.0.0.1:%d", theirPort)
	poll := fmt.Sprintf("%s >/dev/null; until curl -fsS -o /dev/null %s%s 2>/dev/null; do sleep 0.02; done", ready, url, health)
	return []contest{
		{what: "run -d to started, proof included, " + state, ours: b.launch("bench-started", true), rivals: []rival{
			{name: "podman run -d", command: command{argv: shell("exec " + started), undo: undo}, aim: aims.started,
				fair: sameFlags + "; both are over when the container has started. podman proves nothing"},
		}},
		{what: "run -d to ready, proof included, " + state, ours: b.launch("demo", true), rivals: []rival{
			{name: "podman run -d", command: command{argv: shell("exec " + ready), undo: undo},
				fair: sameFlags + ". Not the same work: podman neither waits until the server answers nor proves anything"},
			{name: "podman run -d, then curl until it answers", command: command{argv: shell(poll), undo: undo},
				fair: sameFlags + "; then the line a user needs to know that it serves, asking every 20 ms. No proof"},
			{name: "a shell wrapper", command: command{argv: append([]string{script, prefix + "-theirs", image, url + health}, shell("exec "+ready)...), undo: undo},
				fair: sameFlags + ", in a script that does what wrappers around podman do (test/pairs/wrapper.bash). No proof"},
		}},
		{what: "run of a job to its end, attached, " + state, ours: b.launch("bench-job", false), rivals: []rival{
			{name: "podman run --rm", command: command{argv: shell("exec " + job)}, aim: aims.job,
				fair: sameFlags + "; the job ends at once. podman proves nothing"},
		}},
	}, nil
}

func shell(line string) []string { return []string{"sh", "-ec", line} }

// launch is a run of zlaunch: detached and stopped afterwards, or attached to its
// end.
func (b *bed) launch(profile string, detach bool) command {
	args := b.options(profile, prefix+"-ours", ourPort)
	if !detach {
		return command{argv: append([]string{b.zl, "run"}, args...)}
	}
	return command{argv: append([]string{b.zl, "run", "-d"}, args...), undo: []string{b.zl, "stop", prefix + "-ours"}}
}

// options are those of a run of profile.
func (b *bed) options(profile, name string, port int) []string {
	args := []string{"--no-project", "--waive", waive, "--name", name}
	if profile == "bench-job" {
		return append(args, profile)
	}
	return append(args, "--network", prefix, "-p", fmt.Sprintf("%d:http", port), "-p", fmt.Sprintf("%d:grpc", port+1), "--models", b.models, profile)
}

// podmanLine is the podman line of the same run, under another name and ports. The
// line before it, which makes the network, is left away: the network is there.
func (b *bed) podmanLine(ctx context.Context, profile string, detach bool) (string, error) {
	argv := []string{b.zl, "plan", "--podman"}
	if detach {
		argv = append(argv, "-d")
	}
	cmd := b.command(ctx, append(argv, b.options(profile, prefix+"-theirs", theirPort)...)...)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("planning %s: %w: is the image here? test/demo-image/build", profile, err)
	}
	line := string(out)
	if rest, ok := strings.CutPrefix(line, "podman network exists "); ok {
		_, line, _ = strings.Cut(rest, "\n")
	}
	return strings.TrimSpace(line), nil
}
