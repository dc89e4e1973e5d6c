package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// limits reads the cgroup's own files.
func (c *cell) limits() {
	for _, l := range []struct{ what, file, want string }{
		{"memory", "memory.max", "1073741824"},
		{"swap: none", "memory.swap.max", "0"},
		{"processes and threads", "pids.max", "512"},
		{"processors", "cpu.max", "50000 100000"},
	} {
		c.row("limits", l.what+": the cgroup's own file says what was planned", func(p *proof) {
			c.needLimits(p)
			got, at := c.cgroup(p, l.file)
			p.saw("%s: %s", at, got)
			if got != l.want {
				p.t.Errorf("%s is %q, want %s", l.file, got, l.want)
			}
		})
	}
	c.row("limits", "the processor quota bites", c.throttled)
	for name, want := range map[string]string{"Max core file size": "0 0 bytes", "Max open files": "16384 16384 files"} {
		c.row("limits", strings.ToLower(name[4:])+": /proc/PID/limits says what was planned", func(p *proof) {
			l := line(c.proc(p, "limits"), name)
			p.saw("%s", l)
			if strings.Join(strings.Fields(strings.TrimPrefix(l, name)), " ") != want {
				p.t.Errorf("want %s", want)
			}
		})
	}
}

func (c *cell) needLimits(p *proof) {
	p.t.Helper()
	if !limited() {
		p.lacks("this host enforces no limits for an ordinary user: cgroup version 1, or no delegation")
	}
}

// cgroup reads a file of the container's cgroup. The runtime may have made a
// cgroup below the one that has the limits.
func (c *cell) cgroup(p *proof, file string) (value, at string) {
	p.t.Helper()
	dir := "/sys/fs/cgroup" + strings.TrimPrefix(c.proc(p, "cgroup"), "0::")
	for {
		at = filepath.Join(dir, file)
		data, err := os.ReadFile(at)
		value = strings.TrimSpace(string(data))
		none := err != nil || strings.HasPrefix(value, "max")
		if !none || !strings.Contains(filepath.Dir(dir), "libpod") {
			return value, at
		}
		dir = filepath.Dir(dir)
	}
}

func (c *cell) throttled(p *proof) {
	c.needLimits(p)
	count := func() int {
		_, at := c.cgroup(p, "cpu.max")
		data, err := os.ReadFile(filepath.Join(filepath.Dir(at), "cpu.stat"))
		if err != nil {
			p.t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimPrefix(line(string(data), "nr_throttled"), "nr_throttled "))
		if err != nil {
			p.t.Fatal(err)
		}
		return n
	}
	before := count()
	c.do(p, "spin", "1s")
	after := count()
	p.saw("one busy thread for a second: nr_throttled %d, then %d", before, after)
	if after <= before {
		p.t.Error("it was not throttled")
	}
}

// A job that wants more than it may have is stopped by the kernel, and zlaunch
// ends as podman run would.
func TestLimitsBite(t *testing.T) {
	w := newWorld(t)
	c := &cell{w: w}
	before := w.settled()
	c.row("limits", "a fork bomb ends at pids_limit", func(p *proof) {
		c.needLimits(p)
		w.write("zlaunch/profiles.toml", strings.Replace(profiles, "[profile.job.container]", "[profile.job.container]\npids_limit = 60", 1))
		got := w.zlaunch("run", "job", "--", "fork", "200")
		p.saw("asked for 200 children: %s, then %s", strings.TrimSpace(got.stdout), strings.TrimSpace(got.stderr))
		n, err := strconv.Atoi(strings.TrimSpace(got.stdout))
		if err != nil || n < 1 || n >= 60 || got.code == 0 {
			t.Errorf("%d children (%v), exit %d: %s", n, err, got.code, got.stderr)
		}
	})
	c.row("limits", "memory beyond the limit: the kernel kills the workload, and zlaunch says so and ends with 137", func(p *proof) {
		c.needLimits(p)
		fits := w.zlaunch("run", "job", "--memory", "400m", "--", "allocate", strconv.Itoa(64<<20))
		p.saw("64 MiB under 400 MiB: exit %d", fits.code)
		begun := time.Now()
		got := w.zlaunch("run", "job", "--memory", "400m", "--", "allocate", strconv.Itoa(1<<30))
		p.saw("1 GiB under 400 MiB: exit %d after %.1f s: %s", got.code, time.Since(begun).Seconds(), strings.TrimSpace(got.stderr))
		if fits.code != 0 || got.code != 137 || !strings.Contains(got.stderr, "memory, 400 MiB") {
			t.Errorf("ended with %d and %d: %s%s", fits.code, got.code, fits.stderr, got.stderr)
		}
	})
	w.unchanged(before)
}
