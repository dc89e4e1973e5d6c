package compose

import (
	"errors"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxIncluded bounds the files that one includes, and these again.
const maxIncluded = 100

// include reads the files that one includes: each is a project of its own, whose services
// run beside those of this one.
func include(r *reader, l *source, p pair) {
	list := resolved(p.value)
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		r.note(l, p.key, "include is no list of files, and what it names is not read")
		return
	}
	for _, n := range list.Content {
		file := resolved(n)
		if file.Kind == yaml.MappingNode {
			for _, by := range r.pairs(file, nil) {
				if by.key.Value != "path" {
					r.note(l, by.key, "%s of include changes what is read, and is not followed", shown(by.key.Value))
				}
			}
			if file = resolved(r.field(file, "path")); file != nil && file.Kind == yaml.SequenceNode && len(file.Content) == 1 {
				file = resolved(file.Content[0])
			}
		}
		if file == nil || file.Kind != yaml.ScalarNode || file.Value == "" || strings.ContainsAny(file.Value, "$") {
			r.note(l, n, "what is included is not known, or several files in one, and not read")
			continue
		}
		if err := included(r, path.Join(path.Dir(l.name), file.Value), file.Value); err != nil {
			r.note(l, n, "%s is included, and not read: %v", shown(file.Value), err)
		}
	}
}

// included reads one included file by itself. What its services say stands in that file.
func included(r *reader, name, file string) error {
	b := r.beside
	b.Path = path.Join(path.Dir(r.beside.Path), file)
	if b.Reads != nil && b.Reads(b.Path) {
		return nil
	}
	if b.included == nil {
		b.included = new(int)
	}
	if *b.included++; *b.included > maxIncluded {
		return errors.New("too many files are included, or include one another")
	}
	text, err := r.file(file)
	if err != nil {
		return err
	}
	runs, open, err := Read(b, name, text)
	if err != nil {
		return err
	}
	for _, run := range runs {
		for i, w := range run.Words {
			if w.File == "" {
				run.Words[i].File = name
			}
		}
		run.File = r.name
	}
	for i := range open {
		open[i].Why = shown(name) + ": " + open[i].Why
	}
	room := max(0, maxOpen-len(r.open))
	r.further, r.open = append(r.further, runs...), append(r.open, open[:min(room, len(open))]...)
	return nil
}
