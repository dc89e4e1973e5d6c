package profile

import (
	"bytes"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// A file that does not parse has no names. Which profiles it was meant to define is
// guessed from its words, and rather one too many: a profile that such a file may define
// is refused, where the one of the same name behind it would be another than was meant.

// unread is the error of a file of which nothing is known: it may define anything. That
// holds too for one that others can write, who may have taken a definition out. Of a bundle
// its lock knows the names.
func unread(src Source, err error) *FileError {
	file := bounded.Shown(src.File)
	e := &FileError{File: file, Faults: []*Fault{{File: file, Err: err}}, unread: true}
	if src.Bundle != nil && src.Bundle.Profiles != nil {
		e.Names = src.Bundle.Profiles
	} else {
		e.maybe, e.any = true, true
	}
	return e
}

// unparsed is the error of a file whose profiles cannot be told.
func unparsed(src Source, err error) *FileError {
	var fault *Fault
	if !errors.As(err, &fault) {
		fault = &Fault{Err: err}
	}
	fault.File = src.File
	e := &FileError{File: src.File, Faults: []*Fault{fault}, maybe: true}
	text := keysOnly(src.Data)
	e.any = hidden().Match(text) || bytes.IndexByte(src.Data, 0) >= 0 // a name in escapes, or text of another encoding
	e.tokens = map[string]bool{}
	for _, word := range profileWord().FindAllString(strings.ToLower(string(text)), -1) {
		e.tokens[word] = true
	}
	for _, m := range profileKey().FindAllSubmatch(text, -1) {
		e.Names = append(e.Names, string(m[1]))
	}
	e.Names = meant(e.Names)
	return e
}

var (
	hidden      = lazyregexp.New(`\\[uUx]`)
	profileWord = lazyregexp.New(`[a-z0-9_-]+`)
	profileKey  = lazyregexp.New(`\bprofile["']?[ \t]*\.[ \t]*["']?([A-Za-z0-9_-]+)`)
	closedText  = lazyregexp.New(`("[^"\\\n]*"|'[^'\n]*')([ \t]*[=.])?`)
)

// Defines tells whether text is TOML that defines profiles, or is meant to.
func Defines(text []byte) bool { return profileKey().Match(keysOnly(text)) }

// keysOnly is text without its comment lines, and without the strings of each line that
// are no keys: a name in them is not defined there.
func keysOnly(text []byte) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		switch start := bytes.TrimLeft(line, " \t"); {
		case bytes.HasPrefix(start, []byte("#")):
			continue
		case !bytes.HasPrefix(start, []byte("[")):
			line = dropValues(closedText(), line)
		}
		out = append(out, line...)
	}
	return out
}

func dropValues(text *regexp.Regexp, line []byte) []byte {
	return text.ReplaceAllFunc(line, func(m []byte) []byte {
		if c := m[len(m)-1]; c == '=' || c == '.' {
			return m
		}
		return nil
	})
}

// meant are the names that the keys of a file can mean, sorted, each once.
func meant(keys []string) []string {
	out := map[string]bool{}
	for _, k := range keys {
		if name := strings.ToLower(k); profileName.matches(name) {
			out[name] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// spoil gives c a definition that cannot be used in the place of each that the file has,
// or may have: of its own names and of those that farther files define. What
// could be read of it is put apart.
func (c *Catalog) spoil(src Source, e *FileError, read []*definition) {
	for name := range c.defs {
		if e.spoils(name) {
			e.Names = append(e.Names, name)
		}
	}
	e.Names = meant(e.Names)
	for _, name := range e.Names {
		if slices.ContainsFunc(read, func(d *definition) bool { return d.name == name }) {
			continue
		}
		err := e.naming(name)
		c.defs.put(&definition{name: name, layer: src.Layer, bundle: src.Bundle, file: e.File, line: nowhere, load: func() error { return err }, spoilt: e})
	}
	c.faulty = append(c.faulty, e)
}
