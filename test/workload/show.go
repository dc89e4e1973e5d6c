package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func printArgs(args []string) (int, error) {
	for _, a := range args {
		fmt.Printf("%q\n", a)
	}
	return 0, nil
}

func printEnv([]string) (int, error) {
	env := os.Environ()
	slices.Sort(env)
	for _, e := range env {
		fmt.Printf("%q\n", e)
	}
	return 0, nil
}

// statusKeys are the lines of /proc/self/status that tell how a process is confined.
var statusKeys = []string{"Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:",
	"NoNewPrivs:", "Seccomp:", "Seccomp_filters:"}

// printStatus prints the kernel's record of this process: lines of status, then
// the user mapping, the security label and the mounts, each under its file's name.
func printStatus([]string) (int, error) {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 1, err
	}
	for line := range strings.Lines(string(data)) {
		if key, _, _ := strings.Cut(line, "\t"); slices.Contains(statusKeys, key) {
			fmt.Print(line)
		}
	}
	for _, name := range []string{"uid_map", "gid_map", "oom_score_adj", "attr/current", "mountinfo"} {
		data, err := os.ReadFile("/proc/self/" + name)
		if err != nil {
			data = []byte(err.Error())
		}
		fmt.Printf("-- %s\n%s\n", name, strings.TrimRight(string(data), "\n\x00"))
	}
	return 0, nil
}

// printSize prints the terminal's size now and after every resize, until input ends.
func printSize([]string) (int, error) {
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	for {
		size, err := unix.IoctlGetWinsize(int(os.Stdout.Fd()), unix.TIOCGWINSZ)
		if err != nil {
			return 1, fmt.Errorf("asking for the terminal's size: %w", err)
		}
		fmt.Printf("%d %d\n", size.Row, size.Col)
		select {
		case <-resized:
		case <-ended:
			return 0, nil
		}
	}
}

func read(args []string) (int, error) {
	path, err := only(args)
	if err != nil {
		return 2, err
	}
	f, err := os.Open(path)
	if err != nil {
		return 1, err
	}
	defer f.Close()
	_, err = io.Copy(os.Stdout, f)
	return 0, err
}

func cat([]string) (int, error) {
	_, err := io.Copy(os.Stdout, os.Stdin)
	return 0, err
}
