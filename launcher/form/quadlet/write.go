package quadlet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Targets are the versions of Podman for which a unit is written, the oldest first. Of
// those behind [Ran] the keys are known from Podman's documentation alone.
var Targets = strings.Fields("4.4 4.5 4.6 4.7 4.8 4.9 5.0 5.1 5.2 5.3 5.4 5.5 5.6 5.7 5.8 6.0 6.1 6.2")

// Ran is the newest target whose generator the tests hold the writer against.
const Ran = "5.8"

// TargetOf is the newest target that the Podman of a version reads; "" none.
func TargetOf(engine string) string {
	v, err := readVersion(engine)
	for _, t := range slices.Backward(Targets) {
		if err == nil && v.knows(t) {
			return t
		}
	}
	return ""
}

// Service is what whoever installs a unit adds to it: when it counts as started, and what
// systemd does beside running it. The zero value adds nothing.
//
// To bring another image later, write no new unit: a drop-in NAME.container.d/10-image.conf
// with what [ImageDropIn] gives has the last say.
type Service struct {
	// Notify is Notify= of [Container]: "true", the workload says itself that it is ready;
	// "healthy", its health check does (Podman 5.0). "" it is once it runs.
	Notify string
	// Unit and Service are further lines of those sections, behind the writer's own:
	// "ExecStartPost=/usr/bin/zlaunch ready triton". Whoever gives them has written them as
	// systemd reads them; [Word] writes a word of a command.
	Unit, Service []string
}

// Word writes a text as one word of a command in [Service], so that systemd fills nothing in.
func Word(text string) string { return word(literal(text)) }

// ImageDropIn is the drop-in of a unit that names another image.
func ImageDropIn(image string) ([]byte, error) {
	if !plainly(image) || image == "" || strings.ContainsAny(image, " \t") {
		return nil, fmt.Errorf("writing the drop-in of an image: %s is no name of one", clipped(image))
	}
	return []byte("[Container]\nImage=" + literal(image) + "\n"), nil
}

// Write writes a run as a .container unit for a target, with a unit for each network and
// volume that it has by name. What no unit says is in Lost.
//
// systemd's generator of Podman starts what it reads by podman run --rm --replace, without a
// terminal and in the background, and systemd starts it anew: those settings of a run are
// not Podman's here.
func Write(r form.Run, target string, s Service) (*form.Document, error) {
	w, err := newWriter(r, target, s)
	if err != nil {
		return nil, err
	}
	for _, row := range command.Rows() {
		if err := w.row(row); err != nil {
			return nil, err
		}
	}
	w.service()
	notes(w)
	w.files()
	if err := w.prove(); err != nil || !r.Beside {
		return w.doc, err
	}
	beside(w)
	return w.doc, nil
}

// writer writes one run.
type writer struct {
	run     form.Run
	spec    *container.Spec // of run, as a unit states it
	v       version
	target  string
	add     Service
	options []command.Option // written so far, as they stand in podman's own words
	args    []string         // of the workload
	doc     *form.Document

	unit, container, services, install []string // the lines of the sections
	links                              []form.File
}

// unitName is a name that no file system, template or generator reads as something else.
var unitName = lazyregexp.New(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}$`)

func newWriter(r form.Run, target string, s Service) (*writer, error) {
	v, err := readVersion(target)
	if err != nil {
		return nil, err
	}
	if !unitName().MatchString(r.Name) {
		return nil, fmt.Errorf("writing a unit: %s cannot be the name of one", clipped(r.Name))
	}
	if s.Notify != "" && s.Notify != "true" && (s.Notify != "healthy" || !v.since(5, 0)) {
		return nil, fmt.Errorf("writing a unit for Podman %s: Notify= is no %q", v, s.Notify)
	}
	return &writer{run: r, spec: asService(r), v: v, target: target, add: s, doc: &form.Document{}}, nil
}

// starts is how often systemd starts a service that fails before it gives up; pause is how
// many seconds it waits before each.
const (
	starts = 5
	pause  = 10
)

// unitLabel is what Podman labels a container with that a unit starts, whatever else is asked
// for (libpod, pkg/systemd/define).
const unitLabel = "PODMAN_SYSTEMD_UNIT"

// asService is the spec of a run as a service has it: systemd pulls nothing, since an image
// that came behind a tag would be another than the one that was planned, and starts anew
// what failed, a few times.
func asService(r form.Run) *container.Spec {
	s := container.Clone(r.Spec)
	if shm, beside := podmanrun.Shm(s); beside && s.Tmpfs[shmTarget] == shm { // it is written with shm_size
		container.TmpfsAt.Delete(s, shmTarget)
	}
	if r.Profile == "" {
		return s
	}
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "quadlet"})
	if pull, _, known := container.Pull.Get(s); !known || pull == "missing" || pull == "" {
		container.Pull.Set(s, "never", from)
	}
	if v, m, stated := container.Labels.Get(s, unitLabel); stated && v == "" {
		container.Labels.Set(s, unitLabel, r.Name+".service", m)
	}
	if v, _, _ := container.Restart.Get(s); (v == "" || v == "no") && r.Kind != "job" {
		container.Restart.Set(s, "on-failure:"+strconv.Itoa(starts), from)
	}
	return s
}

// lost notes a setting that the unit does not say.
func (w *writer) lost(row container.Row, format string, args ...any) {
	w.doc.Lost = append(w.doc.Lost, form.Loss{At: container.Path{Key: row.Key()}, Why: fmt.Sprintf(format, args...)})
}

// row writes one row.
func (w *writer) row(row container.Row) error {
	if len(row.Settings(w.spec)) == 0 {
		return nil
	}
	if own := ways[row.Key()].write; own != nil {
		return own(w)
	}
	options, err := optionsOf(row, w.spec)
	if err != nil {
		w.lost(row, "%s", err)
		return nil
	}
	for _, o := range options {
		if err := w.option(row, o); err != nil {
			return err
		}
	}
	return nil
}

// option writes one option of a row.
func (w *writer) option(row container.Row, o command.Option) error {
	if err := writable(row, o); err != nil {
		return err
	}
	if o.Open {
		w.lost(row, "what fills in its value is not known here")
		return nil
	}
	w.options = append(w.options, o)
	w.container = append(w.container, w.lines(o)...)
	return nil
}

// lines are those of [Container] that say an option.
func (w *writer) lines(o command.Option) []string {
	linked, fits := w.linked(o)
	bare := o.Name == "read-only" && !w.v.since(4, 8) && !w.stated(container.ReadOnlyTmpfs) // the key says --read-only-tmpfs=false too
	lastOnly := o.Name == "ulimit" && !w.v.since(5, 0)
	if !fits || bare || lastOnly {
		return []string{podmanArgs(o)}
	}
	return keyOf(w.v, linked)
}

func (w *writer) stated(row container.Row) bool { return len(row.Settings(w.spec)) > 0 }
