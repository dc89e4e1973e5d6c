// Package dockerrun writes a run as the words of docker-run, for hosts that have Docker in
// Podman's place, such as z/OS with its Container Extensions (zCX).
//
// The options are those of the table that reads docker lines (launcher/form/command). What
// Docker would do otherwise than Podman with the same words is changed before they are
// written, or is lost and said (see [Says]). What is written is read again, and must say
// what was to be written.
package dockerrun

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

const engine = "docker"

// Targets are the releases that are told apart, the oldest first: 20.10, which Debian 12
// has, and 28. A release between them is to be written as the older.
var Targets = []string{"20.10", "28"}

// Line is a run as a command line.
type Line struct {
	Words []string // docker run …
	Lost  []form.Loss
	Notes []string
}

// Write writes a run. The error names the setting that cannot be written at all.
func Write(r form.Run, target string) (*Line, error) {
	return write(r, target, command.Rows())
}

// write writes some of the rows.
func write(r form.Run, target string, rows []container.Row) (*Line, error) {
	if err := podmanrun.Check(r.Spec); err != nil {
		return nil, err
	}
	f := fitted(r, target)
	part := &container.Spec{}
	for _, row := range rows {
		row.Copy(part, f.spec)
	}
	options, err := command.Write(part, engine)
	if err != nil {
		return nil, err
	}
	words := []string{engine, "run"}
	if !r.Attached {
		words = append(words, "--detach")
	}
	for _, o := range options {
		words = append(words, bind(o, f.spec).String())
	}
	image, _, _ := container.Image.Get(part)
	args, _, _ := container.Args.Get(part)
	words = append(append(words, image), args...)
	return &Line{Words: words, Lost: f.lost, Notes: f.notes}, proved(words, f.spec)
}

// bind writes a bind by --mount, unless it is relabelled, for which --volume alone has words.
func bind(o command.Option, s *container.Spec) command.Option {
	v, _, ok := container.VolumeAt.Get(s, o.At.Elem)
	if o.Name != "volume" || !ok || !v.Bind() || v.Open || v.Relabel != "" {
		return o
	}
	return command.BindOption(o.At.Elem, v)
}

// proved reads the words as an audit does, and holds them against what was to be written.
func proved(words []string, s *container.Spec) error {
	got, err := command.Read(words)
	if err != nil {
		return err
	}
	for _, o := range got.Open {
		return hint.Errorf("change it by hand", "writing %s for docker: %s", o.At, o.Why)
	}
	var off []string
	for _, row := range command.Rows() {
		stated := len(row.Settings(s)) > 0 || len(row.Settings(got.Spec)) > 0 && row.Key() != container.Detach.Key()
		if stated && !command.Holds(row, got.Spec, s, engine) {
			off = append(off, row.Key())
		}
	}
	if len(off) > 0 {
		return command.NotSaid(off)
	}
	return nil
}

// before tells whether a target has not what came with a later one; "" came with the first.
func before(target, since string) bool {
	return slices.Index(Targets, target) < slices.Index(Targets, since)
}

// joined writes names for a sentence: "a, b".
func joined(names []string) string { return strings.Join(names, ", ") }
