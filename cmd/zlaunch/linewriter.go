package main

import "bytes"

// lineWriter gives what is written to it a line at a time.
type lineWriter struct {
	line func(string)
	part []byte
}

// mostLine is where a line is cut that never ends, in bytes.
const mostLine = 64 << 10

// Write takes a piece.
func (w *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		at := bytes.IndexByte(p, '\n')
		if at < 0 && len(w.part)+len(p) < mostLine {
			w.part = append(w.part, p...)
			break
		}
		if at < 0 {
			at = len(p) - 1
		}
		w.line(string(append(w.part, p[:at+1]...)))
		w.part, p = w.part[:0], p[at+1:]
	}
	return n, nil
}

// end gives what has no end of a line.
func (w *lineWriter) end() {
	if len(w.part) > 0 {
		w.line(string(w.part))
		w.part = nil
	}
}
