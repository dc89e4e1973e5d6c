package quadlet

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// How often systemd starts a unit anew (systemd.service(5), Restart=; systemd.unit(5),
// StartLimitIntervalSec=).

// readRestart is systemd's; that of Podman is refused beside --rm unless it is no.
func readRestart(r *reader) {
	if v, _, said := container.Restart.Get(r.out.Spec); said && v != "no" {
		return
	}
	l, said := r.u.last("Service", "Restart")
	m := byQuadlet
	value := "no"
	switch l.value {
	case "always", "on-success":
		value = "always"
	case "on-failure", "on-abnormal", "on-abort", "on-watchdog":
		value = "on-failure"
		if n := limitOf(r.u.lines).starts(); n > 0 {
			value += ":" + strconv.Itoa(n)
		}
	}
	if said {
		m = markOf(r, l, container.Restart)
		r.boundBy()
	}
	container.Restart.Set(r.out.Spec, value, m)
}

// boundBy notes the lines of the limit beside that of the restart.
func (r *reader) boundBy() {
	at := container.Path{Key: container.Restart.Key()}
	for _, l := range r.u.lines {
		if (l.section == "Unit" || l.section == "Service") && strings.HasPrefix(l.key, "StartLimit") && l.key != "StartLimitAction" {
			r.out.At[at] = append(r.out.At[at], l.word)
		}
	}
}

// startLimit is how many starts within an interval systemd allows, and how long it waits
// before each.
type startLimit struct {
	burst           int // 0: nobody said
	interval, delay time.Duration
	unread          bool // one of them is no time
}

// limitOf reads the limit of a unit. Its keys stood in [Service] once, and count there
// still; of what is not said systemd's defaults count (systemd-system.conf(5)).
func limitOf(lines []line) startLimit {
	s := startLimit{interval: 10 * time.Second, delay: 100 * time.Millisecond}
	steps, longest := "", time.Duration(0)
	for _, l := range lines {
		value := strings.Trim(strings.TrimSpace(l.value), `"`)
		switch l.section + " " + l.key {
		case "Unit StartLimitBurst", "Service StartLimitBurst":
			s.burst, _ = strconv.Atoi(value)
		case "Unit StartLimitIntervalSec", "Unit StartLimitInterval", "Service StartLimitInterval":
			s.time(&s.interval, value)
		case "Service RestartSec":
			s.time(&s.delay, value)
		case "Service RestartSteps":
			steps = value
		case "Service RestartMaxDelaySec":
			s.time(&longest, value)
		}
	}
	if steps != "" && steps != "0" { // the delay grows
		s.delay = max(s.delay, longest)
	}
	return s
}

func (s *startLimit) time(to *time.Duration, value string) {
	d, ok := timeSpan(value)
	*to, s.unread = d, s.unread || !ok
}

// starts is after how many starts systemd gives up; 0 is never: nobody said a number, an
// interval of nothing switches the limit off, and restarts that come more slowly than the
// limit counts never reach it.
func (s startLimit) starts() int {
	if s.burst < 1 || s.interval <= 0 || s.unread || !s.reached() {
		return 0
	}
	return s.burst
}

// reached tells whether as many waits fit into the interval.
func (s startLimit) reached() bool { return s.delay <= s.interval/time.Duration(s.burst) }

// timeSpan reads a span as systemd writes it: "90", "5min 20s", "infinity" (systemd.time(7)).
func timeSpan(value string) (time.Duration, bool) {
	if value == "infinity" {
		return 1<<63 - 1, true
	}
	total, rest := time.Duration(0), strings.ReplaceAll(value, " ", "")
	for rest != "" {
		n := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		number, err := strconv.ParseFloat(rest[:n], 64)
		name := rest[n:][:len(rest[n:])-len(strings.TrimLeft(rest[n:], "abcdefghijklmnopqrstuvwxyzM"))]
		unit, known := timeUnits[cmp.Or(name, "s")]
		if err != nil || !known || number*float64(unit) > 1<<62 {
			return 0, false
		}
		total, rest = total+time.Duration(number*float64(unit)), rest[n+len(name):]
	}
	return total, value != "" && total >= 0
}

var timeUnits = map[string]time.Duration{
	"us": time.Microsecond, "usec": time.Microsecond, "ms": time.Millisecond, "msec": time.Millisecond,
	"s": time.Second, "sec": time.Second, "second": time.Second, "seconds": time.Second,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour, "w": 7 * 24 * time.Hour, "week": 7 * 24 * time.Hour,
	"weeks": 7 * 24 * time.Hour, "M": 730 * time.Hour, "month": 730 * time.Hour, "months": 730 * time.Hour,
	"y": 8766 * time.Hour, "year": 8766 * time.Hour, "years": 8766 * time.Hour,
}

// restart writes a bound that systemd reaches: where the waits before as many starts are
// longer than the interval, one that is long enough, with as much again for the starts
// themselves.
func (f *fixer) restart(out map[string][]string) {
	v, _, _ := container.Restart.Get(f.mended)
	word, burst, bounded := strings.Cut(v, ":")
	if word == "unless-stopped" {
		word = "always"
	}
	out["Service"] = append(out["Service"], "Restart="+literal(word))
	if !bounded {
		return
	}
	out["Unit"] = append(out["Unit"], "StartLimitBurst="+literal(burst))
	lines, _ := parse(strings.Join(f.r.Lines, "\n"), newest)
	s := limitOf(slices.DeleteFunc(lines, func(l line) bool { return strings.HasPrefix(l.key, "StartLimit") }))
	if n, err := strconv.Atoi(burst); err == nil && n > 0 && s.delay < 1<<40 {
		if s.burst = n; !s.reached() {
			wait := (2*s.delay*time.Duration(n) + time.Second - 1).Truncate(time.Second)
			out["Unit"] = append(out["Unit"], "StartLimitIntervalSec="+strconv.Itoa(int(wait/time.Second)))
		}
	}
}
