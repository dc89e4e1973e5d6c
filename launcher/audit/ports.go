package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of published ports.

var loopbackPorts = &Control{
	ID: "ZL-708", Name: "loopback-ports", Title: "Ports are bound to a chosen address", Severity: High,
	Why:    "these servers have no authentication and no TLS; an address that is not loopback shows them to the network",
	Fix:    "--publish 127.0.0.1:8501:8501",
	Breaks: "clients on other hosts: put a proxy that speaks TLS and asks who is calling in front",
	Refs:   []string{"IBM L79-90", "OWASP #5a", "CIS 5.14", "PSS baseline", "NIST 4.4.2", "KSV-0024", "CWE-668", "CKV_K8S_26", "talk L358-365"},
	Reads:  []container.Row{container.Publish, container.PublishAll, container.Network},
	Judge:  judgeLoopbackPorts, Mend: mendLoopbackPorts,
}

func judgeLoopbackPorts(k *Case) {
	everyPort(k, func(p port) {
		if p.scope > loopback {
			weight := High
			if p.scope == lan { // somebody chose that address; ZL-712 and ZL-713 ask what stands in front
				weight = Medium
			}
			k.FailAs(weight, p.at, "publish %s must name the loopback address, as %s; it names %s", p.key, p.local(), p.named())
		}
	})
	nets := peek(k, container.Network)
	for _, n := range nets {
		if mode, options, _ := strings.Cut(n, ":"); mode == "pasta" {
			unreadNetwork(k, []attachment{{mode, options}})
		}
	}
	for _, o := range inbound(nets) {
		if o.scope > loopback {
			k.Fail(at(container.Network), "network must not have %q, by which pasta opens the host's ports to others; publish each on 127.0.0.1", o.said)
		}
	}
	if slices.ContainsFunc(nets, publishesNothing) {
		return
	}
	if all, ok := read(k, container.PublishAll); ok && all {
		k.Fail(at(container.PublishAll), "publish_all must be false: it opens every port of the image on every address of the host")
	}
}

var noPublishAll = &Control{
	ID: "ZL-709", Name: "no-publish-all", Title: "No publish-all", Severity: Medium,
	Why:   "every port the image exposes opens on a port of the engine's choice, on every address",
	Fix:   "leave --publish-all away; --publish 127.0.0.1:8501:8501",
	Refs:  []string{"IBM L84-90", "CIS 5.9", "CIS 5.14", "PSS baseline", "CWE-668"},
	Reads: []container.Row{container.PublishAll},
	Judge: claims(container.PublishAll, false, "publish_all must be false: name each port, as publish 127.0.0.1:8501:8501"), Mend: set(container.PublishAll, false),
}

var noPrivilegedPort = &Control{
	ID: "ZL-710", Name: "no-privileged-port", Title: "No privileged host port", Severity: Low,
	Why:    "a port below 1024 needs root or a sysctl of the whole host",
	Fix:    "--publish 127.0.0.1:8443:443",
	Breaks: "443 belongs to a proxy, with socket activation or a redirect of the firewall",
	Refs:   []string{"IBM L140-142", "CIS 5.8", "PSS baseline", "KSV-0024", "CWE-250"},
	Reads:  []container.Row{container.Publish},
	Judge:  judgeNoPrivilegedPort, Mend: mendNoPrivilegedPort,
}

func judgeNoPrivilegedPort(k *Case) {
	everyPort(k, func(p port) {
		if p.HostPort > 0 && p.HostPort < 1024 {
			k.Fail(p.at, "publish %s must name a host port of 1024 or more, not %d", p.key, p.HostPort)
		}
	})
}

// mendNoPrivilegedPort moves a port up by 8000, as 80 becomes 8080.
func mendNoPrivilegedPort(s *container.Spec, at container.Path) {
	p, _, ok := container.Publish.Get(s, at.Elem)
	if r := portOf(at.Elem, p); ok && int(p.HostPort)+8000+int(r.last-r.first) < 1<<16 {
		p.HostPort += 8000
		container.Publish.Set(s, at.Elem, p, mended)
	}
}

var neededPorts = &Control{
	ID: "ZL-711", Name: "needed-ports", Title: "Only needed ports; no admin ports on the LAN", Severity: Medium,
	Why:    "metrics and admin endpoints leak model names and allow control",
	Fix:    "publish what the profile serves on, and metrics on 127.0.0.1 or not at all",
	Breaks: "Prometheus: let it join the container's network",
	Refs:   []string{"IBM L84-90", "CIS 5.9", "CIS 5.7", "CWE-668", "DS-0004", "CKV_DOCKER_1", "talk L358-365"},
	Reads:  []container.Row{container.Publish, container.ProfilePorts},
	Judge:  judgeNeededPorts, Mend: mendNeededPorts,
}

func judgeNeededPorts(k *Case) {
	declared, _, known := container.ProfilePorts.Get(k.Spec)
	everyPort(k, func(p port) {
		switch what := adminPort(p); {
		case what != "" && p.scope > loopback:
			k.Fail(p.at, "publish %s, which %s, must stay on the loopback address: %s", p.key, what, p.local())
		case known && !slices.Contains(declared, p.key):
			k.Fail(p.at, "publish %s must go: the profile does not serve on it", p.key)
		}
	})
}

// adminPort says what the first well-known port is through which a workload is watched or
// steered; of a range, which one.
func adminPort(p port) string {
	for _, a := range adminPorts {
		if p.holds(a.port) && p.first != p.last {
			return fmt.Sprintf("holds %s at %d", a.what, a.port)
		} else if p.holds(a.port) {
			return "is " + a.what
		}
	}
	return ""
}

// adminPorts are those ports, in their order (ZL-711).
var adminPorts = []struct {
	port uint16
	what string
}{
	{22, "ssh"}, {2375, "the Docker API"}, {5005, "a Java debugger"}, {5678, "a Python debugger"}, {6006, "TensorBoard"}, {8002, "Triton's metrics"},
	{8082, "TorchServe's and MLServer's metrics"}, {8265, "Ray's dashboard"}, {8888, "Jupyter"}, {9229, "a Node debugger"},
}

// mendNeededPorts closes what the profile does not serve on; without a profile it keeps
// the port on loopback.
func mendNeededPorts(s *container.Spec, at container.Path) {
	p, _, _ := container.Publish.Get(s, at.Elem)
	declared, _, known := container.ProfilePorts.Get(s)
	if known && !slices.Contains(declared, portOf(at.Elem, p).key) {
		container.Publish.Delete(s, at.Elem)
		return
	}
	mendLoopbackPorts(s, at)
}

// mendLoopbackPorts binds a port to the loopback address, and lets pasta open none.
func mendLoopbackPorts(s *container.Spec, at container.Path) {
	if at.Key == container.Network.Key() {
		nets, _, _ := container.Network.Get(s)
		out := slices.Clone(nets)
		for i, n := range out {
			if len(inbound([]string{n})) > 0 {
				out[i] = "pasta"
			}
		}
		container.Network.Set(s, out, mended)
		return
	}
	if at.Key == container.PublishAll.Key() {
		container.PublishAll.Set(s, false, mended)
		return
	}
	if p, _, ok := container.Publish.Get(s, at.Elem); ok {
		p.HostIP = "127.0.0.1"
		container.Publish.Set(s, at.Elem, p, mended)
	}
}
