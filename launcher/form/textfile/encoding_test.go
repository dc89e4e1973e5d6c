package textfile_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/zlaunch/zlaunch/launcher/form/textfile"
)

// wide is a text in UTF-16, with its mark.
func wide(order binary.AppendByteOrder, text string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

// A text is read whatever editor wrote it, and what of it is no character is named.
func TestEncodings(t *testing.T) {
	const line = "podman run --privileged \\\n  -v /:/host x:1\n"
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	for _, c := range []struct {
		name, text  string
		line, words int    // of the run; 0 is that there is none
		open        string // in what is open
	}{
		{"crlf.sh", crlf(line), 1, 6, ""},
		{"crlf.md", crlf("Don't:\n\n```\n$ " + line + "```\n"), 4, 6, ""},
		{"crlf.mk", crlf("a:\n\t" + line), 2, 6, ""},
		{"crlf.yml", crlf("script:\n- |\n  podman run \\\n    --privileged x:1\n"), 3, 4, ""},
		{"crlf.txt", crlf("Don't:\n" + line), 2, 6, ""},
		{"crlf.ps1", crlf("# It's\npodman run `\n  --privileged x:1\n"), 2, 4, ""},
		{"crlf.crontab", crlf("@daily podman run --privileged x:1\n"), 1, 4, ""},
		{"bom.md", "\ufeff```\n" + line + "```\n", 2, 6, ""},
		{"bom.sh", "\ufeff" + line, 1, 6, "byte order mark"},
		{"bom.yml", "\ufeffscript: [podman run x:1, ls]\n", 1, 3, ""},
		{"little.ps1", wide(binary.LittleEndian, "podman run --privileged x:1\r\n"), 1, 4, ""},
		{"big.ps1", wide(binary.BigEndian, "podman run --privileged x:1\r\n"), 1, 4, ""},
		{"latin1.md", "f\xfcr\n\n```\n" + line + "```\n", 4, 6, ""},
		{"latin1.sh", "podman run -v /f\xfcr:/x x:1\n", 1, 5, "no UTF-8"},
		{"end.md", "```\npodman run x:1\n```", 2, 3, ""},
		{"nbsp.sh", "podman run\u00a0--privileged x:1\n", 0, 0, "non-breaking space (U+00A0)"},
		{"space.md", "```\n\u00a0podman run --privileged x:1\n```\n", 0, 0, "non-breaking space (U+00A0)"},
		{"dash.md", "```\npodman run \u2013privileged x:1\n```\n", 2, 4, "typographic dash (U+2013)"},
		{"quote.sh", "podman run -e \u201cA=b\u201d x:1\n", 1, 5, "typographic quote (U+201C)"},
		{"hidden.sh", "podman run \u200b--privileged x:1\n", 1, 4, "nobody sees (U+200B)"},
		{"hidden2.sh", "pod\u200bman run --privileged x:1\n", 0, 0, "nobody sees (U+200B)"},
		{"blank.sh", "podman run --privileged \\ \n  x:1\n", 1, 4, "a blank behind the backslash"},
		{"circumflex.sh", "docker run ^\n  --privileged x:1\n", 1, 3, "circumflex"},
		{"circumflex.md", "```\ndocker run ^\n  --privileged x:1\n```\n", 2, 4, ""},
		{"template.sh.j2", "podman run {{ opts }} x:1\n", 1, 6, "a template puts in"},
	} {
		runs, open, err := textfile.Read(c.name, []byte(c.text))
		said := ""
		for _, o := range open {
			said += o.Why + "\n"
		}
		at, words := 0, 0
		for _, r := range runs {
			at, words = r.Words[0].Line, len(r.Words)
			for _, o := range r.Open {
				said += o.Why + "\n"
			}
		}
		if err != nil || at != c.line || words != c.words || !strings.Contains(said, c.open) || c.open == "" && said != "" {
			t.Errorf("%s: line %d, %d words, open %q, %v", c.name, at, words, said, err)
		}
	}
	for _, text := range []string{"\x7fELF\x00podman run x", "p\x00o\x00"} {
		if _, _, err := textfile.Read("x", []byte(text)); err == nil || !strings.Contains(err.Error(), "auditing x: it holds a NUL") {
			t.Error(err)
		}
	}
}
