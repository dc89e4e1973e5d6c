package audit

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of logs.

var logsBounded = &Control{
	ID: "ZL-813", Name: "logs-bounded", Title: "Logs kept and bounded", Severity: Low,
	Why:    "no log is no evidence, an unbounded one a full disk",
	Fix:    "--log-driver journald, or k8s-file with --log-opt max-size=10m",
	Breaks: "requests stand in debug logs: no verbose level in production",
	Refs:   []string{"IBM L174-180", "OWASP #10", "NIST 4.4", "NSA logging", "CWE-778", "CWE-770"},
	Reads:  []container.Row{container.LogDriver, container.LogOpt},
	Judge:  judgeLogsBounded, Mend: mendLogsBounded,
}

func judgeLogsBounded(k *Case) {
	driver, ok := read(k, container.LogDriver)
	if !ok {
		return
	}
	switch {
	case driver == "none":
		k.Fail(at(container.LogDriver), "log_driver must not be none")
	case driver == "passthrough-tty", driver == "passthrough" && !underSystemd(k):
		k.FailAs(Medium, at(container.LogDriver), "log_driver must not be %s: the workload holds the terminal or the files of whoever starts it, and writes without a bound", driver)
	}
	if driver != "k8s-file" && driver != "json-file" && driver != "local" {
		return // the journal and its like are bounded by the host
	}
	size, _, known := container.LogOpt.Get(k.Spec, "max-size")
	switch path := elem(container.LogOpt, "max-size"); {
	case known && strings.Trim(size, "0bBkKmMgG") == "" && strings.Trim(size, "0") != size || strings.HasPrefix(size, "-"):
		k.Fail(path, "log_opt max-size must be a size, as 10m, not %q", size)
	case driver == "local": // has a bound of its own
	case !known && container.LogOpt.Complete(k.Spec):
		k.Fail(path, "log_opt max-size must be stated for log_driver %s, as 10m", driver)
	case !known:
		k.Open(path, "log_opt max-size is not known")
	}
}

// underSystemd tells a run whose standard output is a service's, which the journal
// has. A label is believed of a container that is there, not of a line.
func underSystemd(k *Case) bool {
	_, _, labelled := container.Labels.Get(k.Spec, "PODMAN_SYSTEMD_UNIT")
	subject := peek(k, container.Subject)
	return subject == "unit" || subject == "container" && labelled
}

func mendLogsBounded(s *container.Spec, at container.Path) {
	if at.Key == container.LogDriver.Key() {
		container.LogDriver.Set(s, "journald", mended)
		return
	}
	container.LogOpt.Set(s, "max-size", "10m", mended)
}
