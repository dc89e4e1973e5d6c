package yamledit

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// web is a mapping below others, with comments and lists of both styles.
const web = `# head
a:
  web:  # the first
    image: x # why
    # about it
    list:
      - one   # first
      - two
    flow: [A, "B"]  # caps
    same:
    - far
    deep: {x: 1}
    text: |
      # no comment
      line
    last: 'q'   # end

  other:
    image: y
`

func node(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return n.Content[0]
}

// TestChange: what changes stands there, and every other line as it was.
func TestChange(t *testing.T) {
	for _, c := range []struct {
		name, with string
		gone       []Place
		was, is    string // of the text; is "" is refused
	}{
		{"a new key", "new: [z]\n", nil, "    last: 'q'   # end\n", "    last: 'q'   # end\n    new: [z]\n"},
		{"a scalar", "image: z", nil, "image: x # why", "image: z # why"},
		{"a quoted scalar", `last: "r"`, nil, "'q'   #", `"r"   #`},
		{"a scalar for a block", "text: z", nil, "    text: |\n      # no comment\n      line\n", "    text: z\n"},
		{"another item", "list:\n- two\n- new\n", nil, "      - two\n", "      - two\n      - new\n"},
		{"an item gone", "", []Place{{7, 9}}, "      - one   # first\n", ""},
		{"an item for another", "list: [new]", []Place{{7, 9}}, "- one   # first", "- new"},
		{"all items gone", "", []Place{{7, 9}, {8, 9}}, "    list:\n      - one   # first\n      - two\n", ""},
		{"of a flow", "flow: [c]", []Place{{9, 12}}, `[A, "B"]  #`, `["B", c]  #`},
		{"all of a flow", "", []Place{{9, 5}}, "    flow: [A, \"B\"]  # caps\n", ""},
		{"a list as far left as its key", "same: [more]", nil, "    - far\n", "    - far\n    - more\n"},
		{"in braces", "deep: {y: 2}", nil, "", ""},
		{"a key gone", "", []Place{{4, 5}}, "    image: x # why\n", ""},
		{"elsewhere", "", []Place{{18, 12}}, "", ""},
	} {
		top := node(t, web)
		change := Change{Gone: c.gone}
		if c.with != "" {
			change.With = node(t, c.with)
		}
		text := New(strings.Split(web, "\n"))
		err := text.Change(value(value(top, "a"), "web"), change)
		lines, overlap := text.Lines()
		if want := strings.Replace(web, c.was, c.is, 1); c.was == "" {
			if err == nil {
				t.Errorf("%s is not refused:\n%s", c.name, strings.Join(lines, "\n"))
			}
		} else if err != nil || overlap != nil || strings.Join(lines, "\n") != want {
			t.Errorf("%s: %v %v\n%s", c.name, err, overlap, strings.Join(lines, "\n"))
		}
	}
}

// FuzzChange: no text makes it panic, and what it leaves is of the text.
func FuzzChange(f *testing.F) {
	f.Add(web, 4, 5)
	f.Add("a: {web: [x\n]}", 1, 5)
	f.Add("- a: &x [b]\n  c: *x", 1, 3)
	f.Fuzz(func(t *testing.T, text string, line, col int) {
		var n yaml.Node
		if yaml.Unmarshal([]byte(text), &n) != nil || len(n.Content) == 0 {
			return
		}
		with := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "web"}, {Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x"}}}}}
		changed := New(strings.Split(text, "\n"))
		if changed.Change(n.Content[0], Change{With: with, Gone: []Place{{line, col}}}) == nil {
			_, _ = changed.Lines()
		}
	})
}
