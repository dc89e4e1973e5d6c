package report

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Patch writes how a file changes as a unified diff, which patch -p0 takes where
// exact says so: nothing in it is hidden or escaped. What looks like a secret is
// hidden unless secrets are to be shown.
func Patch(name, before, after string, secrets bool) (text string, exact bool) {
	label := patchLabel(name)
	real := string(diff.Diff(label, []byte(before), label, []byte(after)))
	if !secrets {
		before, after = maskLines(before), maskLines(after)
	}
	text = EscapeLines(string(diff.Diff(label, []byte(before), label, []byte(after))))
	if _, hunks, ok := strings.Cut(text, "\n"); ok { // behind the line that names a command
		text = hunks
	}
	_, real, _ = strings.Cut(real, "\n")
	return text, text == real
}

// patchLabel writes a name so that patch reads that very name: it takes one in quotes for
// a word of C, skips blanks before it, and ends it at a tab.
func patchLabel(name string) string {
	switch {
	case Escape(name) != name || strings.TrimSpace(name) != name || strings.ContainsAny(name, `"\`):
		var b strings.Builder
		for _, c := range []byte(name) {
			if c > ' ' && c < 0x7f && c != '"' && c != '\\' {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		}
		return `"` + b.String() + `"`
	case strings.Contains(name, " "):
		return name + "\t" // ends a name that holds blanks, as diff(1) writes it
	}
	return name
}

// goesOn matches a line whose command goes on in the next.
var goesOn = lazyregexp.New(`(\\|\|)[ \t\r]*$`)

// openSecret matches a line in which the quote around the value of a name does not end.
var openSecret = lazyregexp.New(`([A-Za-z0-9_.-]+)["']?(?:\s*[:=]\s*|\s+)(["'])[^"']*$`)

// maskLines hides what looks like a secret in a text, line by line. Where only lines
// together tell that, as an option and its value behind a backslash, all of them but
// the first are hidden, and the first where its own words are.
func maskLines(text string) string {
	lines := strings.Split(container.MaskBlocks(text), "\n")
	for i := 0; i < len(lines); {
		end := i
		for end+1 < len(lines) && goesOn().MatchString(lines[end]) {
			end++
		}
		if m := openSecret().FindStringSubmatch(lines[i]); end == i && m != nil && container.SecretName(m[1]) {
			for end+1 < len(lines) && (end == i || !strings.Contains(lines[end], m[2])) {
				end++
			}
		}
		for end+1 < len(lines) && strings.Contains(lines[i], "-----BEGIN ") && strings.Contains(lines[i], "PRIVATE KEY") && !strings.Contains(lines[end], "-----END ") {
			end++
		}
		maskTogether(lines[i : end+1])
		i = end + 1
	}
	return strings.Join(lines, "\n")
}

func maskTogether(lines []string) {
	parts, alone := make([]string, len(lines)), make([]string, len(lines))
	for i, line := range lines {
		parts[i] = line
		if i+1 < len(lines) {
			parts[i] = strings.TrimSuffix(strings.TrimRight(line, " \t\r"), `\`)
		}
		alone[i] = container.MaskText(parts[i])
		lines[i] = alone[i] + line[len(parts[i]):]
	}
	if len(lines) == 1 {
		return
	}
	same := func(between string) bool {
		return container.MaskText(strings.Join(parts, between)) == strings.Join(alone, between)
	}
	if same(" ") && same("") && same("\n") {
		return
	}
	for i := range lines[1:] {
		lines[i+1] = container.Redacted
	}
	if !strings.HasPrefix(container.MaskText(strings.Join(parts, " ")), alone[0]) {
		lines[0] = container.Redacted
	}
}
