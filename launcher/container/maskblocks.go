package container

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// A secret may stand in the lines behind its name: a block of YAML, a value of JSON in
// the next line, a text of TOML in three quotes, what a shell feeds to a program.

// blockKey matches a line that ends with a name and what opens a value.
var blockKey = lazyregexp.New(`([A-Za-z0-9_.-]+)["']?\s*([:=])\s*(?:[&!]\S+\s+)*([|>][0-9+-]*|"""|'''|\(|\[)?\s*(#.*)?$`)

// mapping matches a line of YAML or JSON that has a key of its own.
var mapping = lazyregexp.New(`^\s*(- +)*(["']?[\w./-]+["']?\s*:(\s|$)|[{}])`)

// namedEntry and valueEntry match the two lines of an entry that gives its name and its
// value apart: a variable of Kubernetes.
var (
	namedEntry = lazyregexp.New(`^\s*(?:[-{] *)*["']?(?:name|key)["']?\s*[:=]\s*["']?([\w.-]+)["']?\s*[,}]?\s*$`)
	valueEntry = lazyregexp.New(`^(\s*(?:[-{] *)*["']?value["']?\s*[:=]\s*)\S.*$`)
)

// listedOption matches an option that ends a line of a list of words, in YAML or JSON, and
// optionItem a line of one that begins with an option, or ends the list.
var (
	listedOption = lazyregexp.New(`(?:^\s*- +["']?|[\[,\s]\s*["'])(--?[A-Za-z][\w-]*)["']?,?\s*$`)
	optionItem   = lazyregexp.New(`^\s*(- +["']?|["'])-|^\s*[\])}]`)
)

// hereDocument matches the beginning of one, and the word that ends it.
var hereDocument = lazyregexp.New(`(?:^|[^<])<<-?\s*["'\\]?(\w+)`)

// MaskBlocks hides the lines behind the name of a secret that are its value; how many
// lines there are stays.
func MaskBlocks(text string) string {
	if !strings.Contains(text, "\n") || !hinted(text) {
		return text
	}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		maskEntry(lines, i)
		n := linesBehind(lines, i)
		for j := i + 1; j <= i+n; j++ {
			if t := strings.TrimSpace(lines[j]); t != "" {
				lines[j] = lines[j][:indent(lines[j])] + Redacted
			}
		}
		i += n
	}
	return strings.Join(lines, "\n")
}

// maskEntry hides the value of an entry whose name stands in line i, in the line before
// it or behind.
func maskEntry(lines []string, i int) {
	m := namedEntry().FindStringSubmatch(lines[i])
	if m == nil || !SecretName(m[1]) {
		return
	}
	for _, j := range []int{i - 1, i + 1} {
		if j < 0 || j >= len(lines) {
			continue
		}
		v := valueEntry().FindStringSubmatch(lines[j])
		if v == nil {
			continue
		}
		block := strings.ContainsAny(lines[j][len(v[1]):len(v[1])+1], "|>")
		for b := j + 1; block && b < len(lines) && indent(lines[b]) > indent(lines[j]); b++ {
			lines[b] = lines[b][:indent(lines[b])] + Redacted
		}
		lines[j] = v[1] + Redacted
	}
}

// linesBehind is how many lines behind line i are the value of a secret that it names.
func linesBehind(lines []string, i int) int {
	rest := lines[i+1:]
	if m := hereDocument().FindStringSubmatch(lines[i]); m != nil && takesSecret(lines[i]) {
		return until(rest, func(line string) bool { return strings.TrimSpace(line) == m[1] })
	}
	if m := listedOption().FindStringSubmatch(lines[i]); m != nil && m[1] != podmanSecret && SecretName(strings.TrimLeft(m[1], "-")) {
		first := until(rest, func(line string) bool { return strings.TrimSpace(line) != "" })
		if first < len(rest) && !optionItem().MatchString(rest[first]) {
			return first + 1
		}
	}
	m := blockKey().FindStringSubmatch(lines[i])
	if m == nil || !SecretName(m[1]) {
		return 0
	}
	deeper := func(line string) bool { return strings.TrimSpace(line) != "" && indent(line) <= indent(lines[i]) }
	switch m[3] {
	case `"""`, `'''`:
		return closed(rest, m[3])
	case "(":
		return closed(rest, ")")
	case "[":
		return closed(rest, "]")
	case "":
		return plainBehind(rest, m[2], deeper)
	}
	return until(rest, deeper)
}

// plainBehind is how many lines are a value that nothing opens but the colon before it.
func plainBehind(rest []string, sign string, ends func(string) bool) int {
	first := slices.IndexFunc(rest, func(line string) bool { return strings.TrimSpace(line) != "" })
	if sign == "=" || first < 0 || mapping().MatchString(rest[first]) {
		return 0
	}
	if t := strings.TrimSpace(rest[first]); ends(rest[first]) { // as deep as its name
		item := func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "- ") }
		switch {
		case item(t):
			return until(rest, func(line string) bool { return !item(line) })
		case strings.ContainsAny(t[:1], `"'`):
			return first + 1
		}
		return 0
	}
	return until(rest, ends)
}

// until counts the lines before the first that ends a value; all, if none does.
func until(lines []string, ends func(string) bool) int {
	if i := slices.IndexFunc(lines, ends); i >= 0 {
		return i
	}
	return len(lines)
}

// closed counts the lines to the one that closes a value, which counts where it holds
// more than that.
func closed(lines []string, by string) int {
	n := until(lines, func(line string) bool { return strings.Contains(line, by) })
	if n < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[n]), by) {
		n++
	}
	return n
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// substitution is how long what a shell puts in by running it is, $(…) or in grave
// accents, at the beginning of a text; 0 there is none.
func substitution(text string) int {
	if strings.HasPrefix(text, "`") {
		return strings.IndexByte(text[1:], '`') + 2*min(1, strings.Count(text[1:], "`"))
	}
	for i, depth := 0, 0; strings.HasPrefix(text, "$(") && i < len(text) && text[i] != '\n'; i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
