package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of which network the container is on.

var ownNetwork = &Control{
	ID: "ZL-701", Name: "own-network", Title: "Not the host network", Severity: High,
	Why:    "the host's network reaches loopback services and is not isolated at all",
	Fix:    "leave --network=host away, and publish the ports that are needed: --publish 127.0.0.1:8501:8501",
	Breaks: "TensorFlow Serving listens on every address whatever its log says; with the host's network it is on the LAN",
	Refs:   []string{"IBM L84-90", "OWASP #5", "CIS 5.10", "PSS baseline", "NIST 3.4.2", "NIST 4.4.2", "NSA host namespaces", "KSV-0009", "CWE-668", "CKV_K8S_19", "kubesec HostNetwork"},
	Reads:  []container.Row{container.Network},
	Judge:  judgeOwnNetwork, Mend: unstate(container.Network),
}

func judgeOwnNetwork(k *Case) {
	if list, ok := attachments(k); ok && slices.ContainsFunc(list, hasMode("host")) {
		k.Fail(at(container.Network), `network must not be "host"`)
	}
}

var noForeignNetwork = &Control{
	ID: "ZL-702", Name: "no-foreign-network", Title: "No foreign network namespace", Severity: Medium,
	Why:    "the network of another container, or of a path, is somebody else's to open",
	Fix:    "leave --network=container:… and --network=ns:… away; join a named network instead",
	Breaks: "a proxy that shares the network of its server: put both in a pod",
	Refs:   []string{"IBM L88-90", "CIS 5.10", "CWE-653"},
	Reads:  []container.Row{container.Network, container.Pod},
	Judge:  judgeNoForeignNetwork, Mend: unstate(container.Network),
}

func judgeNoForeignNetwork(k *Case) {
	if peek(k, container.Pod) != "" {
		return // the members of a pod share one by design: ZL-609
	}
	list, _ := attachments(k)
	for _, a := range list {
		if a.mode == "container" || a.mode == "ns" {
			k.Fail(at(container.Network), "network must not be %q", a.String())
			return
		}
	}
}

func (a attachment) String() string {
	if a.options == "" {
		return a.mode
	}
	return a.mode + ":" + a.options
}

var namedNetwork = &Control{
	ID: "ZL-703", Name: "named-network", Title: "A named network when containers talk", Severity: Medium,
	Why:    "a named network gives name resolution and a boundary, the default bridge puts every container in one segment",
	Fix:    "podman network create NAME, then --network NAME",
	Breaks: "nothing where a rootless container is alone: its own stack is no shared segment, and passes",
	Refs:   []string{"IBM L84-90", "OWASP #5", "CIS 5.30", "NIST 4.4.2", "NIST 3.3.3", "NSA network separation", "CWE-653"},
	Reads:  []container.Row{container.Network},
	Judge:  judgeNamedNetwork,
}

func judgeNamedNetwork(k *Case) {
	list, ok := attachments(k)
	if !ok {
		return
	}
	if slices.ContainsFunc(list, hasMode("host", "container", "ns")) {
		k.NA("the container has no network stack of its own: ZL-701, ZL-702")
		return
	}
	for _, a := range list {
		if v := segment(k, a); v != Pass {
			k.say(v, k.control.Severity, at(container.Network), "network must be a named one or none, not %q", a.String())
			return
		}
	}
	if i := slices.IndexFunc(list, hasMode("", "default", "private", "slirp4netns", "pasta")); i >= 0 {
		k.say(Pass, k.control.Severity, at(container.Network), "a network stack of its own that no other container shares")
	}
}

// segment tells whether others share the network that an attachment without a name
// gives.
func segment(k *Case, a attachment) Verdict {
	shared := a.mode == "bridge" || a.mode == "podman"
	own := a.mode == "slirp4netns" || a.mode == "pasta"
	rootless, _, known := container.Rootless.Get(k.Spec)
	switch docker := peek(k, container.Engine) == "docker"; {
	case a.name() || a.mode == "none":
		return Pass
	case peek(k, container.Subject) == "plan", shared, docker && !own, !own && known && !rootless:
		return Fail
	case own || known:
		return Pass
	}
	return Open
}

func (a attachment) name() bool { return !slices.Contains(networkModes, a.mode) }

var isolatedNetwork = &Control{
	ID: "ZL-704", Name: "isolated-network", Title: "Named networks are isolated from each other", Severity: Low,
	Why:    "before netavark 2 the bridges of one host could route to each other",
	Fix:    "podman network create --opt isolate=true NAME",
	Breaks: "a scraper that watches several networks must join each",
	Refs:   []string{"IBM L88-90", "OWASP #5", "NIST 3.3.3", "NSA network separation"},
	Reads:  []container.Row{container.Network, container.NetworkIsolated},
	Judge:  judgeIsolatedNetwork,
}

func judgeIsolatedNetwork(k *Case) {
	list, ok := attachments(k)
	switch {
	case !ok:
	case !slices.ContainsFunc(list, func(a attachment) bool { return a.name() || a.mode == "bridge" || a.mode == "podman" }):
		k.NA("the container is on no network that other networks could route to")
	default:
		if on, ok := read(k, container.NetworkIsolated); ok && !on {
			k.Fail(at(container.NetworkIsolated), "the network must be isolated from the others: podman network create --opt isolate=true")
		}
	}
}

// attachment is one entry of network: a mode or a network's name, and its options.
type attachment struct{ mode, options string }

// attachments reads the networks. Where they are not known, or a pod decides them,
// the control is open.
func attachments(k *Case) (list []attachment, ok bool) {
	nets, ok := read(k, container.Network)
	if !ok {
		return nil, false
	}
	if pod := peek(k, container.Pod); pod != "" && !peek(k, container.PodKnown) {
		k.Open(at(container.Pod), "the pod %q decides the network", pod)
		return nil, false
	}
	for _, n := range nets {
		mode, options, _ := strings.Cut(n, ":")
		list = append(list, attachment{mode, options})
	}
	return list, true
}

// networkModes are the words of --network that name no network. podman is the name of
// the network everybody gets.
var networkModes = []string{"", "default", "private", "bridge", "podman", "none", "host", "container", "ns", "slirp4netns", "pasta"}

func hasMode(modes ...string) func(attachment) bool {
	return func(a attachment) bool { return slices.Contains(modes, a.mode) }
}
