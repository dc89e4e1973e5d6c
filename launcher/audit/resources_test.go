package audit_test

import (
	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// to is a change of one setting.
func to[T any](row Field[T], v T) func(*Spec) { return func(s *Spec) { row.Set(s, v, by) } }

// reasoned marks what a profile says the why of.
var reasoned = Mark{Origin: by.Origin, Evidence: by.Evidence, Why: "it is needed"}

var resourceFixtures = map[string][]fixture{
	"ZL-801": {
		{name: "none", change: to(Memory, 0), says: "limited", also: []string{"ZL-802"}},
		{name: "more than there is", change: to(Memory, 1<<50), says: "no host has", also: []string{"ZL-802"}},
	},
	"ZL-802": {
		{name: "unlimited", change: to(MemorySwap, -1), says: "unlimited"},
		{name: "not stated", change: to(MemorySwap, 0), says: "as much swap again"},
		{name: "more", change: to(MemorySwap, 2<<30), says: "equal to memory"},
	},
	"ZL-803": {
		{name: "zero", change: to(PidsLimit, 0), says: "unlimited"},
		{name: "minus one", change: to(PidsLimit, -1), says: "unlimited"},
		{name: "too many", change: to(PidsLimit, 4097), says: "4097"},
		{name: "the most", change: to(PidsLimit, 4096), verdict: audit.Pass},
	},
	"ZL-804": {
		{name: "more than there is", change: to(Cpus, 100000), says: "limited"},
		{name: "none", change: to(Cpus, 0), says: "limited"},
		{name: "shares", change: func(s *Spec) { Cpus.Set(s, 0, by); CpuShares.Set(s, 512, by) }, verdict: audit.Pass},
		{name: "not known", change: func(s *Spec) { Cpus.Clear(s) }, raw: true, verdict: audit.Open},
		{name: "not delegated", change: func(s *Spec) { Cpus.Set(s, 0, by); CgroupControllers.Set(s, []string{"memory", "pids"}, by) },
			says: "ZL-104", verdict: audit.NotApplicable},
	},
	"ZL-805": {
		{name: "core not stated", change: func(s *Spec) { UlimitOf.Delete(s, "core") }, says: "0:0"},
		{name: "core", change: func(s *Spec) { UlimitOf.Set(s, "core", Ulimit{Soft: 0, Hard: -1}, by) }, says: "0:-1"},
		{name: "memlock", change: func(s *Spec) { UlimitOf.Set(s, "memlock", Ulimit{Soft: -1, Hard: -1}, by) }, says: "memlock"},
		{name: "memlock with its why", change: func(s *Spec) { UlimitOf.Set(s, "memlock", Ulimit{Soft: -1, Hard: -1}, reasoned) }, verdict: audit.Pass},
	},
	"ZL-806": {
		{name: "podman's default", change: func(s *Spec) { ShmSize.Clear(s) }, says: "65536000"},
		{name: "docker's default", change: to(ShmSize, 64<<20), verdict: audit.Pass},
	},
	"ZL-807": {
		{name: "memory", change: to(LimitsInForce, []string{"pids_limit", "cpus", "memory_swap"}), says: "memory must hold"},
		{name: "not known", change: func(s *Spec) { LimitsInForce.Clear(s) }, verdict: audit.Open},
	},
	"ZL-808": {
		{name: "no kill", change: to(OomKillDisable, true), says: "oom_kill_disable"},
		{name: "score", change: to(OomScoreAdj, -500), says: "-500"},
	},
	"ZL-809": {
		{name: "always", change: to(Restart, "always"), says: "always"},
		{name: "unless stopped", change: to(Restart, "unless-stopped"), says: "unless-stopped"},
		{name: "on failure", change: to(Restart, "on-failure"), says: "on-failure:5"},
		{name: "a unit without a limit that is reached", also: line("ZL-815", "ZL-819"), change: then(gives(Subject, "unit"), to(Restart, "on-failure")), says: "StartLimitIntervalSec="},
		{name: "on failure without end", change: to(Restart, "on-failure:0"), says: "tries"},
		{name: "too often", change: to(Restart, "on-failure:6"), says: "tries"},
		{name: "no number", change: to(Restart, "on-failure:x"), says: "tries"},
		{name: "five times", change: to(Restart, "on-failure:5"), verdict: audit.Pass},
		{name: "the empty name of podman 4", change: to(Restart, ""), verdict: audit.Pass},
	},
	"ZL-810": {
		{name: "at once", change: to(StopTimeout, 0), says: "stop_timeout"},
		{name: "a job without end", change: to(ProfileKind, "job"), says: "timeout of a job", also: []string{"ZL-705", "ZL-706", "ZL-811", "ZL-812"}},
	},
	"ZL-811": {
		{name: "switched off", change: to(NoHealthcheck, true), says: "no_healthcheck", also: []string{"ZL-812"}},
		{name: "none", change: to(HealthCmd, ""), says: "health_cmd", also: []string{"ZL-812"}},
		{name: "the word none", change: to(HealthCmd, "none"), says: "health_cmd", also: []string{"ZL-812"}},
	},
	"ZL-812": {{name: "observes", change: to(HealthOnFailure, ""), says: "health_on_failure"}},
	"ZL-813": {
		{name: "none", change: to(LogDriver, "none"), says: "none"},
		{name: "no bound", change: func(s *Spec) { LogOpt.Delete(s, "max-size") }, says: "max-size"},
		{name: "a bound of nothing", change: func(s *Spec) { LogOpt.Set(s, "max-size", "0B", by) }, says: "0B"},
		{name: "minus one", change: func(s *Spec) { LogOpt.Set(s, "max-size", "-1", by) }, says: "-1"},
		{name: "the journal", change: to(LogDriver, "journald"), verdict: audit.Pass},
		{name: "the starter's own files", change: to(LogDriver, "passthrough"), says: "passthrough"},
		{name: "of a unit's container", change: func(s *Spec) {
			LogDriver.Set(s, "passthrough", by)
			Labels.Set(s, "PODMAN_SYSTEMD_UNIT", "x.service", by)
		}, verdict: audit.Pass},
	},
	"ZL-814": {
		{name: "none", change: to(Init, false), says: "init"},
		{name: "none with its why", change: func(s *Spec) { Init.Set(s, false, reasoned) }, verdict: audit.Pass},
	},
	"ZL-815": {{name: "kept", change: to(Rm, false), says: "rm"}},
	"ZL-816": {
		{name: "bash", change: args("bash"), says: `"bash"`},
		{name: "a login shell", change: args("/bin/sh", "-l"), says: "/bin/sh"},
		{name: "as the entrypoint", change: func(s *Spec) { Entrypoint.Set(s, []string{"/bin/zsh"}, by); Args.Set(s, nil, by) }, says: "/bin/zsh"},
		{name: "a script", change: args("bash", "/serve.sh"), verdict: audit.Pass},
		{name: "a command", change: args("bash", "-lc", "exec serve"), verdict: audit.Pass},
		{name: "a profile of a shell", change: func(s *Spec) { args("bash")(s); ProfileKind.Set(s, "shell", by) }, verdict: audit.NotApplicable,
			also: []string{"ZL-705", "ZL-811", "ZL-812"}},
	},
	"ZL-817": {
		{name: "signed", change: func(s *Spec) { Labels.Set(s, "io.containers.autoupdate", "registry", by) }, says: "if signed"},
		{name: "not signed", change: func(s *Spec) {
			Labels.Set(s, "io.containers.autoupdate", "registry", by)
			SignedBy.Set(s, "anything", by)
		},
			says: "must go: a new image", also: []string{"ZL-905"}},
		{name: "disabled", change: func(s *Spec) { Labels.Set(s, "io.containers.autoupdate", "disabled", by) }, verdict: audit.Pass},
	},
	"ZL-818": {
		{name: "sshd", change: args("/usr/sbin/sshd", "-D"), says: "sshd"},
		{name: "supervisord", change: to(Entrypoint, []string{"/usr/bin/supervisord"}), says: "supervisord"},
		{name: "port 22", change: published("22/tcp", "127.0.0.1", 2222), says: "ssh", also: []string{"ZL-711", "ZL-713"}},
	},
	"ZL-819": {{name: "a container", change: to(Subject, "container"), says: "no unit", verdict: audit.NotApplicable}},
}
