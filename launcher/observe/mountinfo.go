package observe

import (
	"fmt"
	"strings"
)

// entry is one line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
type entry struct {
	dev     string // major:minor
	root    string // the directory of the file system that is mounted
	target  string
	options []string // of this mount
	tags    []string // the optional fields: how it propagates
	fstype  string
	source  string
	super   []string // of the file system
}

// readMountinfo reads every line; a line it cannot read is an error.
func readMountinfo(text string) ([]entry, error) {
	if err := bounded("mountinfo", len(text), maxText); err != nil {
		return nil, err
	}
	var out []entry
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		e, ok := readEntry(line)
		if !ok {
			return nil, fmt.Errorf("reading mountinfo: line %d has no known form", i+1)
		}
		out = append(out, e)
	}
	return out, nil
}

// readEntry reads "ID PARENT DEV ROOT TARGET OPTIONS [TAG…] - FSTYPE SOURCE SUPER".
// An empty source gives two blanks in a row, so fields are cut one by one.
func readEntry(line string) (entry, bool) {
	head, tail, ok := strings.Cut(line, " - ")
	first, last := strings.Split(head, " "), strings.SplitN(tail, " ", 3)
	if !ok || len(first) < 6 || len(last) < 3 {
		return entry{}, false
	}
	return entry{
		dev:     first[2],
		root:    unescape(first[3]),
		target:  unescape(first[4]),
		options: strings.Split(first[5], ","),
		tags:    first[6:],
		fstype:  last[0],
		source:  unescape(last[1]),
		super:   splitOptions(last[2]),
	}, true
}

// splitOptions cuts at commas, but not within the quotes of an SELinux context.
func splitOptions(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		quoted = quoted != (r == '"')
		return r == ',' && !quoted
	})
}

// unescape undoes the kernel's octal escapes of blank, tab, newline and backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && isOctal(s[i+1:i+4]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | s[i+3] - '0')
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func isOctal(s string) bool {
	return s[0] <= '3' && strings.Trim(s, "01234567") == ""
}

// option returns the value of "key=value" in a list of options; the last wins.
func option(options []string, key string) (value string, ok bool) {
	for _, o := range options {
		if k, v, has := strings.Cut(o, "="); has && k == key {
			value, ok = v, true
		}
	}
	return value, ok
}
