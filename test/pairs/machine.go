package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Machine describes where was measured.
type Machine struct {
	Arch      string `json:"arch"`
	Processor string `json:"processor"`
	Cores     int    `json:"cores"`
	Memory    string `json:"memory"`
	Kernel    string `json:"kernel"`
	System    string `json:"system"`
	Podman    string `json:"podman"`
	Runtime   string `json:"runtime"`
	Storage   string `json:"storage"`
	Cgroups   string `json:"cgroups"`
	SELinux   string `json:"selinux"`
	Go        string `json:"go"`
	Zlaunch   string `json:"zlaunch"`
	Load      string `json:"load"` // of the minute before
}

// same tells whether ratios of both may be held against each other.
func (m Machine) same(other Machine) bool {
	m.Zlaunch, m.Load, other.Zlaunch, other.Load = "", "", "", ""
	return m == other
}

func (b *bed) machine(ctx context.Context) (Machine, error) {
	const format = "{{.Version.Version}}|{{.Host.OCIRuntime.Name}}|{{.Store.GraphDriverName}}|{{.Host.CgroupsVersion}}"
	out, err := b.command(ctx, "podman", "info", "--format", format).Output()
	if err != nil {
		return Machine{}, fmt.Errorf("asking podman about this machine: %w", err)
	}
	info := strings.Split(strings.TrimSpace(string(out)), "|")
	if len(info) != 4 {
		return Machine{}, fmt.Errorf("asking podman about this machine: unexpected answer %q", out)
	}
	return Machine{
		Arch: runtime.GOARCH, Processor: processor(text("/proc/cpuinfo")), Cores: runtime.NumCPU(),
		Memory: fmt.Sprintf("%.0f GiB", field(text("/proc/meminfo"), "MemTotal:")/(1<<20)),
		Kernel: strings.TrimSpace(text("/proc/sys/kernel/osrelease")), System: pretty(text("/etc/os-release")),
		Podman: info[0], Runtime: info[1], Storage: info[2], Cgroups: info[3], SELinux: selinux(),
		Go: goVersion(ctx), Zlaunch: os.Getenv("VERSION"), Load: first(text("/proc/loadavg")),
	}, nil
}

func text(path string) string {
	data, _ := os.ReadFile(path) // what is not there is not said
	return string(data)
}

func first(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// processor is the model in /proc/cpuinfo, which each architecture words its own way.
func processor(cpuinfo string) string {
	for _, key := range []string{"model name", "machine", "cpu", "processor 0", "CPU part"} {
		for line := range strings.Lines(cpuinfo) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
				return strings.TrimSpace(value)
			}
		}
	}
	return "unknown"
}

func pretty(osRelease string) string {
	for line := range strings.Lines(osRelease) {
		if value, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return "unknown"
}

func selinux() string {
	switch strings.TrimSpace(text("/sys/fs/selinux/enforce")) {
	case "1":
		return "enforcing"
	case "0":
		return "permissive"
	}
	return "absent"
}

func goVersion(ctx context.Context) string {
	out, _ := exec.CommandContext(ctx, goCommand(), "env", "GOVERSION").Output()
	return strings.TrimSpace(string(out))
}
