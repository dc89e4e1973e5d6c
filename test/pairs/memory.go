package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// memoryPoll is how often the processes are looked at; a peak between two
	// looks is not seen, on either side.
	memoryPoll = 3 * time.Millisecond
	// settling is how long after the first answer of the server a run has settled.
	settling = 500 * time.Millisecond
)

// memory measures what the processes that attend an attached run hold: those of
// zlaunch or podman below the one that was started, its private service included,
// as proportional set size from /proc/PID/smaps_rollup. conmon and the network's
// helpers are the same on both sides and are left out.
func (b *bed) memory(ctx context.Context, rounds int) ([]Result, error) {
	if err := b.network(ctx); err != nil {
		return nil, err
	}
	line, err := b.podmanLine(ctx, "demo", false)
	if err != nil {
		return nil, err
	}
	sides := [2]attended{
		{argv: append([]string{b.zl, "run"}, b.options("demo", prefix+"-ours", ourPort)...), port: ourPort},
		{argv: shell("exec " + line), port: theirPort},
	}
	var peaks, settled [2][]float64
	for round := range rounds {
		b.progress("memory while attached: round %d of %d", round, rounds)
		for _, i := range turns(2, round) {
			peak, held, err := b.attend(ctx, sides[i])
			if err != nil {
				return nil, fmt.Errorf("measuring memory while attached: %w", err)
			}
			peaks[i], settled[i] = append(peaks[i], peak), append(settled[i], held)
		}
	}
	about := func(what string) Result {
		return Result{What: what, Against: "podman run", Aim: 1,
			Fair: sameFlags + ". Proportional set size of all zlaunch and podman processes of the run, a private service included; conmon is left out on both sides"}
	}
	return []Result{
		compare(about("memory while attached, settled"), settled[0], settled[1]),
		compare(about("memory while attached, peak"), peaks[0], peaks[1]),
	}, nil
}

// attended is a run in the foreground whose server answers on port.
type attended struct {
	argv []string
	port int
}

// attend runs a to the point where its server has answered for a while, ends it,
// and returns the most its processes held together and what they held in the end.
func (b *bed) attend(ctx context.Context, a attended) (peak, settled float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := b.command(ctx, a.argv...)
	if err := cmd.Start(); err != nil {
		return 0, 0, err
	}
	ready := make(chan struct{})
	go func() {
		defer close(ready)
		for ctx.Err() == nil && !serves(a.port) {
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(settling)
	}()
	watch := time.NewTicker(memoryPoll)
	defer watch.Stop()
	for up := true; up; {
		select {
		case <-ready:
			up = false
		case <-watch.C:
		}
		settled = held(cmd.Process.Pid)
		peak = max(peak, settled)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	err = cmd.Wait() // whatever the status of a server that was told to end
	switch {
	case ctx.Err() != nil:
		return 0, 0, fmt.Errorf("waiting for %.60s: %w", strings.Join(a.argv, " "), ctx.Err())
	case settled == 0:
		return 0, 0, fmt.Errorf("%.60s ended before its server answered: %w", strings.Join(a.argv, " "), err)
	}
	return peak, settled, nil
}

func serves(port int) bool {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, health))
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// held is the proportional set size, in KiB, of the zlaunch and podman processes
// at and below pid. A process that ended meanwhile holds nothing.
func held(pid int) float64 {
	var sum float64
	for _, p := range tree(pid) {
		dir := filepath.Join("/proc", strconv.Itoa(p))
		exe, _ := os.Readlink(filepath.Join(dir, "exe"))
		if name := filepath.Base(exe); name != "zlaunch" && name != "podman" {
			continue
		}
		text, _ := os.ReadFile(filepath.Join(dir, "smaps_rollup"))
		sum += field(string(text), "Pss:")
	}
	return sum
}

// tree is pid and the processes below it.
func tree(pid int) []int {
	out := []int{pid}
	for i := 0; i < len(out); i++ {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", out[i]))
		for _, file := range tasks {
			text, _ := os.ReadFile(file)
			for _, word := range strings.Fields(string(text)) {
				if child, err := strconv.Atoi(word); err == nil {
					out = append(out, child)
				}
			}
		}
	}
	return out
}

// field reads the number behind name in a text of "Name: NUMBER kB" lines.
func field(text, name string) float64 {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == name {
			n, _ := strconv.ParseFloat(words[1], 64)
			return n
		}
	}
	return 0
}
