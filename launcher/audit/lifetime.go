package audit

import (
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of how a run ends and begins anew.

var restartBounded = &Control{
	ID: "ZL-809", Name: "restart-bounded", Title: "Restart is bounded", Severity: Low,
	Why:    "endless restarts hide a crash loop or somebody probing",
	Fix:    "--restart on-failure:5; in a unit Restart=on-failure with StartLimitBurst=",
	Breaks: "a server that crashes more often stays down, and somebody must look",
	Refs:   []string{"OWASP #7", "CIS 5.15"},
	Reads:  []container.Row{container.Restart},
	Judge:  judgeRestartBounded, Mend: set(container.Restart, "on-failure:5"),
}

func judgeRestartBounded(k *Case) {
	v, known := read(k, container.Restart)
	name, count, _ := strings.Cut(v, ":")
	n, err := strconv.Atoi(count)
	switch path := at(container.Restart); {
	case !known || v == "" || v == "no":
	case name == "on-failure" && err == nil && n >= 1 && n <= maxRestarts:
	case name == "on-failure" && count != "":
		k.Fail(path, "restart must be no or on-failure with 1 to %d tries, not %q", maxRestarts, v)
	case name == "on-failure" && peek(k, container.Subject) == "unit":
		k.Fail(path, "restart on-failure must have a bound that is reached: StartLimitBurst=%d, and a StartLimitIntervalSec= "+
			"longer than as many RestartSec=", maxRestarts)
	case name == "on-failure":
		k.Fail(path, "restart on-failure must have a bound, as on-failure:%d", maxRestarts)
	default:
		k.Fail(path, "restart must not be %q", v)
	}
}

// maxRestarts is the most restarts in a row (CIS 5.15).
const maxRestarts = 5

var stopTimeout = &Control{
	ID: "ZL-810", Name: "stop-timeout", Title: "Stop and run time-outs", Severity: Info,
	Why:   "a clean shutdown, and then an end, also of a batch that runs away",
	Fix:   "--stop-timeout 10; for a job --timeout",
	Refs:  []string{"OWASP #7"},
	Reads: []container.Row{container.StopTimeout, container.Timeout},
	Judge: judgeStopTimeout,
}

func judgeStopTimeout(k *Case) {
	if v, ok := read(k, container.StopTimeout); ok && v <= 0 {
		k.Fail(at(container.StopTimeout), "stop_timeout must leave the workload time to finish, as 10")
	}
	if peek(k, container.ProfileKind) != "job" || peek(k, container.Subject) == "plan" {
		return
	}
	if v, ok := read(k, container.Timeout); ok && v <= 0 {
		k.Fail(at(container.Timeout), "timeout of a job must be stated, so that it ends")
	}
}

var throwAway = &Control{
	ID: "ZL-815", Name: "throw-away", Title: "Throw-away container", Severity: Info,
	Why:    "state left behind is unreviewed state",
	Fix:    "--rm",
	Breaks: "a log file of its own goes with the container; journald keeps it",
	Refs:   []string{"NIST 3.4.5", "NSA immutable file systems"},
	Launch: "zlaunch removes what it started, also after a crash",
	Reads:  []container.Row{container.Rm},
	Judge:  judgeThrowAway, Mend: set(container.Rm, true),
}

func judgeThrowAway(k *Case) {
	switch peek(k, container.Subject) {
	case "plan":
		k.NA("zlaunch removes what it started, also after a crash")
		return
	case "unit":
		k.NA("Quadlet removes the container when the unit stops")
		return
	case "compose":
		k.NA("Compose removes the container when it is told: down")
		return
	}
	if v, ok := read(k, container.Rm); ok && !v {
		k.Fail(at(container.Rm), "rm must be true")
	}
}
