// Package tomllines tells where the keys of a TOML file stand: the parser tells no places.
package tomllines

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Of finds the line of each key of a file that the parser has taken, by the key as
// errors write it: "profile.srv.container.memory", "profile.srv.waiver[0].at". Tables
// that only their elements name are there too. shown writes a hostile part of a key.
func Of(data []byte, shown func(string) string) map[string]int {
	l := &liner{data: data, shown: shown, at: map[string]int{}, tables: map[string]int{}}
	for table := ""; l.skip(" \t\r\n"); {
		if l.data[l.pos] != '[' {
			l.pair(table)
			continue
		}
		line, array := l.line(), bytes.HasPrefix(l.data[l.pos:], []byte("[["))
		l.accept("[")
		table = l.below(l.key(""))
		if n := l.tables[table]; array {
			l.tables[table]++
			table = fmt.Sprintf("%s[%d]", table, n)
		}
		l.note(table, line)
		l.accept("]")
	}
	return l.at
}

// below is a table by the elements of the lists that it is in: of each the last one so far.
func (l *liner) below(table string) string {
	out := ""
	for part := range strings.SplitSeq(table, ".") {
		if n := l.tables[out]; n > 0 {
			out = fmt.Sprintf("%s[%d]", out, n-1)
		}
		out = strings.TrimPrefix(out+"."+part, ".")
	}
	return out
}

// liner walks through TOML that is known to be sound; of other text it makes something
// or other, and ends.
type liner struct {
	data   []byte
	shown  func(string) string
	pos    int
	newer  int // newlines before upTo
	upTo   int
	at     map[string]int
	tables map[string]int // how often [[key]] was begun
}

// line is that of pos.
func (l *liner) line() int {
	for ; l.upTo < l.pos && l.upTo < len(l.data); l.upTo++ {
		if l.data[l.upTo] == '\n' {
			l.newer++
		}
	}
	return l.newer + 1
}

func (l *liner) note(key string, line int) {
	if l.at[key] == 0 {
		l.at[key] = line
	}
}

// skip passes blanks and comments, and tells whether anything is left.
func (l *liner) skip(blanks string) bool {
	for ; l.pos < len(l.data); l.pos++ {
		switch c := l.data[l.pos]; {
		case c == '#':
			for l.pos+1 < len(l.data) && l.data[l.pos+1] != '\n' {
				l.pos++
			}
		case !strings.ContainsRune(blanks, rune(c)):
			return true
		}
	}
	return false
}

// accept passes characters of set.
func (l *liner) accept(set string) {
	for l.pos < len(l.data) && strings.IndexByte(set, l.data[l.pos]) >= 0 {
		l.pos++
	}
}

// pair passes KEY = VALUE of table.
func (l *liner) pair(table string) {
	start, line := l.pos, l.line()
	key := l.key(table)
	l.note(key, line)
	l.accept(" \t=")
	l.value(key)
	if l.pos == start {
		l.pos++ // no TOML
	}
}

// key reads a dotted key below table, and notes the tables on its way.
func (l *liner) key(table string) string {
	line := l.line()
	for key := table; ; {
		l.accept(" \t")
		key = strings.TrimPrefix(key+"."+l.shown(l.word()), ".")
		l.accept(" \t")
		if l.pos >= len(l.data) || l.data[l.pos] != '.' {
			return key
		}
		l.note(key, line)
		l.pos++
	}
}

// word reads one part of a key.
func (l *liner) word() string {
	start := l.pos
	if l.pos < len(l.data) && (l.data[l.pos] == '"' || l.data[l.pos] == '\'') {
		l.pos = min(bounded.StringEnd(l.data, l.pos)+1, len(l.data))
		text := string(l.data[start:l.pos])
		if plain, err := strconv.Unquote(text); err == nil && text[0] == '"' {
			return plain
		}
		return strings.Trim(text, "'\"")
	}
	for l.pos < len(l.data) && !strings.ContainsRune(" \t\r\n.=]}[{,#\"'", rune(l.data[l.pos])) {
		l.pos++
	}
	return string(l.data[start:l.pos])
}

// value passes the value of key; in lists and inline tables there are keys again.
func (l *liner) value(key string) {
	if l.pos >= len(l.data) {
		return
	}
	switch l.data[l.pos] {
	case '"', '\'':
		l.pos = min(bounded.StringEnd(l.data, l.pos)+1, len(l.data))
	case '[':
		l.pos++
		for i := 0; l.more(']'); i++ {
			start := l.pos
			l.value(fmt.Sprintf("%s[%d]", key, i))
			l.pos = max(l.pos, start+1)
		}
	case '{':
		l.pos++
		for l.more('}') {
			l.pair(key)
		}
	default:
		for l.pos < len(l.data) && !slices.Contains([]byte(",]}\n#"), l.data[l.pos]) {
			l.pos++
		}
	}
}

// more tells whether another element stands before end, which is passed.
func (l *liner) more(end byte) bool {
	if !l.skip(" \t\r\n,") {
		return false
	}
	if l.data[l.pos] == end {
		l.pos++
		return false
	}
	return true
}
