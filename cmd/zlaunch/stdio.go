package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// The rules of what is said where:
//
//   - standard output carries results and nothing else;
//   - everything for a person that is not the result goes to standard error, each
//     line begun with "zlaunch:";
//   - an error is a sentence, lower case, no full stop; the next step follows as a
//     hint, something to type;
//   - text that others wrote (profiles, images, engine, workload) is escaped before
//     it reaches a terminal: out and err do so for whatever is written to them;
//   - colour adds to words and is never alone: it is on terminals, and by --color.

// stdio is what a command may touch of the world around it.
type stdio struct {
	in       io.Reader
	out, err io.Writer // escaping; see above
	// page and errPage are out and err for reports, which have escaped what they
	// print: they let colours through, and screen and errScreen say whether there are any.
	page, errPage     io.Writer
	screen, errScreen report.Screen
	// exact is standard output as it is, for what was checked before: podman
	// lines, and a workload's own output where no terminal is behind it.
	exact    io.Writer
	exactErr io.Writer
	files    launch.Stdio // what podman itself is given
	tty      terminals
	widths   struct{ out, err int } // columns of the terminals, 0 for not known
	surroundings
	signals  *signals
	engine   engineOptions // global options, from before the command's name
	policies []string      // files of policy beside the host's
	reaps    bool          // the command may remove what killed launches left
	progress *progress
}

// terminals tells which streams are one.
type terminals struct{ in, out, err bool }

// prepare puts the escaping writers in place.
func (s *stdio) prepare() {
	s.progress = &progress{to: &cleaner{to: s.exactErr}, raw: s.exactErr, tty: s.tty.err}
	first := s.progress.clear
	s.out, s.err = &cleaner{to: s.exact, first: first}, &cleaner{to: s.exactErr, first: first}
	s.page, s.errPage = &cleaner{to: s.exact, first: first, paints: true}, &cleaner{to: s.exactErr, first: first, paints: true}
	s.signals.tell = s.err
	s.look(colorAuto)
}

// note tells a person something that is no error.
func (s *stdio) note(format string, args ...any) {
	io.WriteString(s.err, sentence(s.errScreen, "zlaunch: ", fmt.Sprintf(format, args...)))
}

// fail prints an error and its next steps.
func (s *stdio) fail(err error) {
	if err == nil || err.Error() == "" {
		return
	}
	io.WriteString(s.errPage, sentence(s.errScreen, "zlaunch: "+s.errScreen.Mean("error")+": ", err.Error()))
	hints(s, err)
}

// hints tells what to type about an error that was told.
func hints(s *stdio, err error) {
	for line := range strings.SplitSeq(hint.Of(err), "\n") {
		if line != "" {
			io.WriteString(s.err, sentence(s.errScreen, "zlaunch: hint: ", line))
		}
	}
}

// program runs one command line and returns the exit status.
func program(args []string, std *stdio) int {
	std.prepare()
	ctx, cancel := std.signals.context(context.Background())
	defer cancel()
	c, err := dispatch(ctx, std, args)
	std.progress.clear()
	interrupted := std.signals.got()
	if gone := errors.Is(err, syscall.EPIPE); !gone && !(interrupted != 0 && errors.Is(err, context.Canceled)) {
		std.fail(err)
	}
	return exitStatus(c, err, interrupted)
}

// cleaner is the one place every word passes on its way out: it escapes what
// would act on a terminal instead of being shown.
type cleaner struct {
	mu     sync.Mutex
	to     io.Writer
	part   []byte // of a rune whose end has not come yet
	first  func() // what is done before a write; may be nil
	paints bool   // what is written has colours, each whole in one write
}

func (c *cleaner) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := append(c.part, p...)
	end := len(text)
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if utf8.RuneStart(text[len(text)-i]) {
			if !utf8.FullRune(text[len(text)-i:]) {
				end = len(text) - i
			}
			break
		}
	}
	c.part = append([]byte(nil), text[end:]...)
	escape := report.EscapeLines
	if c.paints {
		escape = report.EscapePainted
	}
	clean := escape(strings.ReplaceAll(string(text[:end]), "\r\n", "\n"))
	if c.first != nil {
		c.first()
	}
	if _, err := io.WriteString(c.to, clean); err != nil {
		return 0, err
	}
	return len(p), nil
}
