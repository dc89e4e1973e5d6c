package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// Nothing written to standard output or standard error acts on a terminal.
func TestOutputIsEscaped(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n\ttext\n":          "plain\n\ttext\n",
		"a\x1b[31mred\x1b[0m":      `a\u001b[31mred\u001b[0m`,
		"\x1b]0;title\a":           `\u001b]0;title\u0007`,
		"over\rwritten":            `over\u000dwritten`,
		"dos\r\n":                  "dos\n",
		"\u202efdp.exe":            `\u202efdp.exe`,
		"c1 \u009b2J":              `c1 \u009b2J`,
		"nul\x00del\x7f":           `nul\u0000del\u007f`,
		"bad \xff\xfe utf-8":       `bad \xff\xfe utf-8`,
		"größe 模型":                 "größe 模型",
		"tag \U000e0041 character": `tag \udb40\udc41 character`,
	} {
		var b bytes.Buffer
		if _, err := io.WriteString(&cleaner{to: &b}, in); err != nil || b.String() != want {
			t.Errorf("%q: got %q, want %q, %v", in, b.String(), want, err)
		}
	}
}

// A character that comes in pieces is not taken for bytes.
func TestCleanerJoinsCharacters(t *testing.T) {
	var b bytes.Buffer
	c := &cleaner{to: &b}
	for _, piece := range []byte("größe 模型\x1b") {
		if n, err := c.Write([]byte{piece}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if want := `größe 模型\u001b`; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func FuzzCleaner(f *testing.F) {
	f.Add([]byte("a\x1b[2Jb\xe6"), []byte("\xa8\xa1\r\n\x9b"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		var b bytes.Buffer
		c := &cleaner{to: &b}
		c.Write(one)
		c.Write(two)
		for _, r := range b.String() {
			if r != '\n' && r != '\t' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0) {
				t.Fatalf("%q %q: %U came through", one, two, r)
			}
		}
	})
}

// An error is a sentence, and each of its hints a line.
func TestFail(t *testing.T) {
	w := newWorld(t)
	w.prepare()
	w.fail(fmt.Errorf("running x: %w", hint.Errorf("zlaunch list\nor this", "no profile %q", "\x1b[1mx")))
	want := "zlaunch: error: running x: no profile \"\\x1b[1mx\"\nzlaunch: hint: zlaunch list\nzlaunch: hint: or this\n"
	if w.stderr.String() != want {
		t.Errorf("got %q", w.stderr.String())
	}
	w.stderr.Reset()
	w.fail(&statusError{status: 9})
	if w.stderr.Len() > 0 {
		t.Errorf("a status alone says %q", w.stderr.String())
	}
}

// On a terminal what passes is written over; elsewhere it is left out.
func TestProgress(t *testing.T) {
	for _, tt := range []struct {
		tty  bool
		want string
	}{
		{false, "zlaunch: pulling x\nzlaunch: created network n\n"},
		{true, "zlaunch: pulling x\nzlaunch: Copying blob 1\r\x1b[Kzlaunch: Copying blob 2\r\x1b[Kzlaunch: waiting for u: 5s\r\x1b[Kzlaunch: created network n\n"},
	} {
		var b bytes.Buffer
		p := &progress{to: &cleaner{to: &b}, raw: &b, tty: tt.tty, on: report.Screen{Width: 60}}
		p.tell("pulling x")
		for _, l := range []string{"Copying blob 1", "Copying blob 2", "waiting for u: 5s"} {
			p.passing(l)
		}
		p.tell("created network n")
		p.clear()
		if b.String() != tt.want {
			t.Errorf("terminal %v:\n got %q\nwant %q", tt.tty, b.String(), tt.want)
		}
	}
	var b bytes.Buffer
	p := &progress{to: &b, raw: &b, tty: true, on: report.Screen{Width: 30}}
	p.passing("Hostile \x1b[2J" + strings.Repeat("x", 99))
	if got := b.String(); strings.Contains(got, "\x1b[2J") || len([]rune(got)) >= 30 {
		t.Errorf("got %q", got)
	}
}

// The first signal ends the context, later ones only say what goes on, and one
// after the hand-over is somebody else's.
func TestSignals(t *testing.T) {
	var b bytes.Buffer
	s := &signals{c: make(chan os.Signal), tell: &b}
	ctx, cancel := s.context(t.Context())
	defer cancel()
	s.take(unix.SIGPIPE)
	if ctx.Err() != nil || s.got() != 0 {
		t.Error("SIGPIPE ended the context")
	}
	s.take(unix.SIGTERM)
	s.take(unix.SIGINT)
	if ctx.Err() == nil || s.got() != unix.SIGTERM || !strings.Contains(b.String(), "still taking back") {
		t.Errorf("got %v, %q", s.got(), b.String())
	}
	other := &signals{c: make(chan os.Signal), tell: &b}
	ctx, cancel = other.context(t.Context())
	defer cancel()
	var passed []os.Signal
	other.handOver(func(sig os.Signal) { passed = append(passed, sig) })
	other.take(unix.SIGTERM)
	if ctx.Err() != nil || len(passed) != 1 {
		t.Errorf("context %v, passed %v", ctx.Err(), passed)
	}
	other.handOver(nil)
	other.take(unix.SIGTERM)
	if ctx.Err() != nil {
		t.Error("a signal of somebody else's ended the context")
	}
}

func TestExitStatus(t *testing.T) {
	plain := errors.New("x")
	for i, tt := range []struct {
		c    *command
		err  error
		sig  unix.Signal
		want int
	}{
		{cmdPs, nil, 0, 0},
		{cmdPs, plain, 0, 3},
		{nil, &usageError{plain}, 0, 2},
		{cmdPs, fmt.Errorf("y: %w", &usageError{plain}), 0, 2},
		{cmdRun, &usageError{plain}, 0, 125},
		{cmdRun, plain, unix.SIGINT, 130},
		{cmdRun, plain, unix.SIGTERM, 143},
		{cmdRun, nil, unix.SIGTERM, 0},
		{cmdRun, &statusError{9, nil}, 0, 9},
		{cmdPs, unix.EPIPE, 0, 141},
	} {
		if got := exitStatus(tt.c, tt.err, tt.sig); got != tt.want {
			t.Errorf("row %d: got %d, want %d", i, got, tt.want)
		}
	}
}

// A podman that a signal ended gives the status a shell would.
func TestHandTo(t *testing.T) {
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -TERM $$": 128 + 15} {
		w := newWorld(t)
		if got := exitStatus(cmdExec, w.handTo(exec.Command("sh", "-c", script)), 0); got != want {
			t.Errorf("%s: got %d, want %d", script, got, want)
		}
	}
}
