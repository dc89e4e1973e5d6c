package command

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// dockerRows are the rows that docker run has an option for.
var dockerRows = []string{"cap_drop", "cap_add", "no_new_privileges", "seccomp_profile", "security_label", "apparmor_profile", "read_only", "tmpfs",
	"volume", "publish", "user", "pids_limit", "memory", "memory_swap", "cpus", "network", "ulimit", "shm_size", "restart", "init", "privileged",
	"rm", "detach", "publish_all", "interactive", "tty", "pid", "ipc", "uts", "cgroupns", "device", "group_add", "workdir", "hostname", "env", "label", "sysctl"}

// Fix returns the command of r changed to mean mended: the words that decided a
// setting which differs are taken away, and options that state it stand in front
// of the image. All other words stay as they were written. The words are a
// shell's: joined by blanks they are one command for a POSIX shell, which
// [Line] reads as mended. It fails, and names the settings, where the engine has
// no option for one of them.
func Fix(r *form.Reading, mended *container.Spec) ([]string, error) {
	f := &fixer{r: r, mended: mended, gone: map[int]bool{}, rows: map[string]bool{}}
	f.changed()
	if len(f.rows) == 0 {
		return f.words(nil)
	}
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	out, err := f.words(options)
	if err != nil {
		return nil, err
	}
	return out, f.prove(out)
}

type fixer struct {
	r      *form.Reading
	mended *container.Spec
	gone   map[int]bool    // words that are taken away
	rows   map[string]bool // rows that are written anew
}

// same tells whether a row says the same in both specs, secrets included.
func same(row container.Row, a, b *container.Spec) bool { return stated(row, a) == stated(row, b) }

// stated is what a row says, as text.
func stated(row container.Row, s *container.Spec) string {
	if len(row.Settings(s)) == 0 {
		return ""
	}
	one := &container.Spec{}
	row.Copy(one, s)
	b, _ := json.Marshal(one) // plain data always encodes
	return string(b)
}

// changed finds the rows that differ and the words that go with them. A word that
// decides another row as well takes that along.
func (f *fixer) changed() {
	for _, row := range slices.Concat(container.Rows, container.ForeignRows) {
		if !row.Derived() && !same(row, f.r.Spec, f.mended) {
			f.rows[row.Key()] = true
		}
	}
	for again := true; again; {
		again = false
		for p, words := range f.r.At {
			again = f.take(p, words) || again
		}
	}
}

// take settles one setting, and tells whether anything changed by it.
func (f *fixer) take(p container.Path, words []int) bool {
	if p.Key == container.Image.Key() || p.Key == container.Args.Key() {
		return false
	}
	if !f.rows[p.Key] {
		touched := slices.ContainsFunc(words, func(w int) bool { return f.gone[w] })
		if touched {
			f.rows[p.Key] = true
		}
		return touched
	}
	more := false
	for _, w := range words {
		more = more || !f.gone[w]
		f.gone[w] = true
	}
	return more
}

// options writes the changed rows.
func (f *fixer) options() ([]string, error) {
	part := &container.Spec{}
	var out, none []string
	for _, row := range slices.Concat(container.Rows, container.ForeignRows) {
		key := row.Key()
		switch {
		case !f.rows[key]:
		case f.r.Engine == "docker" && !slices.Contains(dockerRows, key):
			none = append(none, key)
		case slices.Contains(ownRows, key):
			words, err := f.own(key)
			if err != nil {
				return nil, err
			}
			out = append(out, words...)
		case row.Derived():
		case !writable(row):
			words, ok := f.foreign(row)
			if !ok {
				none = append(none, key)
			}
			out = append(out, words...)
		default:
			row.Copy(part, f.mended)
		}
	}
	if len(none) > 0 {
		return nil, hint.Errorf("change it by hand", "mending %s: %s run has no option that zlaunch could write for %s",
			f.r.Subject, f.r.Engine, strings.Join(none, ", "))
	}
	args, err := podmanrun.Args(part)
	if err != nil {
		return nil, fmt.Errorf("mending %s: %w", f.r.Subject, err)
	}
	for _, a := range args {
		w, err := podmanrun.Line([]string{a})
		if err != nil {
			return nil, fmt.Errorf("mending %s: %w", f.r.Subject, err)
		}
		out = append(out, w)
	}
	return out, nil
}

// writable tells whether a row has an option in front of the image.
func writable(row container.Row) bool {
	return slices.ContainsFunc(podmanrun.All(), func(o podmanrun.Option) bool { return o.Row.Key() == row.Key() && o.Name != "" })
}

// words are what is left of the command with the options in front of the image.
func (f *fixer) words(options []string) ([]string, error) {
	image, ok := f.r.At[at(container.Image)]
	if !ok {
		image, ok = f.r.At[at(container.Rootfs)]
	}
	if !ok || len(image) == 0 {
		return nil, hint.Errorf("name the image after the options", "mending %s: it names no image", f.r.Subject)
	}
	first := image[len(image)-1]
	end := first
	if end > 0 && f.r.Words[end-1].Text == "--" { // the end of the options
		end--
	}
	var out []string
	for i := range f.r.Words {
		if i == end {
			out = append(out, options...)
		}
		if f.gone[i] {
			continue
		}
		w, err := shellWord(f.r.Words[i])
		if err != nil {
			return nil, fmt.Errorf("mending %s: %w", f.r.Subject, err)
		}
		out = append(out, w)
	}
	return out, nil
}

// shellWord is a word as it was written in a shell text, or quoted for one.
func shellWord(w form.Word) (string, error) {
	if w.Line == 0 {
		return podmanrun.Line([]string{w.Text})
	}
	if w.Raw == "" {
		return "", hint.Errorf("change it by hand", "a word of it is made by another program while it runs")
	}
	_, err := podmanrun.Line([]string{w.Raw}) // is it fit to be shown?
	return w.Raw, err
}

// prove reads what was written.
func (f *fixer) prove(words []string) error {
	got, err := Line(strings.Join(words, " "))
	if err != nil {
		return fmt.Errorf("mending %s: %w", f.r.Subject, err)
	}
	var off []string
	for _, row := range slices.Concat(container.Rows, container.ForeignRows) {
		if !row.Derived() && f.rows[row.Key()] && !same(row, got.Spec, f.mended) {
			off = append(off, row.Key())
		}
	}
	if len(off) > 0 {
		return hint.Errorf("change it by hand", "mending %s: no option says %s as it should be", f.r.Subject, strings.Join(off, ", "))
	}
	return nil
}
