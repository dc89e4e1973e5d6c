package e2e

import (
	"os"
	"strings"
)

// engine looks at what the engine would have added by itself.
func (c *cell) engine() {
	c.row("environment", "nothing of the caller's environment is in the workload's, proxies with passwords included", func(p *proof) {
		inside, control := c.do(p, "env").text, c.under(p, "env").text
		p.saw("inside %d variables; podman run gives http_proxy: %t", len(strings.Split(inside, "\n")), strings.Contains(control, "hunter2"))
		if strings.Contains(inside, "hunter2") || strings.Contains(inside, "http_proxy") {
			p.t.Errorf("inside:\n%s", inside)
		}
		if !strings.Contains(control, "http_proxy=http://user:hunter2@") {
			p.t.Error("control: podman run does not give it either")
		}
		if data := c.proc(p, "environ"); strings.Contains(data, "hunter2") {
			p.t.Error("/proc/PID/environ holds it")
		}
	})
	c.row("namespaces", "the host's name is not the container's", func(p *proof) {
		own, err := os.Hostname()
		inside := c.do(p, "read", "/proc/sys/kernel/hostname").text
		p.saw("inside %s, the host %s", inside, own)
		if err != nil || inside == "" || inside == own {
			p.t.Errorf("%q, and the host %q (%v)", inside, own, err)
		}
	})
	c.row("engine", "no health check of the image's runs", func(p *proof) {
		image := strings.TrimSpace(c.w.podman("image", "inspect", "--format", "{{json .HealthCheck}}", cellImage).stdout)
		ours := strings.TrimSpace(c.w.podman("inspect", "--format", "{{json .Config.Healthcheck}} {{.State.Health.Status}}", c.name).stdout)
		p.saw("the image says %s, the container %s", image, ours)
		if !strings.Contains(image, "/workload") || strings.Contains(ours, "/workload") {
			p.t.Errorf("the image says %s, the container %s", image, ours)
		}
	})
	c.row("engine", "no socket of an engine and no directory of the host's is in it", func(p *proof) {
		for _, l := range strings.Split(c.proc(p, "mountinfo"), "\n") {
			f := strings.Fields(l)
			if len(f) > 5 && (strings.HasSuffix(f[4], ".sock") || strings.Contains(f[4], "docker") || strings.Contains(f[4], "/podman")) {
				p.t.Errorf("mounted: %s", l)
			}
		}
		p.saw("%d mounts, none a socket", len(strings.Split(c.proc(p, "mountinfo"), "\n")))
	})
	c.row("engine", "its log is a file with a bound", func(p *proof) {
		got := strings.TrimSpace(c.w.podman("inspect", "--format", "{{.HostConfig.LogConfig.Type}} {{.HostConfig.LogConfig.Size}} {{.HostConfig.LogConfig.Config}}", c.name).stdout)
		p.saw("log: %s", got)
		if !strings.HasPrefix(got, "k8s-file ") || !strings.Contains(strings.ToLower(got), "10m") && !strings.Contains(got, "10") {
			p.t.Errorf("log: %s", got)
		}
	})
}
