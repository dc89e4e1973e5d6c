package e2e

import (
	"os"
	"slices"
	"strings"
)

// capabilitySets are the five of /proc/PID/status.
var capabilitySets = []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}

const noCapabilities = "0000000000000000"

// confined looks at what the process may do to the kernel.
func (c *cell) confined() {
	c.row("capabilities", "all five sets are empty, the bounding set too", c.noCapabilities)
	c.row("capabilities", "a file cannot be given to another user", func(p *proof) {
		c.denied(p, []string{"EPERM"}, "chown", "/tmp/y", "1")
	})
	c.row("no-new-privs", "a setuid program of root's gains nothing", c.setuid)
	c.row("seccomp", "a filter is on, and it refuses what the kernel would allow", c.filtered)
	c.row("masks", "what podman masks of /proc and /sys reads as nothing", c.masked)
	c.row("masks", "the kernel's settings below /proc/sys cannot be written", func(p *proof) {
		for _, path := range []string{"/proc/sys/kernel/hostname", "/proc/sys/net/ipv4/ip_forward", "/proc/bus"} {
			c.denied(p, []string{"EROFS"}, "chmod", path)
		}
	})
	c.row("devices", "/dev holds what every container has and no more", c.devices)
	c.row("namespaces", "all namespaces but time are the container's own", c.namespaces)
	c.row("namespaces", "the cgroup tree of the host is not seen", func(p *proof) {
		inside := c.do(p, "read", "/proc/self/cgroup").text
		p.saw("outside: %s; inside: %s", c.proc(p, "cgroup"), inside)
		for _, l := range strings.Split(inside, "\n") {
			if f := strings.SplitN(l, ":", 3); len(f) != 3 || f[2] != "/" {
				p.t.Errorf("the path is not the root: %q", l)
			}
		}
	})
	c.row("namespaces", "the host's processes are not seen", func(p *proof) {
		pids := slices.DeleteFunc(strings.Fields(c.do(p, "list", "/proc").text), func(s string) bool { return strings.Trim(s, "0123456789") != "" })
		p.saw("processes inside: %q", pids)
		if len(pids) == 0 || len(pids) > 4 || pids[0] != "1" {
			p.t.Errorf("processes inside: %q", pids)
		}
	})
	c.row("identity", "it is not spared by the kernel's out-of-memory killer", func(p *proof) {
		own, err := os.ReadFile("/proc/self/oom_score_adj")
		theirs := c.proc(p, "oom_score_adj")
		p.saw("oom_score_adj %s, the caller's %s", theirs, own)
		if err != nil || theirs < strings.TrimSpace(string(own)) || strings.HasPrefix(theirs, "-") {
			p.t.Errorf("oom_score_adj is %s (%v)", theirs, err)
		}
	})
}

func (c *cell) noCapabilities(p *proof) {
	status := c.proc(p, "status")
	for _, set := range capabilitySets {
		p.saw("%s", line(status, set))
		if !strings.Contains(status, set+":\t"+noCapabilities+"\n") {
			p.t.Errorf("%s is not empty", line(status, set))
		}
	}
	control := line(c.under(p, "status").text, "CapBnd")
	p.saw("podman run: %s", control)
	if control == "" || strings.HasSuffix(control, noCapabilities) {
		p.t.Errorf("control: podman run gives %q", control)
	}
}

func (c *cell) setuid(p *proof) {
	if line(c.proc(p, "status"), "NoNewPrivs") != "NoNewPrivs:\t1" {
		p.t.Errorf("status says %q", line(c.proc(p, "status"), "NoNewPrivs"))
	}
	mode := c.do(p, "stat", "/setuid")
	if !strings.HasPrefix(mode.text, "104755 0:0") {
		p.t.Fatalf("/setuid is %s", mode.text)
	}
	control := c.under(p, "run /setuid status").text
	gained := strings.Fields(line(control, "Uid"))
	got := c.do(p, "run", "/setuid", "status")
	p.saw("/setuid is %s; podman run: %s, %s", mode.text, line(control, "Uid"), line(control, "CapEff"))
	p.saw("%s; %s, %s", line(c.proc(p, "status"), "NoNewPrivs"), line(got.text, "Uid"), line(got.text, "CapEff"))
	if line(got.text, "Uid") != "Uid:\t1000\t1000\t1000\t1000" || !strings.HasSuffix(line(got.text, "CapEff"), noCapabilities) {
		p.t.Errorf("it ended with %d: %s", got.code, got.text)
	}
	if len(gained) != 5 || gained[2] != "0" {
		p.t.Errorf("control: under podman run it gains nothing either: %q", gained)
	}
}

