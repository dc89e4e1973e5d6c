package quadlet

import "strings"

// older reads a row as the generators before 5.4 do, by what they make of units: a comment
// begins with "#" and stands in no continuation, KEY=VALUE alone is continued, and an empty
// row there is read for ever. Before 5.0 the spaces in front of a continuing row are the
// value's, before 4.6 nothing is taken away. A why that is not "" is that of a file of which
// they make nothing.
func (p *parser) older(row string) (part string, more, comment bool, why string) {
	plain := strings.TrimSpace(row)
	behind := strings.HasSuffix(plain, `\`) && !strings.HasSuffix(row, `\`)
	switch {
	case !p.v.since(4, 6) && !p.begun && spaced(row, plain):
		why = "spaces stand around it, which Podman before 4.6 does not take away"
	case p.v.since(4, 6) && p.begun && plain == "":
		why = "an empty line continues the one before, and Podman before 5.4 never comes to its end"
	case p.v.since(4, 6) && !p.v.since(5, 0) && behind:
		why = "spaces stand behind the backslash, and Podman before 5.0 never comes to the end of the line"
	case !p.begun && (plain == "" || plain[0] == '#'):
		comment = true
	case !p.begun && !strings.Contains(plain, "="):
		part = plain
	case p.v.since(5, 0):
		part, more = strings.CutSuffix(plain, `\`)
	case p.begun:
		part, more = strings.CutSuffix(row, `\`)
	default:
		part, more = strings.CutSuffix(strings.TrimLeft(row, " \t"), `\`)
	}
	return part, more, comment, why
}

// spaced tells a row that begins with a space, or has one around what is no KEY=VALUE.
func spaced(row, plain string) bool {
	return plain != "" && (row[0] != plain[0] || row != plain && !strings.Contains(row, "="))
}
