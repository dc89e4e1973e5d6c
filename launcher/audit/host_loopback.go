package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of the host's loopback address, as the workload reaches it.

var noHostLoopback = &Control{
	ID: "ZL-707", Name: "no-host-loopback", Title: "Host loopback not reachable", Severity: Medium,
	Why:    "databases and agents on 127.0.0.1 of the host trust whoever is local",
	Fix:    "leave allow_host_loopback, --map-gw, --map-host-loopback, -T and -U of the network away, and --add-host NAME:host-gateway",
	Breaks: "nothing that asks the host's main address: since Podman 5.3 host.containers.internal reaches that by default",
	Refs:   []string{"NIST 4.4.2", "CWE-918"},
	Reads:  []container.Row{container.Network, container.AddHost},
	Judge:  judgeNoHostLoopback, Mend: mendNoHostLoopback,
}

func judgeNoHostLoopback(k *Case) {
	list, _ := attachments(k)
	for _, a := range list {
		switch o := loopbackOption(a); {
		case a.mode == "host":
			k.Fail(at(container.Network), `network "host" reaches the services on the host's loopback address`)
			return
		case o != "":
			k.Fail(at(container.Network), "network must not have %q, which reaches the services on the host's loopback address", o)
			return
		}
	}
	unreadNetwork(k, list)
	if names, ok := read(k, container.AddHost); ok {
		if i := slices.IndexFunc(names, isHostGateway); i >= 0 {
			k.Fail(at(container.AddHost), "add_host must not hold %q, which names the host itself", names[i])
		}
	}
}

func isHostGateway(host string) bool { return strings.HasSuffix(host, "host-gateway") }

// mendNoHostLoopback leaves the options of the networks away, and the names of the host.
func mendNoHostLoopback(s *container.Spec, at container.Path) {
	if at.Key == container.AddHost.Key() {
		hosts, _, _ := container.AddHost.Get(s)
		container.AddHost.Set(s, slices.DeleteFunc(slices.Clone(hosts), isHostGateway), mended)
		return
	}
	var out []string
	nets, _, _ := container.Network.Get(s)
	for _, n := range nets {
		mode, options, _ := strings.Cut(n, ":")
		switch {
		case mode == "host":
			continue
		case loopbackOption(attachment{mode, options}) != "":
			n = mode
		}
		out = append(out, n)
	}
	if container.Network.Clear(s); len(out) > 0 {
		container.Network.Set(s, out, mended)
	}
}

// unreadNetwork leaves the control open by the options of networks that nobody knows.
func unreadNetwork(k *Case, list []attachment) {
	for _, a := range list {
		if unread := a.unread(); len(unread) > 0 {
			k.Open(at(container.Network), "what %s does with %s is not known", a.mode, quoted(unread))
		}
	}
}
