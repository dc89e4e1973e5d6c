package textfile

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// byteOrderMark is that of UTF-8.
var byteOrderMark = []byte("\ufeff")

// decoded gives a text as UTF-8 without its byte order mark, and tells whether it had one.
// UTF-16 with such a mark, as PowerShell writes it, is decoded. Of any other encoding that
// has ASCII for its lower half the rest is not known, and stands there as U+FFFD.
func decoded(text []byte) (out []byte, mark bool) {
	if wide := wideOrder(text); wide != nil && len(text)%2 == 0 {
		units := make([]uint16, len(text)/2-1)
		for i := range units {
			units[i] = wide.Uint16(text[2*i+2:])
		}
		return []byte(string(utf16.Decode(units))), true
	}
	text, mark = bytes.CutPrefix(text, byteOrderMark)
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	return text, mark
}

// wideOrder is the order of bytes that the mark of a text in UTF-16 tells; nil is none.
func wideOrder(text []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}):
		return binary.LittleEndian
	case bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return binary.BigEndian
	}
	return nil
}
