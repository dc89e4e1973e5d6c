package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// Colour is on a terminal, and where it is asked for.
func TestLook(t *testing.T) {
	for _, tt := range []struct {
		choice colorChoice
		tty    bool
		width  int
		env    map[string]string
		want   report.Screen
	}{
		{colorAuto, true, 120, nil, report.Screen{Width: 120, Color: true}},
		{colorAuto, true, 0, nil, report.Screen{Width: 80, Color: true}},
		{colorAuto, false, 0, nil, report.Screen{}},
		{colorAuto, true, 5, map[string]string{"NO_COLOR": "1"}, report.Screen{Width: leastColumns}},
		{colorAuto, true, 80, map[string]string{"NO_COLOR": "", "COLUMNS": "100"}, report.Screen{Width: 100, Color: true}},
		{colorAuto, true, 80, map[string]string{"TERM": "dumb", "COLUMNS": "-1"}, report.Screen{Width: 80}},
		{colorAuto, false, 0, map[string]string{"CLICOLOR_FORCE": "1", "COLUMNS": "60"}, report.Screen{Width: 60, Color: true}},
		{colorAuto, false, 0, map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, report.Screen{}},
		{colorAlways, false, 0, map[string]string{"NO_COLOR": "1"}, report.Screen{Color: true}},
		{colorNever, true, 80, nil, report.Screen{Width: 80}},
	} {
		s := &stdio{surroundings: surroundings{lookup: func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok }}, progress: &progress{}}
		s.tty.out, s.widths.out = tt.tty, tt.width
		if s.look(tt.choice); s.screen != tt.want {
			t.Errorf("%s, terminal %v of %d, %v: %+v", tt.choice, tt.tty, tt.width, tt.env, s.screen)
		}
	}
}

// --color may stand before the command's name or behind it, and JSON has none.
func TestColorOption(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]bool{
		"list": false, "--color always list": true, "list --color=always": true, "--color always list --color never": false, "list --color always --json": false,
	} {
		if status := w.run(strings.Fields(line)...); status != exitOK || strings.Contains(w.stdout.String(), "\x1b[") != want {
			t.Errorf("%s: status %d, colour should be %v:\n%s", line, status, want, w.stdout.String())
		}
	}
	if status := w.run("--color", "red", "list"); status != exitUsage || !strings.Contains(w.stderr.String(), `option --color does not take "red"`) {
		t.Errorf("status %d: %s", status, w.stderr.String())
	}
}

// What passes is gone before anything else is written, to whichever stream.
func TestPassingLineIsErased(t *testing.T) {
	w := newWorld(t)
	w.tty.err = true
	w.exact = &w.stderr // one terminal
	w.prepare()
	for _, write := range []func(){
		func() { w.note("a note") },
		func() { w.out.Write([]byte("a result\n")) },
		func() { w.page.Write([]byte("a table\n")) },
		func() { w.errPage.Write([]byte("a report\n")) },
	} {
		w.stderr.Reset()
		w.progress.passing("copying")
		if write(); !bytes.Contains(w.stderr.Bytes(), []byte("copying\r\x1b[K")) {
			t.Errorf("%q", w.stderr.String())
		}
	}
}

// A long error is wrapped on a terminal, below its first word.
func TestFailWraps(t *testing.T) {
	w := newWorld(t)
	w.tty.err, w.widths.err = true, 40
	w.prepare()
	w.look(colorNever)
	w.fail(&usageError{bytes.ErrTooLarge})
	w.note("%s", strings.Repeat("word ", 20)+"end")
	for line := range strings.Lines(w.stderr.String()) {
		if report.Columns(strings.TrimRight(line, "\n")) > 40 || !strings.HasPrefix(line, "zlaunch: ") && !strings.HasPrefix(line, "         ") {
			t.Errorf("%q", line)
		}
	}
}
