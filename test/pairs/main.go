// Pairs measures zlaunch beside podman, turn by turn, and prints medians of ratios.
// Both are given the same flags: podman gets the line that zlaunch plan --podman
// prints. It runs in the source tree, as an ordinary user with the demo image.
//
// usage: pairs [-rounds N] [-only REGEX] [-update | -check]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 20, "measure every pair `N` times")
	only := flag.String("only", "", "measure the topics that match `REGEX`")
	update := flag.Bool("update", false, "write "+recordFile+" and "+pageFile)
	check := flag.Bool("check", false, "fail where a ratio is worse than recorded")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // a reader that went away must not keep this from cleaning up
	if err := run(ctx, *rounds, *only, mode{*update, *check}); err != nil {
		fmt.Fprintln(os.Stderr, "pairs: error:", err)
		os.Exit(1)
	}
}

// mode is what becomes of the results, beside being printed.
type mode struct{ update, check bool }

func run(ctx context.Context, rounds int, pattern string, m mode) error {
	only, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	if rounds < 1 || flag.NArg() > 0 || m.update && m.check {
		return errors.New("reading the command line: pairs [-rounds N] [-only REGEX] [-update | -check]")
	}
	begun := time.Now()
	recorded, err := readRecord(recordFile)
	if err != nil {
		return err
	}
	b, err := newBed(ctx, os.Stderr)
	if b != nil {
		defer b.close()
	}
	if err != nil {
		return fmt.Errorf("preparing: %w", err)
	}
	now, err := b.record(ctx, only, rounds)
	if ctx.Err() != nil {
		return errors.New("interrupted; what was made is removed")
	}
	if err != nil {
		return err
	}
	fmt.Print(table(now.Results))
	b.progress("measured in %s", time.Since(begun).Round(time.Second))
	switch {
	case m.update:
		return merge(recorded, now).write()
	case m.check:
		if !recorded.Machine.same(now.Machine) {
			b.progress("the record is of another machine (%s, Podman %s): take the outcome with care", recorded.Machine.Processor, recorded.Machine.Podman)
		}
		return check(recorded.Results, now.Results, only, func(some *regexp.Regexp) ([]Result, error) {
			return measureAll(ctx, b, some, rounds)
		})
	}
	return nil
}

// record describes the machine and measures.
func (b *bed) record(ctx context.Context, only *regexp.Regexp, rounds int) (Record, error) {
	machine, err := b.machine(ctx)
	if err != nil {
		return Record{}, err
	}
	results, err := measureAll(ctx, b, only, rounds)
	return Record{recordSchema, machine, results}, err
}

// table is the results for a terminal.
func table(results []Result) string {
	out := ""
	for _, r := range results {
		out += fmt.Sprintf("%7s  %13s  %-16s %s / %s\n", ratio(r.Ratio), ratio(r.Low)+"-"+ratio(r.High), aim(r), r.What, r.Against)
	}
	return out
}
