// Pairs measures zlaunch beside podman, turn by turn, and prints medians and
// ratios. Both are given the same flags: podman gets the line that zlaunch plan
// --podman prints.
//
// usage: pairs [ROUNDS]
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// waive is what lets a launch go on where limits cannot be enforced; both sides
// then go without them.
const waive = "ZL-104=a benchmark"

// network is made once, untimed, and is there for both sides.
const network = "pairs"

// side is one program of a pair: what is timed, and what undoes it untimed.
type side struct {
	name string
	run  func() *exec.Cmd
	undo func()
}

// pair is two sides that do the same.
type pair struct {
	what     string
	ours     side
	theirs   side
	before   func() func() // prepares, and returns how to take that back; nil: nothing
	why      string        // why the comparison is fair
	ourTimes []time.Duration
	podmans  []time.Duration
}

func main() {
	rounds := 20
	if len(os.Args) > 1 {
		n, err := strconv.Atoi(os.Args[1])
		if err != nil || n < 1 {
			fail(fmt.Errorf("%q is not a number of rounds", os.Args[1]))
		}
		rounds = n
	}
	dir, err := os.MkdirTemp("", "pairs-")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(dir)
	zl := filepath.Join(dir, "zlaunch")
	build(zl)
	fmt.Printf("%-44s %10s %10s %7s %7s  (%d rounds, interleaved, medians)\n", "what", "zlaunch", "podman", "ratio", "spread", rounds)
	for _, p := range pairs(zl, dir) {
		p.measure(rounds)
		p.print()
	}
	must(exec.Command("podman", "network", "rm", network))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "pairs:", err)
	os.Exit(1)
}

func build(out string) {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "./cmd/zlaunch")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	must(cmd)
}

func must(cmd *exec.Cmd) {
	if text, err := cmd.CombinedOutput(); err != nil {
		fail(fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, text))
	}
}

// pairs lists what is compared. The demo image must be here: test/demo-image/build.
func pairs(zl, dir string) []*pair {
	must(exec.Command("sh", "-c", "podman network exists "+network+" || podman network create "+network))
	models := filepath.Join(dir, "models")
	must(exec.Command("cp", "-r", "cmd/zlaunch-demo/models", models))
	must(exec.Command("chmod", "-R", "u=rwX,go=", models))
	line := planned(zl, models)
	launch := func() *exec.Cmd {
		return exec.Command(zl, "run", "-d", "--no-project", "--waive", waive, "--name", "pairs-ours", "--network", network, "demo", "--models", models)
	}
	podman := func() *exec.Cmd { return exec.Command("sh", "-ec", line) }
	version := func() *exec.Cmd { return exec.Command("podman", "--version") }
	ours := side{"zlaunch run -d", launch, func() { must(exec.Command(zl, "stop", "pairs-ours")) }}
	theirs := side{"podman run -d", podman, func() { must(exec.Command("podman", "rm", "-f", "-t", "0", "pairs-theirs")) }}
	return []*pair{
		{what: "zlaunch version / podman --version", ours: side{run: func() *exec.Cmd { return exec.Command(zl, "version") }}, theirs: side{run: version},
			why: "two processes that print a line"},
		{what: "zlaunch plan triton / podman --version", theirs: side{run: version}, why: "a plan against the least any podman takes",
			ours: side{run: func() *exec.Cmd {
				return exec.Command(zl, "plan", "--no-project", "--waive", waive, "triton", "--arch", "s390x")
			}}},
		{what: "zlaunch audit -- podman run … / zlaunch version", why: "a line read and judged against a process that prints one",
			ours: side{run: func() *exec.Cmd {
				return exec.Command(zl, "audit", "--fail-on", "critical", "--", "podman", "run", "--rm", "-p", "127.0.0.1:8000:8000",
					"-v", "/srv/models:/models:ro,z", "--cap-drop=all", "quay.io/x/y:1", "serve")
			}},
			theirs: side{run: func() *exec.Cmd { return exec.Command(zl, "version") }}},
		{what: "run -d to ready, proof included, no service", ours: ours, theirs: theirs, why: "the same flags; zlaunch starts its own service, proves and waits for the server"},
		{what: "run -d to ready, proof included, service up", ours: ours, theirs: theirs, before: service, why: "the same flags, with the user's own service running"},
	}
}

// planned is the podman line of the same run, under a name and ports of its own.
func planned(zl, models string) string {
	out, err := exec.Command(zl, "plan", "--podman", "-d", "--no-project", "--waive", waive, "--name", "pairs-theirs", "--network", network,
		"-p", "18000:http", "-p", "18001:grpc", "demo", "--models", models).Output()
	if err != nil {
		fail(fmt.Errorf("planning demo: %w: is the image here? test/demo-image/build", err))
	}
	_, line, _ := strings.Cut(string(out), "\n") // the network is there already
	return line
}

// service runs the user's own Podman service where zlaunch and podman look for it.
func service() func() {
	socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "podman/podman.sock")
	if err := os.MkdirAll(filepath.Dir(socket), 0o700); err != nil {
		fail(err)
	}
	cmd := exec.Command("podman", "system", "service", "--time=0", "unix://"+socket)
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	for range 200 {
		if _, err := os.Stat(socket); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return func() { cmd.Process.Kill(); cmd.Wait(); os.Remove(socket) }
}

func (p *pair) measure(rounds int) {
	if p.before != nil {
		defer p.before()()
	}
	for i := range rounds + 1 {
		a, b := p.ours.time(), p.theirs.time()
		if i > 0 { // the first round warms caches
			p.ourTimes, p.podmans = append(p.ourTimes, a), append(p.podmans, b)
		}
	}
}

func (s side) time() time.Duration {
	cmd := s.run()
	begun := time.Now()
	must(cmd)
	took := time.Since(begun)
	if s.undo != nil {
		s.undo()
	}
	return took
}

func (p *pair) print() {
	ratios := make([]float64, len(p.ourTimes))
	for i := range ratios {
		ratios[i] = float64(p.ourTimes[i]) / float64(p.podmans[i])
	}
	slices.Sort(p.ourTimes)
	slices.Sort(p.podmans)
	slices.Sort(ratios)
	mid := len(ratios) / 2
	fmt.Printf("%-44s %10s %10s %7.2f %3.2f-%.2f  %s\n", p.what, p.ourTimes[mid].Round(100*time.Microsecond), p.podmans[mid].Round(100*time.Microsecond),
		float64(p.ourTimes[mid])/float64(p.podmans[mid]), ratios[len(ratios)/10], ratios[len(ratios)-1-len(ratios)/10], p.why)
}
