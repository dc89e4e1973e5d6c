// Package mountinfo reads the kernel's lists of mounts. It is pure: whose list, and where
// from, is its callers' to say.
package mountinfo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Mount is one line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
type Mount struct {
	Dev     string // major:minor
	Root    string // the directory of the file system that is mounted
	Target  string
	Options []string // of this mount
	Tags    []string // the optional fields: how it propagates
	FSType  string
	Source  string
	Super   []string // of the file system
}

// ReadOnly tells whether nothing can be written through the mount.
func (m Mount) ReadOnly() bool {
	return slices.Contains(m.Options, "ro") || slices.Contains(m.Super, "ro")
}

// Read reads every line; a line it cannot read is an error. github.com/moby/sys/mountinfo
// reads the same, on Linux alone, and cuts the quoted contexts of SELinux at their commas.
func Read(text string) ([]Mount, error) {
	var out []Mount
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		e, ok := readLine(line)
		if !ok {
			return nil, fmt.Errorf("reading mountinfo: line %d has no known form", i+1)
		}
		out = append(out, e)
	}
	return out, nil
}

// readLine reads "ID PARENT DEV ROOT TARGET OPTIONS [TAG…] - FSTYPE SOURCE SUPER".
// An empty source gives two blanks in a row, so fields are cut one by one.
func readLine(line string) (Mount, bool) {
	head, tail, ok := strings.Cut(line, " - ")
	first, last := strings.Split(head, " "), strings.SplitN(tail, " ", 3)
	if !ok || len(first) < 6 || len(last) < 3 {
		return Mount{}, false
	}
	return Mount{
		Dev:     first[2],
		Root:    unescape(first[3]),
		Target:  unescape(first[4]),
		Options: strings.Split(first[5], ","),
		Tags:    first[6:],
		FSType:  last[0],
		Source:  unescape(last[1]),
		Super:   splitOptions(last[2]),
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
	var b strings.Builder
	for {
		before, after, escaped := strings.Cut(s, `\`)
		b.WriteString(before)
		if !escaped {
			return b.String()
		}
		s = after
		if c, err := strconv.ParseUint(s[:min(3, len(s))], 8, 8); err == nil && len(s) >= 3 {
			b.WriteByte(byte(c))
			s = s[3:]
			continue
		}
		b.WriteByte('\\')
	}
}
