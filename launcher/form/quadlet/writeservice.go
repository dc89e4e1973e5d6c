package quadlet

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// settingUp is how many seconds Podman may take to make a container, before the workload
// begins: an image of some gigabytes is copied for a mapped user.
const settingUp = 300

// ending is how many seconds systemd lets a service take to end before it kills it, 90
// (DefaultTimeoutStopSec=), and a little more.
const ending = 120

// service writes when systemd starts the run, and what it takes for a failure. A job runs to
// its end when it is asked for, everything else with its user's session.
//
// Nothing waits for the network: no image is pulled, and ports are published on an address
// that is there.
func (w *writer) service() {
	w.unit = append(w.unit, "Description="+literal(cmp.Or(oneLine(w.run.About), w.run.Name)))
	for _, other := range w.run.After {
		w.unit = append(w.unit, "Requires="+literal(other)+".service", "After="+literal(other)+".service")
	}
	if len(w.run.After) > 0 {
		w.doc.Lost = append(w.doc.Lost, form.Loss{At: container.Path{Key: form.Waits}, Why: "systemd starts it once those that it waits for run, not once they serve"})
	}
	if n := w.starts(); n > 0 {
		w.unit = append(w.unit, "StartLimitBurst="+strconv.Itoa(n), fmt.Sprintf("StartLimitIntervalSec=%d", int64(n)*(pause+w.within()+ending)))
	}
	if w.run.Kind == "job" {
		w.services = append(w.services, "Type=oneshot")
	} else {
		w.services = append(w.services, fmt.Sprintf("TimeoutStartSec=%d", w.within()))
		w.install = []string{"WantedBy=default.target"}
	}
	if w.add.Notify != "" {
		w.container = append(w.container, "Notify="+w.add.Notify)
	}
	w.unit = append(w.unit, w.add.Unit...)
	w.services = append(w.services, w.add.Service...)
}

// within is how many seconds a start may take.
func (w *writer) within() int64 {
	if w.run.Ready == nil {
		return settingUp
	}
	return settingUp + w.run.Ready.Within
}

// starts is the bound of the restart; 0 is none.
func (w *writer) starts() int {
	v, _, _ := container.Restart.Get(w.spec)
	_, n, _ := strings.Cut(v, ":")
	bound, _ := strconv.Atoi(n)
	return bound
}

// sayRestart: it is systemd's. Every start within [StartLimitIntervalSec] counts, so that what fails
// each time ends as failed, however long each start takes.
func sayRestart(w *writer) error {
	v, _, _ := container.Restart.Get(w.spec)
	switch how, _, _ := strings.Cut(v, ":"); how {
	case "no", "":
	case "unless-stopped":
		w.lost(container.Restart, "systemd starts a service at the next session also where it was stopped: always, or on-failure:%d", starts)
	case "always":
		if w.run.Kind == "job" {
			w.lost(container.Restart, "systemd starts no job again that ended well")
			return nil
		}
		fallthrough
	default:
		w.services = append(w.services, "Restart="+how, fmt.Sprintf("RestartSec=%d", pause))
	}
	return nil
}

// oneLine is a text for a line of a unit.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(strings.TrimRight(strings.Join(strings.Fields(s), " "), `\`))
}

// hole is why the run itself says what no unit does.
const hole = "# podman run of Podman 4.4 to 6.1.2, which starts this, drops every wall for an image with the annotation\n" +
	"# io.podman.annotations.checkpoint.runtime.name (CVE-2026-94603); zlaunch run, which creates by the API, does not.\n"

// files writes the document.
func (w *writer) files() {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s.container, written by zlaunch for Podman %s\n", w.run.Name, w.target)
	if plan, _, _ := container.Labels.Get(w.spec, "io.zlaunch.plan"); w.run.Profile != "" {
		fmt.Fprintf(&b, "# profile %s, plan %s\n", oneLine(w.run.Profile), cmp.Or(oneLine(plan), "without a hash"))
	}
	b.WriteString(hole)
	for _, s := range []struct {
		name  string
		lines []string
	}{{"Unit", w.unit}, {"Container", w.container}, {"Service", w.services}, {"Install", w.install}} {
		if len(s.lines) > 0 {
			fmt.Fprintf(&b, "\n[%s]\n%s\n", s.name, strings.Join(s.lines, "\n"))
		}
	}
	w.doc.Files = append([]form.File{{Name: w.run.Name + ".container", Data: []byte(b.String())}}, w.links...)
}

