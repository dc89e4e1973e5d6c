package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

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

// modes are the words of --network that name no network. podman is the name of
// the network everybody gets.
var modes = []string{"", "default", "private", "bridge", "podman", "none", "host", "container", "ns", "slirp4netns", "pasta"}

func (a attachment) name() bool { return !slices.Contains(modes, a.mode) }

func is(modes ...string) func(attachment) bool {
	return func(a attachment) bool { return slices.Contains(modes, a.mode) }
}

func (a attachment) String() string {
	if a.options == "" {
		return a.mode
	}
	return a.mode + ":" + a.options
}

func ownNetwork(k *Case) {
	if list, ok := attachments(k); ok && slices.ContainsFunc(list, is("host")) {
		k.Fail(at(container.Network), `network must not be "host"`)
	}
}

func noForeignNetwork(k *Case) {
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

func namedNetwork(k *Case) {
	list, ok := attachments(k)
	if !ok {
		return
	}
	if slices.ContainsFunc(list, is("host", "container", "ns")) {
		k.NA("the container has no network stack of its own: ZL-701, ZL-702")
		return
	}
	for _, a := range list {
		if v := segment(k, a); v != Pass {
			k.say(v, k.control.Severity, at(container.Network), "network must be a named one or none, not %q", a.String())
			return
		}
	}
	if i := slices.IndexFunc(list, is("", "default", "private", "slirp4netns", "pasta")); i >= 0 {
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

func isolatedNetworks(k *Case) {
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

func noEgress(k *Case) {
	switch kind := peek(k, container.ProfileKind); kind {
	case "notebook", "shell":
		k.NA("a %s is a workbench and no inference server", kind)
		return
	case "job":
		k.NA("of a job ZL-706 asks that it has no network at all")
		return
	}
	list, ok := attachments(k)
	if !ok {
		return
	}
	egress, _, known := container.NetworkEgress.Get(k.Spec)
	for _, a := range list {
		switch {
		case a.mode == "none", known && !egress && a.mode != "host":
		case known || is("", "default", "private", "bridge", "podman", "host", "slirp4netns", "pasta")(a):
			k.Fail(at(container.Network), "network must be an internal one or none: %q reaches beyond the host", a.String())
			return
		default:
			k.Open(at(container.Network), "whether %q reaches beyond the host is not known: podman network inspect tells", a.String())
			return
		}
	}
}

func jobsWithoutNetwork(k *Case) {
	kind, _, known := container.ProfileKind.Get(k.Spec)
	switch {
	case !known && compiles(k):
	case !known:
		k.NA("nothing says that it is a job")
		return
	case kind != "job":
		k.NA("it is a %s and no job", kind)
		return
	}
	list, ok := attachments(k)
	if ok && (len(list) == 0 || !slices.ContainsFunc(list, is("none"))) {
		k.Fail(at(container.Network), `network must be "none"`)
	}
}

// compiles tells whether the arguments are those of onnx-mlir, the compiler in
// IBM's zDLC image, which is always a job.
func compiles(k *Case) bool {
	emits := []string{"--EmitLib", "--EmitObj", "--EmitJNI", "--EmitMLIR", "--EmitLLVMIR", "--EmitONNXIR", "--EmitONNXBasic"}
	return slices.ContainsFunc(peek(k, container.Args), func(w string) bool { return slices.Contains(emits, w) })
}

func noHostLoopback(k *Case) {
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
		if i := slices.IndexFunc(names, gateway); i >= 0 {
			k.Fail(at(container.AddHost), "add_host must not hold %q, which names the host itself", names[i])
		}
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

func gateway(host string) bool { return strings.HasSuffix(host, "host-gateway") }

func namesKept(k *Case) {
	for _, row := range []container.Field[[]string]{container.AddHost, container.Dns} {
		if v, ok := read(k, row); ok && len(v) > 0 {
			k.Fail(at(row), "%s must be empty, it holds %q", row.Key(), v)
		}
	}
	if v, ok := read(k, container.NoHosts); ok && v {
		k.Fail(at(container.NoHosts), "no_hosts must be false")
	}
}
