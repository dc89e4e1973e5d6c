package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/engine"
)

// Text writes it for a person; now tells how old it is.
func (d Inspected) Text(w io.Writer, on Screen, now time.Time) error {
	t := table{columns: []column{{most: 12}, {wraps: true}}}
	field := func(name, value string) {
		if value != "" {
			t.add(name, value)
		}
	}
	field("image", d.Name)
	field("profile", d.Profile)
	field("config", d.Config)
	field("manifest", d.Manifest)
	field("platform", d.Platform+others(d.Platforms))
	field("created", d.age(now))
	field("user", d.identity())
	field("entrypoint", words(d.Entrypoint))
	field("cmd", words(d.Cmd))
	field("workdir", d.Workdir)
	field("healthcheck", words(d.Healthcheck))
	field("stop signal", d.StopSignal)
	field("ports", strings.Join(d.Ports, ", "))
	field("volumes", strings.Join(d.Volumes, ", "))
	field("variables", strings.Join(d.Variables, ", "))
	field("secrets", strings.Join(d.Secrets, ", "))
	for _, name := range slices.Sorted(maps.Keys(d.Origin)) {
		field(name, d.Origin[name])
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	if err := d.steers(w, on); err != nil {
		return err
	}
	if err := d.unnamed(w, on); err != nil {
		return err
	}
	if err := d.files(w, on); err != nil {
		return err
	}
	return d.attached(w, on)
}

func others(platforms []string) string {
	if len(platforms) < 2 {
		return ""
	}
	return ", of " + strings.Join(platforms, ", ")
}

func words(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	return fmt.Sprintf("%q", argv)
}

// age is when it was made, and how much it is.
func (d Inspected) age(now time.Time) string {
	var out []string
	if c := d.Created; c != nil && c.Unix() > 0 {
		out = append(out, c.UTC().Format(time.DateOnly)+", "+units.HumanDuration(now.Sub(*c))+" ago")
	} else {
		out = append(out, "it does not say when")
	}
	if d.Bytes > 0 {
		out = append(out, units.HumanSize(float64(d.Bytes)))
	}
	if d.Files != nil {
		out = append(out, strconv.Itoa(d.Files.Count)+" files")
	}
	return strings.Join(out, ", ")
}

func (d Inspected) identity() string {
	switch {
	case d.User == "" && (d.UID == nil || *d.UID == 0):
		return "none: root"
	case d.UID == nil:
		return d.User
	case d.User == "":
		return fmt.Sprintf("none: uid %d", *d.UID)
	}
	return fmt.Sprintf("%s, uid %d", d.User, *d.UID)
}

// answers are the answers in a person's words.
var answers = map[string]string{
	string(engine.Refuse): "refused", string(engine.Override): "overridden", string(engine.Stated): "held", string(engine.Harmless): "inert",
}

// steers writes the ways in which it steers somebody.
func (d Inspected) steers(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "UNDER ZLAUNCH", short: "ZLAUNCH"}, {title: "IT SAYS", most: 44}, {title: "OBEYED BY", most: 32, below: true}, {title: "WHICH", wraps: true, below: true}}}
	for _, s := range d.Steers {
		does := s.Does
		if s.Advisory != "" {
			does += " (" + advised(s.Advisory) + either(d.Engine != "", "; Podman "+d.Engine+": "+s.Engine, "") + ")"
		}
		t.add(answers[s.Answer], s.Key, s.Who, does)
	}
	if len(t.rows) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return t.write(w, on)
}

// unnamed writes the names that no table has.
func (d Inspected) unnamed(w io.Writer, on Screen) error {
	u := d.Unnamed
	if u == nil {
		return nil
	}
	names := strings.Join(u.Names, ", ")
	if u.More > 0 {
		names += fmt.Sprintf(", and %d more", u.More)
	}
	t := table{columns: []column{{title: "NOT KNOWN"}, {title: "IT SAYS", wraps: true}}}
	t.add("who obeys", names)
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return t.write(w, on)
}

func advised(id string) string { return engine.Advisory{ID: id}.Name() }

// perKind is how many files of a kind a person is shown; --json has all.
const perKind = 8

// files writes the files that give rights.
func (d Inspected) files(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "FILES"}, {title: "MODE"}, {title: "PATH", wraps: true}}}
	if d.Files == nil {
		return nil
	}
	for _, kind := range []struct {
		name string
		list FileList
	}{
		{"set-user-ID or set-group-ID", d.Files.Setuid}, {"capabilities", d.Files.Capable}, {"writable", d.Files.Writable},
		{"device nodes", d.Files.Devices}, {"odd", d.Files.Odd},
	} {
		for i, f := range kind.list.Files {
			if i == perKind {
				break
			}
			t.add(kind.name, f.Mode, f.Path+either(f.Note != "", ": "+f.Note, ""))
		}
		if more := len(kind.list.Files) - perKind + kind.list.More; more > 0 {
			t.add(kind.name, "", fmt.Sprintf("and %d more: --json", more))
		}
	}
	if len(t.rows) == 0 {
		t.add("none that give rights", "", "")
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\nThey give nothing to a run that has no_new_privileges, no capabilities and a read-only root, as the profiles' base has.\n")
	return err
}