// notes are what whoever uses the unit must know.
func notes(w *writer) {
	note := func(format string, args ...any) { w.doc.Notes = append(w.doc.Notes, fmt.Sprintf(format, args...)) }
	image, _, _ := container.Image.Get(w.spec)
	if !w.v.knows("4.5") && !w.stated(container.LogDriver) {
		note("Podman 4.4 sends what the workload prints to the journal")
	}
	if ran, _ := readVersion(Ran); ran.Before(w.v.Version) && w.v != ran {
		note("the keys for Podman %s are from its documentation: no unit of it was run", w.target)
	}
	if !strings.Contains(image, "@sha256:") {
		note("the image is named by its tag, which another push may move: pin it by its digest, NAME@sha256:…")
	}
	if pull, _, _ := container.Pull.Get(w.spec); pull == "never" {
		note("the service pulls nothing: %s must be there, in the storage of the user that runs it", image)
	}
	if driver, _, _ := container.LogDriver.Get(w.spec); driver != "" && driver != "journald" {
		note("what it prints goes with the container when the service ends; log_driver = \"journald\" keeps it")
	}
	for _, n := range w.run.Networks {
		if line, err := podmanrun.Line(n.Create("podman")); err == nil && !w.v.knows(linkedSince) {
			note("before Podman 4.7 a unit cannot name a network: %s first", line)
		}
	}
	for _, f := range w.run.Files {
		if w.run.Beside {
			note("%s goes with it, and right into that directory: the unit names it there", path.Base(f.Name))
			continue
		}
		note("the unit names %s, which zlaunch run writes: it must be there; -o DIR lays one beside the unit", f.Name)
	}
	if len(container.Env.Keys(w.spec)) > 0 {
		note("the values of its variables stand in the unit: let nobody else read it")
	}
	if before, _, _ := container.Restart.Get(w.run.Spec); before != "" && w.starts() > 0 && !strings.HasPrefix(before, "on-failure") {
		note("systemd restarts it where it fails, up to %d times; the plan says %s", w.starts(), before)
	}
	note("it goes into ~/.config/containers/systemd; then systemctl --user daemon-reload and systemctl --user start %s", w.run.Name)
	if w.run.Kind != "job" {
		note("loginctl enable-linger keeps it running while you are logged out")
	}
}

// prove reads what was written and holds it against the options that it was written of, as
// Podman reads them on a line.
func (w *writer) prove() error {
	line := []string{"podman", "run"}
	for _, o := range w.options {
		line = append(line, o.String())
	}
	image, _, _ := container.Image.Get(w.spec)
	want, err := command.Read(append(append(line, image), w.args...))
	if err != nil {
		return err
	}
	container.Restart.Copy(want.Spec, w.spec)
	got, err := readBack(w)
	if err != nil {
		return err
	}
	var off []string
	for _, row := range command.Rows() {
		lost := slices.ContainsFunc(w.doc.Lost, func(l form.Loss) bool { return l.At.Key == row.Key() })
		if !lost && !ways[row.Key()].moot && len(row.Settings(want.Spec)) > 0 && !container.Equal(row, got.Spec, want.Spec) {
			off = append(off, row.Key())
		}
	}
	for _, o := range got.Open {
		known := slices.ContainsFunc(want.Open, func(w form.Open) bool { return w.At == o.At && w.Why == o.Why })
		if !known && o.At.Key != "service" { // what was added to it
			return fmt.Errorf("writing a unit: %s", o.Why)
		}
	}
	if len(off) > 0 {
		return command.NotSaid(off)
	}
	return nil
}

// readBack reads the document as the generator of its target does.
func readBack(w *writer) (*form.Reading, error) {
	r := newReader(newTree(nowhere{}, nil), w.v, Options{}, w.doc.Files[0].Name)
	for _, f := range w.links {
		u := r.unit(f.Name)
		r.add(u, f.Name, string(f.Data))
		r.linked[f.Name] = u
	}
	return r.read(string(w.doc.Files[0].Data))
}
