package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// indented is v as [printing] encodes it, indented behind prefix but for its first line.
func indented(v any, prefix string) (string, error) {
	data, err := printing(v)
	if err != nil {
		return "", fmt.Errorf("writing JSON: %w", err)
	}
	var b bytes.Buffer
	err = json.Indent(&b, data, prefix, "  ")
	return b.String(), err
}

// printing encodes v as JSON in which every character that does not print stands
// as \u: what is read from it is the same, and no terminal can be driven by it.
func printing(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if !bytes.ContainsFunc(data, func(r rune) bool { return !prints(r) }) {
		return data, nil
	}
	var b bytes.Buffer
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case prints(r) || r == utf8.RuneError && n == len("\uFFFD"):
			b.Write(data[:n])
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		data = data[n:]
	}
	return b.Bytes(), nil
}
