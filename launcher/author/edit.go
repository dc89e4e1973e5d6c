package author

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/tomllines"
)

// Apply is the text of a file of profiles with proposals made in the profile name. What
// is there already is replaced where it stands on one line of its own; the rest goes to
// the end of its table, or into a new one at the end of the file. Whether that is still
// TOML, and says what is meant, is for the caller to read: a file can be written in ways
// that no line can be put into.
func Apply(text, name string, proposals []Proposal) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for _, p := range proposals {
		table := strings.TrimSuffix("profile."+name+"."+p.table, ".")
		lines = put(lines, table, p.key, p.Line)
		if p.why != "" {
			lines = put(lines, "profile."+name+".why", p.why, quoted(p.why)+" = "+quoted(p.Why))
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// Overlay is a file for another layer that lays proposals over the profile name.
func Overlay(name string, proposals []Proposal) string {
	return Apply("schema = 1\n\n[profile."+name+"]\nextends = "+quoted(name), name, proposals)
}

// put sets one key of a table.
func put(lines []string, table, key, line string) []string {
	at := tomllines.Of([]byte(strings.Join(lines, "\n")+"\n"), func(s string) string { return s })
	if n := at[table+"."+key]; n > 0 && n <= len(lines) && strings.Contains(lines[n-1], "=") {
		out := slices.Clone(lines)
		out[n-1] = line
		return out
	}
	head := slices.IndexFunc(lines, func(l string) bool { return isHeader(l, table) })
	if i := strings.LastIndexByte(table, '.'); head < 0 && at[table] > 0 && i > 0 { // written with dotted keys of the table above
		if strings.HasPrefix(strings.ReplaceAll(lines[at[table]-1], " ", ""), table[i+1:]+"={") {
			return lines // an inline table is closed
		}
		return put(lines, table[:i], table[i+1:]+"."+key, table[i+1:]+"."+line)
	}
	if head < 0 {
		return append(slices.Clip(lines), "", "["+table+"]", line)
	}
	end := head + 1
	for end < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[end]), "[") {
		end++
	}
	for end > head+1 && (strings.TrimSpace(lines[end-1]) == "" || end < len(lines) && strings.HasPrefix(lines[end-1], "#")) {
		end-- // a comment before the next table is that one's
	}
	return slices.Insert(slices.Clone(lines), end, line)
}

// isHeader tells whether a line begins a table.
func isHeader(line, table string) bool {
	head, _, _ := strings.Cut(line, "#")
	return strings.TrimSpace(head) == "["+table+"]"
}
