package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func loopbackPorts(k *Case) {
	everyPort(k, func(p port) {
		if p.scope > loopback {
			k.Fail(p.at, "publish %s must name the loopback address, as %s; it names %s", p.key, p.local(), p.named())
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
	if slices.ContainsFunc(nets, discards) {
		return
	}
	if all, ok := read(k, container.PublishAll); ok && all {
		k.Fail(at(container.PublishAll), "publish_all must be false: it opens every port of the image on every address of the host")
	}
}

func highPorts(k *Case) {
	everyPort(k, func(p port) {
		if p.host > 0 && p.host < 1024 {
			k.Fail(p.at, "publish %s must name a host port of 1024 or more, not %d", p.key, p.host)
		}
	})
}

// adminPorts are well-known ports through which a workload is watched or steered
// (controls reference, ZL-711).
var adminPorts = map[uint64]string{
	22: "ssh", 2375: "the Docker API", 5005: "a Java debugger", 5678: "a Python debugger", 6006: "TensorBoard", 8002: "Triton's metrics",
	8082: "TorchServe's and MLServer's metrics", 8265: "Ray's dashboard", 8888: "Jupyter", 9229: "a Node debugger",
}

func neededPorts(k *Case) {
	declared, _, known := container.ProfilePorts.Get(k.Spec)
	everyPort(k, func(p port) {
		switch what := adminPorts[p.inside]; {
		case what != "" && p.scope > loopback:
			k.Fail(p.at, "publish %s, which is %s, must stay on the loopback address: %s", p.key, what, p.local())
		case known && !slices.Contains(declared, p.key):
			k.Fail(p.at, "publish %s must go: the profile does not serve on it", p.key)
		}
	})
}

// tlsWords begin the options that switch a server's own TLS on.
var tlsWords = []string{"--ssl_config_file", "--grpc-use-ssl", "--ssl-certfile", "--certfile", "--ServerApp.certfile", "--tls"}

func tlsInFront(k *Case) {
	beyond(k, func(e exposure) {
		for _, w := range peek(k, container.Args) {
			if slices.ContainsFunc(tlsWords, func(t string) bool { return strings.HasPrefix(w, t) }) {
				option, _, _ := strings.Cut(w, "=")
				k.Review(e.at, "%s: look whether the TLS of %q covers it; not every protocol of a server has it", e.what, option)
				return
			}
		}
		k.Review(e.at, "%s: look whether something in front of it speaks TLS; these servers speak clear text", e.what)
	})
}

// beyond hands on what others than this host's users reach. Where there is
// nothing the control does not apply.
func beyond(k *Case, f func(exposure)) {
	list, all := exposures(k.Spec)
	far := slices.DeleteFunc(list, func(e exposure) bool { return e.scope <= loopback })
	for _, e := range far {
		f(e)
	}
	switch {
	case !all:
		k.Open(at(container.Publish), "what is published is not fully known")
	case len(far) == 0:
		k.NA("no port is published beyond the loopback address")
	}
}

// authInFront looks at loopback too: it is open to every user of the host, and
// most of these servers ask nobody who is calling.
func authInFront(k *Case) {
	list, all := exposures(k.Spec)
	for _, e := range list {
		if e.scope > loopback {
			k.Review(e.at, "%s: look whether something in front of it asks who is calling; these servers do not", e.what)
			continue
		}
		severity, who := localUsers(k)
		k.say(Review, severity, e.at, "%s can reach %s; look whether the server asks who is calling", who, e.what)
	}
	switch {
	case !all:
		k.Open(at(container.Publish), "what is published is not fully known")
	case len(list) == 0:
		k.NA("no port is published")
	}
}

// localUsers grades a loopback port by who else is on the host.
func localUsers(k *Case) (Severity, string) {
	switch others, _, known := container.OtherUsers.Get(k.Spec); {
	case known && others > 0:
		return Medium, "every user of this host, where others than you can log in,"
	case known:
		return Info, "every process of this host, where nobody else can log in,"
	}
	return Low, "every user of this host"
}
