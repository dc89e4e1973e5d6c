package command

import (
	"slices"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What a workload prints is the workload's choice, and so is the file that it goes to.
func TestWhereARunPrints(t *testing.T) {
	const run = "podman run --rm x/y:1"
	for text, want := range map[string]string{
		run + " > ~/.bashrc": "~/.bashrc", run + " >> /a/b": "/a/b", run + " &> /a": "/a", run + " 2>> /a": "/a", run + " | tee /a": "/a",
		run + " | sudo tee -a /a": "/a", run + " | grep x > /a": "/a", "{ " + run + "; } > /a": "/a", "if true; then " + run + "; fi > /a": "/a",
		"exec > /a\n" + run: "/a", "f() { " + run + "; }\nf > /a": "/a", "f() { \"$@\"; }\nf " + run + " > /a": "/a", "bash -c '" + run + "' > /a": "/a",
		"sh -c '" + run + " > /a'": "/a", "script -c '" + run + "' /a": "/a", "f=/a\n" + run + " > $f": "/a",
		run + " > /dev/null 2>&1": "", run + " | grep x": "", run + " >&2": "", run + " < /a": "",
	} {
		runs, _, err := Script("f", []byte(text+"\n"))
		if err != nil || len(runs) != 1 {
			t.Fatalf("%q: %d runs, %v", text, len(runs), err)
		}
		got := ""
		for _, name := range container.HostFiles.Keys(runs[0].Spec) {
			if f, _, _ := container.HostFiles.Get(runs[0].Spec, name); f.Use == "print" {
				got = f.Path
			}
		}
		if got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

// A program that does what it reads, or a word that is none of the line's own, opens
// the rest.
func TestWhatReadsARun(t *testing.T) {
	const run = "podman run --rm x/y:1"
	for _, text := range []string{
		run + " | tar xC /", run + " | sudo dd of=/dev/sda", run + " | xargs rm", "set -k\n" + run + " LD_PRELOAD=/e", "alias -g y=--privileged\n" + run,
		"newgrp docker <<E\n" + run + "\nE",
	} {
		if _, open, err := Script("f", []byte(text+"\n")); err != nil || len(open) == 0 {
			t.Errorf("silent: %q: %v", text, err)
		}
	}
	runs, _, _ := Script("f", []byte("systemd-run -p StandardOutput=append:/a "+run+"\n"))
	if len(runs) != 1 || !slices.Contains(said(runs[0]), "prefix=[systemd-run]") || len(runs[0].Open) == 0 {
		t.Errorf("systemd-run: %v", runs)
	}
}
