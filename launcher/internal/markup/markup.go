// Package markup writes HTML in which what comes from outside is text and nothing else.
// It does what a report needs of html/template, without that package's reflection, for
// which the linker keeps every exported method of the whole program.
package markup

import (
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
)

// constant is HTML that the program itself wrote. No other package can convert a value
// to this type: what it passes is a constant, or it does not compile.
type constant string

// hole stands in a constant for a value.
const hole = "$"

// plain are the attributes a value may stand in: none of them loads or runs anything.
var plain = []string{"aria-label", "aria-labelledby", "class", "content", "cx", "cy", "d", "height", "id", "value", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"}

// Page is HTML on its way. The zero value is an empty one.
type Page struct {
	b   strings.Builder
	err error
}

// Add adds whole tags and text, in which each $ stands for the next of the values,
// escaped. Its place is the text of an element, or an attribute in double quotes that
// can do no harm; of a link, the name of a place on this page, href="#$". What else is
// asked for is an error of [Page.Write].
func (p *Page) Add(form constant, values ...string) {
	rest := string(form)
	for n := 0; ; n++ {
		before, after, more := strings.Cut(rest, hole)
		if done := string(form[:len(form)-len(rest)]) + before; more != (n < len(values)) || !fits(done, more) {
			p.refuse("%d values do not fit into %q", len(values), form)
			return
		}
		p.b.WriteString(before)
		if !more {
			return
		}
		p.b.WriteString(html.EscapeString(values[n]))
		rest = after
	}
}

// Style adds the element of a style sheet, which cannot end it.
func (p *Page) Style(css string) {
	if strings.Contains(css, "<") {
		p.refuse("a style sheet has a <")
	}
	p.b.WriteString("<style>" + css + "</style>")
}

// Write writes the page, unless a part of it was refused.
func (p *Page) Write(to io.Writer) error {
	if p.err != nil {
		return p.err
	}
	_, err := io.WriteString(to, p.b.String())
	return err
}

func (p *Page) refuse(form string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("writing HTML: "+form, args...)
	}
}

// fits tells whether a value may stand behind a part of a constant, or its end.
func fits(before string, value bool) bool {
	if strings.Contains(before, "<style") || strings.Contains(before, "<script") {
		return false // their text is not escaped as text is
	}
	open := strings.LastIndexByte(before, '<')
	if open <= strings.LastIndexByte(before, '>') {
		return true
	}
	at := strings.LastIndex(before, `="`)
	if !value || at < open {
		return false
	}
	name, begun := before[strings.LastIndexByte(before[:at], ' ')+1:at], before[at+len(`="`):]
	return !strings.Contains(begun, `"`) && (slices.Contains(plain, name) || name == "href" && begun == "#")
}
