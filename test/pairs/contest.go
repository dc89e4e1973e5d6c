package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// command is a process that is measured, and what takes back, unmeasured, what it
// did.
type command struct {
	argv []string
	undo []string
	ok   []int // exit statuses that are fine; none: 0 alone
}

// rival is one side zlaunch is measured beside.
type rival struct {
	command
	name string
	fair string // why the comparison is fair, and where it is not
	aim  float64
}

// contest is one thing zlaunch does and those it is measured beside. In each round
// everybody has one turn, and every second round goes the other way round, so that
// nobody always comes after the same one.
type contest struct {
	what   string
	ours   command
	rivals []rival
	held   bool // the most memory that each side held is a result, too
	most   int  // rounds at most, for what takes long; 0: as many as were asked for
}

// run measures the contest. The first round warms caches and does not count.
func (c contest) run(ctx context.Context, b *bed, rounds int) ([]Result, error) {
	if c.most > 0 {
		rounds = min(rounds, c.most)
	}
	sides := []command{c.ours}
	for _, r := range c.rivals {
		sides = append(sides, r.command)
	}
	times, peaks := make([][]float64, len(sides)), make([][]float64, len(sides))
	for round := range rounds + 1 {
		b.progress("%s: round %d of %d", c.what, round, rounds)
		for _, i := range turns(len(sides), round) {
			took, peak, err := b.time(ctx, sides[i])
			if err != nil {
				return nil, fmt.Errorf("measuring %s: %w", c.what, err)
			}
			if round > 0 {
				times[i], peaks[i] = append(times[i], took), append(peaks[i], peak)
			}
		}
	}
	var out []Result
	for i, r := range c.rivals {
		out = append(out, compare(Result{What: c.what, Against: r.name, Fair: r.fair, Aim: r.aim}, times[0], times[i+1]))
		if c.held {
			out = append(out, compare(Result{What: "memory of the " + c.what, Against: r.name, Fair: r.fair, Aim: r.aim}, peaks[0], peaks[i+1]))
		}
	}
	return out, nil
}

// turns is the order of n sides in a round.
func turns(n, round int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if round%2 == 1 {
		slices.Reverse(order)
	}
	return order
}

// time runs c and returns the seconds from the fork to the end, and the most
// memory the process held, in KiB (ru_maxrss, getrusage(2)).
func (b *bed) time(ctx context.Context, c command) (seconds, peak float64, err error) {
	cmd := b.command(ctx, c.argv...)
	var said strings.Builder
	cmd.Stderr = &said // standard output goes to /dev/null on all sides
	begun := time.Now()
	err = cmd.Run()
	seconds = time.Since(begun).Seconds()
	if err := ended(cmd, err, c.ok, said.String()); err != nil {
		return 0, 0, err
	}
	if used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak = float64(used.Maxrss)
	}
	if c.undo == nil {
		return seconds, peak, nil
	}
	return seconds, peak, b.do(ctx, c.undo...)
}

// ended tells whether cmd ended as it should have.
func ended(cmd *exec.Cmd, err error, ok []int, said string) error {
	if err != nil && cmd.ProcessState != nil && slices.Contains(ok, cmd.ProcessState.ExitCode()) {
		return nil
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("running %.200s: %w\n%s", strings.Join(cmd.Args, " "), err, said)
}

// command prepares a process of this test bed. When ctx ends it is told to end, so
// that it can clean up, and killed if it does not.
func (b *bed) command(ctx context.Context, argv ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = b.env, b.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

// do runs what is not measured.
func (b *bed) do(ctx context.Context, argv ...string) error {
	cmd := b.command(ctx, argv...)
	out, err := cmd.CombinedOutput()
	return ended(cmd, err, nil, string(out))
}
