package audit

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of what the workload reaches beyond the host.

var noEgress = &Control{
	ID: "ZL-705", Name: "no-egress", Title: "No egress for inference", Severity: Medium,
	Why:    "an inference server needs no Internet, and without it a malicious model or a bug cannot phone home or fetch a second stage",
	Fix:    "podman network create --internal NAME, and a reverse proxy on a second network that publishes the port",
	Breaks: "ports published on an internal network are fragile, so publish them from the proxy; downloads at the first start fail, so fetch at build time",
	Refs:   []string{"IBM L84-90", "NIST 4.4.2", "NSA network separation", "CWE-668", "systemd IPAddressDeny=", "talk L312-319"},
	Reads:  []container.Row{container.Network, container.NetworkEgress, container.ProfileKind},
	Judge:  judgeNoEgress,
}

func judgeNoEgress(k *Case) {
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
		case known || hasMode("", "default", "private", "bridge", "podman", "host", "slirp4netns", "pasta")(a):
			k.Fail(at(container.Network), "network must be an internal one or none: %q reaches beyond the host", a.String())
			return
		default:
			k.Open(at(container.Network), "whether %q reaches beyond the host is not known: podman network inspect tells", a.String())
			return
		}
	}
}

var jobsWithoutNetwork = &Control{
	ID: "ZL-706", Name: "jobs-without-network", Title: "Batch and compile jobs have no network", Severity: Low,
	Why:    "compiling and batch scoring need no network",
	Fix:    "--network=none",
	Breaks: "licence checks and package installs",
	Refs:   []string{"IBM L84-90", "CIS 5.9", "NIST 4.4.2"},
	Reads:  []container.Row{container.Network, container.ProfileKind},
	Judge:  judgeJobsWithoutNetwork, Mend: set(container.Network, []string{"none"}),
}

func judgeJobsWithoutNetwork(k *Case) {
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
	if ok && (len(list) == 0 || !slices.ContainsFunc(list, hasMode("none"))) {
		k.Fail(at(container.Network), `network must be "none"`)
	}
}

// compiles tells whether the arguments are those of onnx-mlir, the compiler in
// IBM's zDLC image, which is always a job.
func compiles(k *Case) bool {
	emits := []string{"--EmitLib", "--EmitObj", "--EmitJNI", "--EmitMLIR", "--EmitLLVMIR", "--EmitONNXIR", "--EmitONNXBasic"}
	return slices.ContainsFunc(peek(k, container.Args), func(w string) bool { return slices.Contains(emits, w) })
}
