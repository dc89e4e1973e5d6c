package quadlet

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// off are the values with which such a key asks for nothing.
var off = []string{"", "no", "false", "off", "0", "shared", "default", "all"}

// readService brings what [Service] means for the container: the restart, the limits
// of its cgroup, and the keys that only look like hardening.
func readService(r *reader) {
	confines(r)
	openPrograms(r)
	readRestart(r)
	readLimits(r)
	slices.SortStableFunc(r.out.Open, func(a, b form.Open) int { return cmp.Compare(uint(a.Word), uint(b.Word)) })
}

// confines lists the keys that confine Podman and not the container.
func confines(r *reader) {
	for _, name := range command.Confining {
		l, said := r.u.last("Service", name)
		if !said || slices.Contains(off, strings.ToLower(l.value)) {
			continue
		}
		r.out.Service = append(r.out.Service, name)
		r.out.At[container.Path{Key: "service", Elem: name}] = []int{l.word}
	}
}

// openPrograms lists what else the service runs: on the host, as you, and none of it is
// read here, but for runs of containers, which are subjects of their own (see [Commands]).
func openPrograms(r *reader) {
	for _, name := range []string{"ExecStart", "ExecStartPre", "ExecStartPost", "ExecCondition", "ExecReload", "ExecStop", "ExecStopPost"} {
		if l, said := r.u.last("Service", name); said && l.value != "" && !onlyRuns(r, name) {
			r.open(form.Open{At: container.Path{Key: "service", Elem: name}, Word: l.word, Why: name + "= runs a program on the host, which is not read"})
		}
	}
}

// onlyRuns tells whether every line of a key is a run that is read.
func onlyRuns(r *reader, key string) bool {
	return !slices.ContainsFunc(r.u.lines, func(l line) bool {
		if l.section != "Service" || l.key != key || l.value == "" {
			return false
		}
		runs, open := readCommand(r, l, newMaker(r))
		return len(runs) != 1 || len(open) > 0
	})
}

// markOf is the mark of a row that a line decides.
func markOf(r *reader, l line, row container.Row) container.Mark {
	r.out.At[container.Path{Key: row.Key()}] = []int{l.word}
	return container.From(r.origin(l.word))
}

// readLimits of the service hold for the container where its cgroup is below that of
// the service, which is what --cgroups=split means.
func readLimits(r *reader) {
	if c, _, said := container.Cgroups.Get(r.out.Spec); said && c != "split" && c != "disabled" {
		return
	}
	memory := sizeOf(r, "MemoryMax", container.Memory)
	if memory > 0 {
		least(r, container.Memory, memory, "MemoryMax")
	}
	if swap := sizeOf(r, "MemorySwapMax", container.MemorySwap); memory > 0 && swap >= 0 {
		least(r, container.MemorySwap, memory+swap, "MemorySwapMax")
	}
	if l, _ := r.u.last("Service", "TasksMax"); l.value != "" && l.value != "infinity" {
		if n, err := strconv.ParseInt(l.value, 10, 64); err == nil && n > 0 {
			least(r, container.PidsLimit, n, "TasksMax")
		}
	}
	if l, _ := r.u.last("Service", "CPUQuota"); strings.HasSuffix(l.value, "%") {
		if n, err := strconv.ParseFloat(strings.TrimSuffix(l.value, "%"), 64); err == nil && n > 0 && n < 1e6 {
			least(r, container.Cpus, n/100, "CPUQuota")
		}
	}
}

// podmanPids is Podman's own limit where none is stated (containers.conf 5.8).
const podmanPids = 2048

// least sets a limit where the run states none, or a weaker one.
func least[T int64 | float64](r *reader, row container.Field[T], limit T, key string) {
	had, _, said := row.Get(r.out.Spec)
	if !said && row.Key() == container.PidsLimit.Key() && limit >= podmanPids || said && had > 0 && had <= limit {
		return
	}
	l, _ := r.u.last("Service", key)
	row.Set(r.out.Spec, limit, markOf(r, l, row))
}

// sizeOf reads a size as systemd writes it, 0 where there is no limit, and -1 where
// nothing is said or only the host could tell.
func sizeOf(r *reader, name string, row container.Row) int64 {
	l, _ := r.u.last("Service", name)
	switch {
	case l.value == "":
		return -1
	case l.value == "infinity":
		return -1
	case strings.ContainsAny(l.value, "%$"):
		r.open(form.Open{At: container.Path{Key: row.Key()}, Word: l.word, Why: "[Service] " + name + "= is a share of what the host has"})
		return -1
	}
	number, unit := l.value, float64(1)
	if at := strings.IndexByte("KMGTPE", l.value[len(l.value)-1]); at >= 0 {
		number, unit = l.value[:len(l.value)-1], math.Pow(1024, float64(at+1))
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || n < 0 || n*unit > 1<<60 {
		r.wrong(l.word, "[Service] %s= is no size", name)
		return -1
	}
	return int64(n * unit)
}
