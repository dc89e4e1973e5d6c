package main

import (
	"io"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// progress tells how far a launch is. On a terminal, what passes is one line that
// is written over; elsewhere it is left out, and only the steps are told.
type progress struct {
	mu    sync.Mutex
	to    io.Writer // escaping
	raw   io.Writer // the terminal itself, for the line that is written over
	tty   bool
	on    report.Screen
	drawn bool
}

func (p *progress) tell(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
	io.WriteString(p.to, sentence(p.on, "zlaunch: ", line))
}

// passing shows what goes on meanwhile, on a terminal only.
func (p *progress) passing(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tty {
		p.wipe()
		io.WriteString(p.raw, p.fit(report.Escape("zlaunch: "+line)))
		p.drawn = true
	}
}

// fit cuts a line to the terminal's width, which a line to be wiped must not pass.
func (p *progress) fit(line string) string {
	width := p.on.Width
	if width == 0 {
		width = 80
	}
	if report.Columns(line) < width {
		return line
	}
	r := []rune(line)
	for report.Columns(string(r)) > width-2 {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// clear takes the passing line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
}

func (p *progress) wipe() {
	if p.drawn {
		io.WriteString(p.raw, "\r\x1b[K") // ECMA-48: carriage return, erase to the line's end
		p.drawn = false
	}
}
