package main

import (
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// colorChoice is the value of --color.
type colorChoice string

const (
	colorAuto   colorChoice = "auto" // on a terminal, unless NO_COLOR or TERM=dumb is set
	colorAlways colorChoice = "always"
	colorNever  colorChoice = "never"
)

var colorChoices = []string{string(colorAuto), string(colorAlways), string(colorNever)}

// String, Set and Type make it the value of an option.
func (c *colorChoice) String() string { return string(*c) }

// Set reads the value.
func (c *colorChoice) Set(word string) error {
	return choice{(*string)(c), colorChoices}.Set(word)
}

// Type names what the option takes.
func (c *colorChoice) Type() string { return "WHEN" }

func (c *colorChoice) bind(fs *pflag.FlagSet) {
	*c = colorAuto
	fs.Var(c, "color", "colour what is printed `WHEN`: auto (on a terminal, unless NO_COLOR is set), always or never")
}

// look decides how both streams look.
func (s *stdio) look(c colorChoice) {
	s.screen = report.Screen{Width: s.columns(s.tty.out, s.widths.out), Color: s.colored(c, s.tty.out)}
	s.errScreen = report.Screen{Width: s.columns(s.tty.err, s.widths.err), Color: s.colored(c, s.tty.err)}
	s.progress.on = s.errScreen
}

// columns are those of COLUMNS, else of the terminal, else 80; 0 where there is no
// terminal, for what reads that wants whole lines.
func (s *surroundings) columns(tty bool, width int) int {
	if n, err := strconv.ParseUint(s.getenv("COLUMNS"), 10, 16); err == nil && n > 0 {
		return max(int(n), leastColumns)
	}
	switch {
	case !tty:
		return 0
	case width <= 0: // it does not tell
		return 80
	}
	return max(width, leastColumns)
}

// leastColumns is the narrowest screen that text is laid out for.
const leastColumns = 20

// colored tells whether a stream has colour: https://no-color.org and
// https://bixense.com/clicolors.
func (s *surroundings) colored(c colorChoice, tty bool) bool {
	if c != colorAuto {
		return c == colorAlways
	}
	if s.getenv("NO_COLOR") != "" {
		return false
	}
	if force := s.getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return tty && s.getenv("TERM") != "dumb"
}

// sentence is a line for a person behind its prefix, wrapped below it.
func sentence(on report.Screen, prefix, text string) string {
	text = report.EscapeLines(text)
	if on.Width == 0 {
		return prefix + text + "\n"
	}
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(on.Hang(prefix, line))
		prefix = strings.Repeat(" ", report.Columns(prefix))
	}
	return b.String()
}
