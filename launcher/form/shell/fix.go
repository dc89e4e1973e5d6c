package shell

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Fix returns the command of r changed to mean mended: the words that decided a
// setting which differs are taken away, and options that state it stand in front
// of the image. All other words stay as they were written. What it returns is a
// shell's: joined by blanks they are one command for a POSIX shell, which
// [Line] reads as mended. It fails, and names the settings, where the engine has
// no option for one of them.
func Fix(r *form.Reading, mended *container.Spec) ([]string, error) {
	f, c, err := change(r, mended)
	if err != nil {
		return nil, err
	}
	out, err := f.words(c)
	if err != nil || len(f.rows) == 0 {
		return out, err
	}
	return out, f.prove(out)
}

// Change is how the words of a command become another's.
type Change struct {
	Gone    []int    // words that are taken away, as indices, ascending
	Before  int      // the word that the options stand before: the image, or the -- in front of it
	Options []string // each with its value, as words of a shell
}

// Changed tells how [Fix] changes the words of r.
func Changed(r *form.Reading, mended *container.Spec) (Change, error) {
	_, c, err := change(r, mended)
	return c, err
}

func change(r *form.Reading, mended *container.Spec) (f *fixer, c Change, err error) {
	f = &fixer{r: r, mended: mended, gone: map[int]bool{}, rows: map[string]bool{}}
	f.changed()
	if len(f.rows) > 0 {
		if c.Options, err = f.options(); err != nil {
			return f, c, err
		}
	}
	c.Gone = slices.Sorted(maps.Keys(f.gone))
	c.Before, err = f.end()
	return f, c, err
}

type fixer struct {
	r      *form.Reading
	mended *container.Spec
	gone   map[int]bool    // words that are taken away
	rows   map[string]bool // rows that are written anew
}

// changed finds the rows that differ and the words that go with them. A word that
// decides another row as well takes that along.
func (f *fixer) changed() {
	for _, row := range command.Rows() {
		if !container.Equal(row, f.r.Spec, f.mended) {
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

// options writes the changed rows as words of a shell.
func (f *fixer) options() ([]string, error) {
	part := &container.Spec{}
	var none []string
	for _, row := range command.Rows() {
		switch {
		case !f.rows[row.Key()]:
		case !command.Writes(row, f.r.Engine):
			none = append(none, row.Key())
		default:
			row.Copy(part, f.mended)
		}
	}
	if len(none) > 0 {
		return nil, f.failed(command.NoOption(f.r.Engine, none))
	}
	options, err := command.Write(part, f.r.Engine)
	if err != nil {
		return nil, f.failed(err)
	}
	var out []string
	for _, o := range options {
		text, err := f.option(o)
		if err != nil {
			return nil, f.failed(err)
		}
		out = append(out, text)
	}
	return out, nil
}

func (f *fixer) failed(err error) error { return fmt.Errorf("mending %s: %w", f.r.Subject, err) }

// option is an option as words of a shell. What a shell fills in stays as it was
// written, in double quotes where its word had some.
func (f *fixer) option(o command.Option) (string, error) {
	text := o.Value
	if !o.Open {
		text = o.String()
	}
	quoted, err := podmanrun.Line([]string{text})
	if err != nil { // not fit to be shown
		return "", err
	}
	switch {
	case !o.Open:
		return quoted, nil
	case f.bare(o.At):
		return "-v " + text, nil
	}
	tilde := ""
	if strings.HasPrefix(text, "~/") {
		tilde, text = "~/", text[2:]
	}
	if strings.ContainsAny(text, "\"\\`") || strings.HasPrefix(text, "~") {
		return "", hint.Errorf("change it by hand", "the source of %s cannot be written once more", command.Clip(o.At.String()))
	}
	return "-v " + tilde + `"` + text + `"`, nil
}

// bare tells whether the word of a setting had no quotes.
func (f *fixer) bare(p container.Path) bool {
	return !slices.ContainsFunc(f.r.At[p], func(i int) bool { return f.r.Words[i].Line == 0 || f.r.Words[i].Raw != f.r.Words[i].Text })
}

// end is the word that ends the options.
func (f *fixer) end() (int, error) {
	image, ok := f.r.At[command.PathOf(container.Image)]
	if !ok {
		image, ok = f.r.At[command.PathOf(container.Rootfs)]
	}
	if !ok || len(image) == 0 {
		return 0, hint.Errorf("name the image after the options", "mending %s: it names no image", f.r.Subject)
	}
	end := image[len(image)-1]
	if end > 0 && f.r.Words[end-1].Text == "--" { // the end of the options
		end--
	}
	return end, nil
}

// words are what is left of the command with the options in front of the image.
func (f *fixer) words(c Change) ([]string, error) {
	var out []string
	for i := range f.r.Words {
		if i == c.Before {
			out = append(out, c.Options...)
		}
		if f.gone[i] {
			continue
		}
		w, err := shellWord(f.r.Words[i])
		if err != nil {
			return nil, f.failed(err)
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
		return f.failed(err)
	}
	var off []string
	for _, row := range command.Rows() {
		if f.rows[row.Key()] && !command.Holds(row, got.Spec, f.mended, f.r.Engine) {
			off = append(off, row.Key())
		}
	}
	if len(off) > 0 {
		return f.failed(command.NotSaid(off))
	}
	return nil
}
