package lockfile

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// written reads a file that is as [File.Encode] writes it, line by line, which nearly every
// lock is: every command that reads profiles does, and a parser of all of TOML takes ten
// times as long. Whatever is written in another way, or may be wrong, is false, and for that
// parser to judge.
func written(text string) (doc document, ok bool) {
	at := doc.field
	for text != "" {
		line, rest, ended := strings.Cut(text, "\n")
		if text = rest; !ended || strings.ContainsFunc(line, unusual) {
			return doc, false
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			at = doc.table(line)
			ok = at != nil
		} else {
			key, value, _ := strings.Cut(line, " = ")
			ok = put(at(key), value)
		}
		if !ok {
			return doc, false
		}
	}
	return doc, true
}

// unusual is what no lock has in it, and TOML may mind.
func unusual(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r > '~'
	}
	return r == unicode.ReplacementChar || !unicode.IsPrint(r)
}

// field is where the value of a key is kept.
type field = func(key string) any

// table begins the one that a line is the head of; nil: not at this place.
func (d *document) table(line string) field {
	if line == "[[bundle]]" {
		d.Bundles = append(d.Bundles, Bundle{})
		return d.Bundles[len(d.Bundles)-1].field
	}
	if len(d.Bundles) == 0 {
		return nil
	}
	switch b := &d.Bundles[len(d.Bundles)-1]; {
	case line == "[bundle.signer]" && b.Signer == nil:
		b.Signer = &Signer{}
		return b.Signer.field
	case line == "[[bundle.outline]]":
		b.Outlines = append(b.Outlines, Outline{})
		return b.Outlines[len(b.Outlines)-1].field
	case line == "[[bundle.image]]":
		b.Images = append(b.Images, Image{})
		return b.Images[len(b.Images)-1].field
	}
	return nil
}

func (d *document) field(key string) any {
	if key == "schema" {
		return &d.Schema
	}
	return nil
}

func (b *Bundle) field(key string) any {
	switch key {
	case "name":
		return &b.Name
	case "ref":
		return &b.Ref
	case "digest":
		return &b.Digest
	case "version":
		return &b.Version
	case "unsigned":
		return &b.Unsigned
	case "requires":
		return &b.Requires
	case "profiles":
		return &b.Profiles
	}
	return nil
}

func (s *Signer) field(key string) any {
	switch key {
	case "principal":
		return &s.Principal
	case "key":
		return &s.Key
	}
	return nil
}

func (o *Outline) field(key string) any {
	switch key {
	case "name":
		return &o.Name
	case "file":
		return &o.File
	case "extends":
		return &o.Extends
	case "about":
		return &o.About
	case "kind":
		return &o.Kind
	case "owner":
		return &o.Owner
	case "deprecated":
		return &o.Deprecated
	case "archs":
		return &o.Archs
	}
	return nil
}

func (i *Image) field(key string) any {
	switch key {
	case "ref":
		return &i.Ref
	case "arch":
		return &i.Arch
	case "digest":
		return &i.Digest
	}
	return nil
}

// put keeps a value; false where it is none that is written so, or there is one.
func put(to any, value string) bool {
	switch to := to.(type) {
	case *string:
		text, ok := unquoted(value, `"`, `"`)
		if text, ok = unescaped(text, ok); !ok || *to != "" || text == "" {
			return false
		}
		*to = text
		return true
	case *[]string:
		text, ok := unquoted(value, `["`, `"]`)
		ok = ok && *to == nil && !strings.Contains(text, `\`)
		*to = strings.Split(text, `", "`)
		return ok && strings.Count(text, `"`) == 2*(len(*to)-1)
	}
	return false
}

// unquoted is what stands between two quotes.
func unquoted(value, before, after string) (string, bool) {
	text, begun := strings.CutPrefix(value, before)
	text, ended := strings.CutSuffix(text, after)
	return text, begun && ended
}

// unescaped is a text that stood in quotes: a quote and a backslash in it have a backslash
// before them. Any other escape is false.
func unescaped(text string, ok bool) (string, bool) {
	if !ok || !strings.ContainsAny(text, "\\\"") {
		return text, ok
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '"' {
			return "", false
		}
		if text[i] == '\\' {
			if i++; i == len(text) || text[i] != '"' && text[i] != '\\' {
				return "", false
			}
		}
		b.WriteByte(text[i])
	}
	return b.String(), true
}
