package main

import (
	"fmt"
	"strings"
)

// head is the part of the page that no measurement changes.
const head = `# Benchmarks

What zlaunch costs beside podman, written by ` + "`make bench`" + ` from what it measured. ` + "`make bench-check`" + ` measures again and fails
where a ratio is more than 20 % worse than recorded here (` + "`docs/benchmarks.json`" + `); what looks worse is measured a second time first.

## How to read it

- Every number is a ratio: what zlaunch took over what the other side took, medians of each. 0.75 is three quarters of the
  other side, 1.00 the same, 2.00 twice. Times are left out on purpose: they tell about a machine, not about zlaunch.
- Both sides have their turns one after the other in each round, every second round the other way round, so that what else
  the machine does hits both. The first round warms caches and does not count.
- The spread is where the middle eight tenths of the single pairs lie. Where it is wide, or holds 1.00, do not make much of the ratio.
- A side is a whole process, from the fork to its end, with its output thrown away. What has to be undone is undone unmeasured.
- *service up*: the user's own podman service (podman.socket) answers, and zlaunch uses it. *no service*: zlaunch starts a private
  one and ends it, inside the time that counts. podman run needs none in either case.
- zlaunch proves every launch before the workload runs; no other side here does. Where the other side does less, the last column says so.
- An aim is what the ratio was meant to be at most. **missed** stands where it is more:
  [why, and what was tried](adr/0016-where-the-time-goes.md).

`

// page is docs/benchmarks.md.
func page(r Record) string {
	var s strings.Builder
	s.WriteString(head)
	s.WriteString("## The machine\n\n" + described(r.Machine) + "\n")
	for _, t := range topics() {
		rows := ""
		for _, result := range r.Results {
			if result.Topic == t.name {
				rows += row(result)
			}
		}
		if rows == "" {
			continue
		}
		fmt.Fprintf(&s, "\n## %s%s\n\n", strings.ToUpper(t.name[:1]), t.name[1:])
		s.WriteString("| zlaunch | beside | ratio | spread | pairs | aim | why it is fair |\n|---|---|--:|--:|--:|---|---|\n" + rows)
	}
	return s.String()
}

func row(r Result) string {
	spread := fmt.Sprintf("%s-%s", ratio(r.Low), ratio(r.High))
	if r.Rounds == 1 {
		spread = ""
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %d | %s | %s |\n", cell(r.What), cell(r.Against), ratio(r.Ratio), spread, r.Rounds, aim(r), cell(r.Fair))
}

// aim says what was aimed at, and whether it was met.
func aim(r Result) string {
	switch {
	case r.Aim == 0:
		return ""
	case r.missed():
		return fmt.Sprintf("≤ %s **missed**", ratio(r.Aim))
	}
	return fmt.Sprintf("≤ %s met", ratio(r.Aim))
}

// ratio keeps three figures.
func ratio(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// cell keeps a text within its cell.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

func described(m Machine) string {
	rows := [][2]string{
		{"processor", fmt.Sprintf("%s, %d cores, %s", m.Processor, m.Cores, m.Arch)},
		{"memory", m.Memory},
		{"system", m.System + ", Linux " + m.Kernel},
		{"Podman", fmt.Sprintf("%s, rootless, runtime %s, storage %s", m.Podman, m.Runtime, m.Storage)},
		{"cgroups", m.Cgroups},
		{"SELinux", m.SELinux},
		{"Go", m.Go},
		{"zlaunch", m.Zlaunch},
		{"load before", m.Load + ", of the minute before the measurement"},
	}
	var s strings.Builder
	s.WriteString("| | |\n|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&s, "| %s | %s |\n", r[0], cell(r[1]))
	}
	return s.String()
}