// filtered holds what the probe meets inside against what it meets on the host.
func (c *cell) filtered(p *proof) {
	status := c.proc(p, "status")
	p.saw("%s %s", line(status, "Seccomp:"), line(status, "Seccomp_filters:"))
	if line(status, "Seccomp:") != "Seccomp:\t2" {
		p.t.Error("the mode is not 2")
	}
	probe := lab.home + "/root-1000/probe"
	outside, inside := c.w.do(c.w.command(probe)).stdout, c.do(p, "run", "/probe").text
	refused := 0
	for _, call := range []string{"userfaultfd", "personality(ADDR_NO_RANDOMIZE)", "bpf", "perf_event_open"} {
		p.saw("%s on the host, %s inside", line(outside, call+":"), line(inside, call+":"))
		if !strings.HasSuffix(line(inside, call+":"), ": EPERM") && !strings.HasSuffix(line(inside, call+":"), ": ENOSYS") {
			p.t.Errorf("inside: %q", line(inside, call+":"))
		}
		if !strings.HasSuffix(line(outside, call+":"), ": EPERM") && line(outside, call+":") != line(inside, call+":") {
			refused++
		}
	}
	if refused == 0 {
		p.t.Error("control: the host refuses all of it, too")
	}
}

// maskable are the paths Podman masks, as far as this kernel has them.
var maskable = []string{"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
	"/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/fs/selinux"}

func (c *cell) masked(p *proof) {
	mounts := c.proc(p, "mountinfo")
	for _, path := range maskable {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		action := "read"
		if info.IsDir() {
			action = "list"
		}
		got := c.do(p, action, path)
		p.saw("%s %s: %q (exit %d), mounted %s", action, path, got.text, got.code, mountOptions(mounts, path))
		if got.code == 0 && got.text != "" {
			p.t.Errorf("%s gives %.80q", path, got.text)
		}
		if mountOptions(mounts, path) == "" {
			p.t.Errorf("nothing is mounted over %s", path)
		}
	}
}

// nodes are those of the OCI runtime specification; crun and runc add the links.
var nodes = []string{"core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"}

func (c *cell) devices(p *proof) {
	var found []string
	for _, l := range strings.Split(c.do(p, "list", "/dev").text, "\n") {
		name, _, _ := strings.Cut(l, " ")
		found = append(found, name)
		if !slices.Contains(nodes, name) {
			p.t.Errorf("a device more: %s", l)
		}
	}
	p.saw("/dev: %q", found)
	if !slices.Contains(found, "null") {
		p.t.Error("the listing lacks null")
	}
	if got := c.do(p, "list", "/dev/pts"); strings.TrimSpace(strings.ReplaceAll(got.text, "ptmx", "")) != "" {
		p.t.Errorf("terminals inside: %q", got.text)
	}
}

func (c *cell) namespaces(p *proof) {
	inside := c.do(p, "list", "/proc/self/ns").text
	for _, kind := range []string{"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"} {
		own, err := os.Readlink("/proc/self/ns/" + kind)
		if err != nil {
			p.t.Fatal(err)
		}
		theirs := strings.TrimPrefix(line(inside, kind+" "), kind+" -> ")
		p.saw("%s, the host's %s", theirs, own)
		if theirs == own || !strings.HasPrefix(theirs, kind+":[") {
			p.t.Errorf("%s is %q, the host's %q", kind, theirs, own)
		}
	}
}
