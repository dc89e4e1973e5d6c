package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/report"
)

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "plain": 5, "größe": 5, "模型": 4, "ｗｉｄｅ": 8, "e\u0301": 1, "🚀": 2, "한": 2, "\u1112\u1161\u11ab": 2,
		"\x1b[31mred\x1b[0m": 3, "\xff\xfe": 2, "a\u20dd": 1,
	} {
		if got := report.Columns(text); got != want {
			t.Errorf("%q takes %d columns, not %d", text, got, want)
		}
	}
}

// Lines end at blanks; a script without blanks ends behind any of its characters.
func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  []string
	}{
		{"a b", 0, []string{"a b"}},
		{"", 5, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"a sha256:0123456789 b", 8, []string{"a", "sha256:0123456789", "b"}},
		{"模型 模型", 7, []string{"模型", "模型"}},
		{"模型模型模型", 5, []string{"模型", "模型", "模型"}},
		{"\x1b[31mred\x1b[0m hot", 7, []string{"\x1b[31mred\x1b[0m hot"}},
	} {
		if got := report.Wrap(tt.text, tt.width); !slices.Equal(got, tt.want) {
			t.Errorf("%q at %d: %q", tt.text, tt.width, got)
		}
	}
}

// Only the colours of reports come through, and none that is half written.
func TestEscapePainted(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[31mred\x1b[0m\n":   "\x1b[31mred\x1b[0m\n",
		"\x1b[2J\x1b[31":         `\u001b[2J\u001b[31`,
		"\x1b]0;t\a\x1b[1mx":     `\u001b]0;t` + `\u0007` + "\x1b[1mx",
		"\x1b[31;5m\x1b\x1b[32m": `\u001b[31;5m\u001b` + "\x1b[32m",
	} {
		if got := report.EscapePainted(in); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
}

func profiles() report.List {
	return report.List{Arch: "amd64", Profiles: []report.Profile{
		{Name: "a-profile-with-a-name-of-forty-characters", Kind: "server", Layer: "project", Archs: []string{"amd64", "arm64", "ppc64le", "s390x"},
			About: "what it is, in so many words that they have no room beside all the others", Available: true},
		{Name: "模型", Kind: "job", Layer: "built-in", Archs: []string{"s390x"}, About: "\x1b[31mhostile\x1b[0m"},
	}}
}

// On a screen every word is whole, no line is wider but by one word, and columns
// stand where they began.
func TestTableFits(t *testing.T) {
	for width := 44; width < 160; width += 7 {
		var b strings.Builder
		if err := profiles().Text(&b, report.Screen{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := report.Columns(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
		words := strings.Fields(b.String())
		for _, p := range profiles().Profiles {
			for _, w := range append(p.Archs, p.Name, p.Layer) {
				if !slices.Contains(words, w) {
					t.Errorf("at %d columns %q is not whole:\n%s", width, w, b.String())
				}
			}
		}
	}
}

// Columns stay where they are on a narrow screen, however long a word of theirs is.
func TestNarrowColumns(t *testing.T) {
	line := func(key string, value any, origin ...container.Origin) report.Line {
		return report.Line{Setting: container.Path{Key: key}, Value: value, Origins: origin}
	}
	name := container.Path{Key: "label", Elem: "io.zlaunch.profiles"}
	p := report.Plan{Settings: []report.Line{
		{Setting: name, Value: "--model-repository=/models", Origins: []container.Origin{{File: "profiles/triton.toml", Key: "arch.amd64.container.image"}}},
		line("memory_swap", "8g", container.Origin{Layer: container.LayerDerived, Key: "from memory"}, container.Origin{}, container.Origin{}),
	}}
	var b strings.Builder
	if err := p.Text(&b, report.Screen{Width: 80}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	at := strings.Index(lines[2], "ORIGIN") // below the verdict
	for _, line := range lines {
		if strings.HasPrefix(line, "memory_swap") && strings.Index(line, "derived:") != at {
			t.Errorf("not at %d:\n%s", at, b.String())
		}
	}
}

// A word too wide for its column puts the next one below the whole cell, not between its
// lines.
func TestNarrowColumnsBelow(t *testing.T) {
	p := report.Plan{Settings: []report.Line{
		{Setting: container.Path{Key: "label", Elem: "io.zlaunch.profiles"}, Value: "x", Origins: []container.Origin{{File: "profiles/triton.toml", Key: "arch.amd64.container.image"}}},
		{Setting: container.Path{Key: "args"}, Value: []string{"server", "--model-repository=/models", "--exit-on-error=true"}, Origins: []container.Origin{{File: "profiles/triton.toml", Key: "container.args"}}},
	}}
	var b strings.Builder
	if err := p.Text(&b, report.Screen{Width: 80}); err != nil {
		t.Fatal(err)
	}
	_, args, _ := strings.Cut(b.String(), "\nargs")
	if want := []string{"server", "--model-repository=/models", "--exit-on-error=true", "profiles/triton.toml:", "container.args"}; !slices.Equal(strings.Fields(args), want) {
		t.Errorf("%q\n%s", args, b.String())
	}
}

// Colour is added to the same text, and only the report's own gets through.
func TestColorAddsToWords(t *testing.T) {
	audit := func(on report.Screen) string {
		return text(t, several(), report.TextOptions{Screen: on, Now: now, All: true})
	}
	list := func(on report.Screen) string {
		var b strings.Builder
		if err := profiles().Text(&b, on); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for name, write := range map[string]func(report.Screen) string{"audit": audit, "list": list} {
		for _, width := range []int{0, 80, 120} {
			colored := write(report.Screen{Width: width, Color: true})
			if !strings.Contains(colored, "\x1b[") {
				t.Errorf("%s at %d has no colour", name, width)
			}
			if name == "audit" && !strings.Contains(colored, "\x1b[1mCONTROL") {
				t.Errorf("%s at %d: its header has colour in part", name, width)
			}
			if strings.Contains(colored, "\x1b[31mhostile") {
				t.Errorf("%s at %d: text from outside has a colour", name, width)
			}
			bare := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "").Replace(colored)
			if trimmed(bare) != trimmed(write(report.Screen{Width: width})) {
				t.Errorf("%s at %d says something else in colour:\n%s", name, width, bare)
			}
		}
	}
}

func trimmed(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		out = append(out, strings.TrimRight(line, " \n"))
	}
	return strings.Join(out, "\n")
}

func FuzzWrap(f *testing.F) {
	f.Add("one two 模型\x1b[31m \xff", 5)
	f.Fuzz(func(t *testing.T, s string, width int) {
		if got := strings.Join(report.Wrap(s, width%100), ""); strings.Join(strings.Fields(got), "") != strings.Join(strings.Fields(s), "") {
			t.Errorf("%q became %q", s, got)
		}
	})
}
