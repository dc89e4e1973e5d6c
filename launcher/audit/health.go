package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of health checks.

var healthCheck = &Control{
	ID: "ZL-811", Name: "health-check", Title: "Health check", Severity: Low,
	Why:    "a hung server keeps its port",
	Fix:    "--health-cmd with a program of the image",
	Breaks: "images without curl: /dev/tcp of bash or a line of python, never a script from a writable path; Podman's check needs a systemd timer",
	Refs:   []string{"IBM L79-82", "CIS 5.27", "CIS 4.6", "DS-0026", "CKV_DOCKER_2", "CKV_K8S_8", "CKV_K8S_9", "CIS-DI-0006", "kube-score pod-probes"},
	Launch: "zlaunch asks the ready endpoint from the host",
	Reads:  []container.Row{container.NoHealthcheck, container.HealthCmd},
	Judge:  judgeHealthCheck,
}

func judgeHealthCheck(k *Case) {
	if unasked(k) {
		return
	}
	if off, ok := read(k, container.NoHealthcheck); !ok || off {
		if ok {
			k.Fail(at(container.NoHealthcheck), "no_healthcheck must be false, and health_cmd stated")
		}
		return
	}
	cmd, ok := read(k, container.HealthCmd)
	switch {
	case !ok || cmd != "" && cmd != "none":
	case cmd == "" && beforeHost(k):
		k.Open(at(container.HealthCmd), "health_cmd is not stated, and whether the image brings one is not known")
	default:
		k.Fail(at(container.HealthCmd), "health_cmd must be stated")
	}
}

// unasked tells that nobody asks the workload whether it is well, and says why.
func unasked(k *Case) bool {
	switch kind := peek(k, container.ProfileKind); {
	case peek(k, container.Subject) == "plan":
		k.NA("zlaunch asks the ready endpoint from the host")
	case kind == "job" || kind == "shell":
		k.NA("a %s serves nobody", kind)
	default:
		return false
	}
	return true
}

var unhealthyActs = &Control{
	ID: "ZL-812", Name: "unhealthy-acts", Title: "Unhealthy has a consequence", Severity: Info,
	Why:    "observing is not acting",
	Fix:    "--health-on-failure kill, and a unit that restarts",
	Breaks: "restart works against systemd, which restarts the unit itself",
	Refs:   []string{"CIS 5.27"},
	Reads:  []container.Row{container.HealthOnFailure, container.HealthCmd},
	Judge:  judgeUnhealthyActs, Mend: set(container.HealthOnFailure, "kill"),
}

func judgeUnhealthyActs(k *Case) {
	if unasked(k) {
		return
	}
	if off, cmd := peek(k, container.NoHealthcheck), peek(k, container.HealthCmd); off || cmd == "" || cmd == "none" {
		k.NA("there is no health check: ZL-811")
		return
	}
	switch v, ok := read(k, container.HealthOnFailure); {
	case ok && (v == "" || v == "none"):
		k.Fail(at(container.HealthOnFailure), "health_on_failure must be kill or stop, so that a hung server does not stay")
	case v == "restart" && peek(k, container.Subject) == "unit":
		k.Fail(at(container.HealthOnFailure), "health_on_failure must be kill: restart works against systemd, which restarts the unit")
	}
}
