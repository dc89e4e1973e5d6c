package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// readOnly tries to write where nothing may be written.
func (c *cell) readOnly() {
	c.row("read-only", "the root file system: writing gives EROFS", func(p *proof) {
		p.saw("/ is mounted %s", mountOptions(c.proc(p, "mountinfo"), "/"))
		c.denied(p, []string{"EROFS"}, "write", "/x")
		c.denied(p, []string{"EROFS"}, "chmod", "/etc/passwd")
	})
	c.row("read-only", "the model: writing gives EROFS, though the file is the user's own", func(p *proof) {
		p.saw("/models is mounted %s", mountOptions(c.proc(p, "mountinfo"), "/models"))
		c.denied(p, []string{"EROFS"}, "write", "/models/model.bin")
		c.denied(p, []string{"EROFS"}, "write", "/models/new")
		if text, err := os.ReadFile(filepath.Join(c.model, "model.bin")); string(text) != "weights" {
			p.t.Errorf("the model is %q (%v)", text, err)
		}
	})
	c.row("read-only", "what Podman makes for the container: /etc/hosts, resolv.conf, hostname", func(p *proof) {
		for _, path := range []string{"/etc/hosts", "/etc/resolv.conf", "/etc/hostname"} {
			p.saw("%s is mounted %s", path, mountOptions(c.proc(p, "mountinfo"), path))
			c.denied(p, []string{"EROFS"}, "chmod", path)
		}
		control := c.under(p, "chmod /etc/hosts").text
		p.saw("podman run: %s", control)
		if strings.Contains(control, "EROFS") {
			p.t.Error("control: podman run mounts it read-only, too")
		}
	})
	c.row("read-only", "no mount but --output is both writable and on a disk", c.noWritableDisk)
	c.row("volumes", "a VOLUME of the image is ignored", c.imageVolume)
}

// kernelKinds are file systems that hold no files of anybody's.
const kernelKinds = " proc sysfs cgroup cgroup2 mqueue devpts devtmpfs tmpfs "

func (c *cell) noWritableDisk(p *proof) {
	disks := 0
	for _, l := range strings.Split(c.proc(p, "mountinfo"), "\n") {
		own, super, ok := strings.Cut(l, " - ")
		f, s := strings.Fields(own), strings.Fields(super)
		if !ok || len(f) < 6 || len(s) < 3 {
			p.t.Fatalf("mountinfo says %q", l)
		}
		if strings.Contains(kernelKinds, " "+s[0]+" ") && !strings.HasPrefix(f[4], "/models") {
			continue
		}
		disks++
		if writable := strings.HasPrefix(f[5], "rw"); writable != (f[4] == "/output") {
			p.t.Errorf("%s (%s) is mounted %s", f[4], s[0], f[5])
		}
		p.saw("%s %s %s", f[4], s[0], f[5])
	}
	if disks < 3 {
		p.t.Errorf("%d mounts of disks", disks)
	}
}

func (c *cell) imageVolume(p *proof) {
	volumes := strings.TrimSpace(c.w.podman("image", "inspect", "--format", "{{.Config.Volumes}}", cellImage).stdout)
	p.saw("the image says %s; mounted there: %q", volumes, mountOptions(c.proc(p, "mountinfo"), "/canary"))
	if !strings.Contains(volumes, "/canary") || mountOptions(c.proc(p, "mountinfo"), "/canary") != "" {
		p.t.Error("a volume is mounted, or the image has none")
	}
	c.denied(p, []string{"EROFS"}, "write", "/canary/x")
	control := mountOptions(c.under(p, "read /proc/self/mountinfo").text, "/canary")
	p.saw("podman run: mounted %s", control)
	if control == "" {
		p.t.Error("control: podman run mounts nothing there either")
	}
}

// scratch are the tmpfs of the base profile and their sizes in bytes; that of
// /dev/shm is the cell's.
var scratch = []struct {
	path string
	size int64
}{{"/tmp", 256 << 20}, {"/run", 16 << 20}, {"/var/tmp", 16 << 20}, {"/dev/shm", 32 << 20}}

// tmpfs looks at what may be written.
func (c *cell) tmpfs() {
	for _, s := range scratch {
		c.row("tmpfs", s.path+" is nosuid, nodev, noexec and as large as planned", func(p *proof) {
			options, got := mountOptions(c.proc(p, "mountinfo"), s.path), c.do(p, "statfs", s.path)
			p.saw("%s; statfs: %s", options, got.text)
			for _, o := range []string{"rw", "nosuid", "nodev", "noexec"} {
				if !strings.Contains(","+options+",", ","+o+",") {
					p.t.Errorf("%s is mounted %s, not %s", s.path, options, o)
				}
			}
			if size, _, _ := strings.Cut(got.text, " "); size != strconv.FormatInt(s.size, 10) {
				p.t.Errorf("%s has %s bytes, not %d", s.path, size, s.size)
			}
		})
	}
	c.row("tmpfs", "nothing runs from them", func(p *proof) {
		if got := c.under(p, "run /tmp/x exit 0"); got.code != 0 {
			p.t.Errorf("control: podman run does not run it either: %s", got.text)
		}
		for _, s := range scratch {
			if s.path == "/run" {
				continue // root's
			}
			if path := s.path + "/x"; c.do(p, "copy", path).code != 0 {
				p.t.Errorf("%s cannot be written", path)
			} else {
				c.denied(p, []string{"EACCES"}, "run", path, "exit", "0")
			}
		}
	})
	c.row("tmpfs", "they end at their size, and all of them lie below the memory limit", func(p *proof) {
		c.denied(p, []string{"ENOSPC"}, "fill", "/var/tmp/full", "20000000")
		c.denied(p, []string{"ENOSPC"}, "fill", "/dev/shm/full", "40000000")
		var sum int64
		for _, l := range strings.Split(c.proc(p, "mountinfo"), "\n") {
			_, super, _ := strings.Cut(l, " - ")
			if f := strings.Fields(l); strings.HasPrefix(super, "tmpfs ") && strings.HasPrefix(f[5], "rw") && f[4] != "/dev" && !strings.HasPrefix(f[4], "/sys") {
				size, _, _ := strings.Cut(c.do(p, "statfs", f[4]).text, " ")
				n, err := strconv.ParseInt(size, 10, 64)
				if err != nil {
					p.t.Error(err)
				}
				p.saw("%s %s", f[4], size)
				sum += n
			}
		}
		p.saw("sum %d", sum)
		if sum < 320<<20 || sum >= 1<<30 {
			p.t.Errorf("%d bytes of tmpfs", sum)
		}
	})
}
