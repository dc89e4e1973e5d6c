package compose

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// filled is a text as the engine gets it. What Compose fills in and nobody knows here
// stands in it as it is written, and is listed.
type filled struct {
	text  string
	holes []command.Expansion
	homes []int // where ~ stands for the caller's home
}

// plain is a text in which nothing is filled in.
func plain(s string) filled { return filled{text: s} }

// and is a text followed by another.
func (f filled) and(g filled) filled {
	out := filled{text: f.text + g.text, holes: append([]command.Expansion{}, f.holes...), homes: append([]int{}, f.homes...)}
	for _, h := range g.holes {
		h.From, h.To = h.From+len(f.text), h.To+len(f.text)
		out.holes = append(out.holes, h)
	}
	for _, h := range g.homes {
		out.homes = append(out.homes, h+len(f.text))
	}
	return out
}

// open tells whether something is filled in.
func (f filled) open() bool { return len(f.holes) > 0 }

// variable is $NAME, ${NAME} or ${NAME} with what to do where it is not there: compose-spec,
// interpolation.
var variable = lazyregexp.New(`^(?:([a-zA-Z_][a-zA-Z0-9_]*)|\{([a-zA-Z_][a-zA-Z0-9_]*)(?:(:?[-?+])(.*))?\})$`)

// fill reads a value as Compose does. Variables come from the .env file beside; any other
// is a hole, also where a default stands: whoever calls Compose decides it.
func (r *reader) fill(s string) filled {
	var b strings.Builder
	var holes []command.Expansion
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 == len(s) {
			b.WriteString(s)
			return filled{text: b.String(), holes: holes}
		}
		b.WriteString(s[:i])
		s = s[i:]
		n := 0
		if s[1] != '$' {
			n = length(s)
		}
		if n == 0 { // $$ is one; any other Compose refuses, and podman-compose leaves it as it is
			b.WriteByte('$')
			s = strings.TrimPrefix(s[1:], "$")
			continue
		}
		v := r.variable(s[:n])
		for _, h := range v.holes {
			holes = append(holes, command.Expansion{From: h.From + b.Len(), To: h.To + b.Len(), Name: h.Name})
		}
		b.WriteString(v.text)
		s = s[n:]
	}
}

// length is how many bytes of s, which begins with '$', are one variable; 0 is none.
func length(s string) int {
	if s[1] != '{' {
		n := 1
		for n < len(s) && (s[n] == '_' || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z' || n > 1 && s[n] >= '0' && s[n] <= '9') {
			n++
		}
		if n == 1 {
			return 0
		}
		return n
	}
	depth := 0
	for i := 1; i < min(len(s), maxVariable); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// maxVariable bounds a variable with what stands in its braces.
const maxVariable = 4096

// variable is the value of one.
func (r *reader) variable(s string) filled {
	hole := filled{text: s, holes: []command.Expansion{{From: 0, To: len(s), Name: s}}}
	m := variable().FindStringSubmatch(s[1:])
	if m == nil {
		return hole
	}
	v, known := r.vars[m[1]+m[2]]
	switch {
	case !known, v == "" && strings.HasPrefix(m[3], ":"):
		return hole
	case strings.HasSuffix(m[3], "+") && strings.Contains(m[4], "$"):
		return hole
	case strings.HasSuffix(m[3], "+"):
		return plain(m[4])
	}
	return plain(v)
}

// dotenv reads the lines NAME=VALUE of a .env file. One that is written otherwise, or
// fills something in itself, is left unknown.
func dotenv(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, v, has := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export ")), "=")
		name, v = strings.TrimSpace(name), strings.TrimSpace(v)
		if !has || strings.HasPrefix(name, "#") {
			continue
		}
		quoted := len(v) > 1 && (v[0] == '\'' || v[0] == '"') && v[len(v)-1] == v[0]
		if quoted {
			v = v[1 : len(v)-1]
		}
		if strings.ContainsAny(v, "$\\\"'") || !quoted && strings.Contains(v, "#") {
			delete(out, name)
			continue
		}
		out[name] = v
	}
	return out
}
