package command

import (
	"math"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The options that bound what a container uses of the host, and those of its kernel.

func readSysctls(r *reader, v Value) {
	r.each(PathOf(container.Sysctl), v, func(f Value) { r.pair(container.Sysctl, f) })
}

func readCpus(r *reader, v Value) {
	if !closed(r, container.Cpus, v) {
		return
	}
	n, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		refuse(r, container.Cpus, "%q is not a number of processors", v.shown())
		return
	}
	set(r, container.Cpus, n)
}

func readQuota(r *reader, v Value) {
	if n, ok := readInt(r, container.Cpus, v); ok {
		r.cpuQuota, r.cpuAt = n, append(r.cpuAt, r.at...)
	}
}

func readPeriod(r *reader, v Value) {
	if n, ok := readInt(r, container.Cpus, v); ok {
		r.cpuPeriod, r.cpuAt = n, append(r.cpuAt, r.at...)
	}
}

// readUlimits: "host" gives all limits of the caller, and those named do not hold.
func readUlimits(r *reader, v Value) {
	row := container.UlimitOf
	r.each(PathOf(row), v, func(f Value) {
		if what := f.Open(); what != "" {
			r.leave(PathOf(row), what)
			return
		}
		if f.Text == "host" {
			r.append(container.Other, "--ulimit=host")
			r.opens("host gives the caller's own limits, and those that are named do not hold", row)
			return
		}
		u, err := units.ParseUlimit(strings.TrimPrefix(strings.ToLower(f.Text), "rlimit_"))
		if err != nil {
			r.wrong(PathOf(row), "%q is not a limit, as nofile=1024:1024", Clip(f.Text))
			return
		}
		row.Set(r.spec, u.Name, container.Ulimit{Soft: u.Soft, Hard: u.Hard}, r.mark)
		r.decides(elem(row, u.Name))
	})
}
