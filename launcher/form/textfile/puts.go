package textfile

import (
	"regexp"
	"sort"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// put is something that make, CI or a template puts into a text before a shell sees it.
type put struct {
	as string // as it is written in the file: $(IMAGE), ${{ github.sha }}
	by string // who puts it in, as the end of a sentence: "expanded by make"
}

// puts are what is put in and not known, by the expansion of a shell that stands for it in
// a piece, and for nothing else there.
type puts map[string]put

// firstOf parts what is put in: the sign and the first word, what follows, the sign that ends it.
var firstOf = lazyregexp.New(`(?s)^(\$?[({<%]*\s*[^\s'"|,:=(){}<>%]*)(.*?)(\s*[)}>%]*)$`)

// add notes what stands in for something. Of that only the first word is shown: what follows
// may be a default, which is often a password.
func (p puts) add(standIn string, what put) {
	if part := firstOf().FindStringSubmatch(what.as); part != nil && part[2] != "" {
		what.as = part[1] + " …" + part[3]
	}
	p[standIn] = what
	p[command.Clip(standIn)] = what // as reasons have it
}

// standIn is such an expansion in a reason, and what the reader of shell says of it.
var standIn = lazyregexp.New(`\$\{?\w+(?:\}|…)?( is expanded by the shell)?`)

// worded says of a reason who it is that puts something in.
func (p puts) worded(why string) string {
	if len(p) == 0 || !strings.Contains(why, "$") {
		return why
	}
	return standIn().ReplaceAllStringFunc(why, func(s string) string {
		name, byShell := strings.CutSuffix(s, " is expanded by the shell")
		put, is := p[name]
		switch {
		case !is:
			return s
		case byShell:
			return command.Clip(put.as) + " is " + put.by
		}
		return command.Clip(put.as)
	})
}

// within opens the words of a run that hold, between apostrophes, what is put in: a shell
// takes it for plain text, and whoever puts it in does not look for apostrophes.
func (p puts) within(r *form.Reading) {
	said := map[int]bool{}
	for _, o := range r.Open {
		said[o.Word] = true
	}
	for i, w := range r.Words {
		if len(p) == 0 || !strings.Contains(w.Raw, "'") {
			continue
		}
		for _, name := range standIn().FindAllString(w.Text, maxDescribed) {
			if put, is := p[name]; is && !said[i] {
				r.Open = append(r.Open, form.Open{Word: i, Why: command.Clip(put.as) + " is " + put.by})
			}
		}
	}
}

// template is what GitHub, Ansible, Task and others put into a text before a shell sees
// it. What it may be is known as little as of an expansion of the shell, and so it is
// read as one, of the same length.
var template = lazyregexp.New(`\$?\{\{[^{}]*\}\}|\{%[^{}]*%\}`)

// untemplated writes such places as expansions of the shell that nobody else uses.
func (p piece) untemplated() piece {
	if !strings.Contains(p.text, "{{") && !strings.Contains(p.text, "{%") {
		return p
	}
	return p.standIns(template(), func(s string) (string, string) {
		by := "filled in by a template"
		if s[0] == '$' {
			by = "filled in by the CI"
		}
		return "${" + identifier(s[2:len(s)-1]) + "}", by
	})
}

// blankToFill is what a reader is to put a value in for: <name>.
var blankToFill = lazyregexp.New(`<[A-Za-z][\w.-]*>`)

// filledByHand writes such places as expansions of the shell that nobody else uses, of the
// same length: to a shell they are redirections.
func (p piece) filledByHand() piece {
	if !strings.Contains(p.text, "<") {
		return p
	}
	return p.standIns(blankToFill(), func(s string) (string, string) {
		return "$" + identifier(s[1:len(s)-1]) + "_", "for you to fill in"
	})
}

// standIns writes expansions of the shell for what is put in, and notes who does it.
func (p piece) standIns(of *regexp.Regexp, in func(string) (standIn, by string)) piece {
	if p.puts == nil {
		p.puts = puts{}
	}
	p.text = of.ReplaceAllStringFunc(p.text, func(s string) string {
		e, by := in(s)
		p.puts.add(e, put{s, by})
		return e
	})
	return p
}

// fill is a place of a piece where something else stands than in the file.
type fill struct {
	line     int // of the piece, from 0
	from, to int // bytes of that line
	shift    int // how many bytes further right, in the file, what follows on the line stands
}

// column is where in its line of the file a column of the piece stands: what was put in
// stands where it is put in. Lines count from 0, columns from 1.
func (p piece) column(line, col int) int {
	i := sort.Search(len(p.fills), func(i int) bool {
		f := p.fills[i]
		return f.line > line || f.line == line && f.from >= col-1
	}) - 1
	if i < 0 || p.fills[i].line != line {
		return col + p.col(line)
	}
	f := p.fills[i]
	if col-1 >= f.to {
		return col + f.shift + p.col(line)
	}
	if i > 0 && p.fills[i-1].line == line {
		return f.from + 1 + p.fills[i-1].shift + p.col(line)
	}
	return f.from + 1 + p.col(line)
}
