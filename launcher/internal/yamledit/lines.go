package yamledit

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// extent is the lines, from 0, of what begins at a line and a column: an entry of a mapping
// or, by the column of its dash, an item. Comments behind it are what follows' own.
func (t *Text) extent(col, line int, v *yaml.Node) (from, to int) {
	from, to = line-1, line
	literal := v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	for i := line; i < len(t.lines); i++ {
		text := strings.TrimRight(t.lines[i], " \t\r")
		depth := len(text) - len(strings.TrimLeft(text, " "))
		dash := v.Kind == yaml.SequenceNode && depth == col-1 && strings.HasPrefix(text[depth:], "-") // a list may stand as far left as its key
		switch {
		case text == "", text[depth] == '#' && !(literal && depth >= col):
			continue
		case depth < col && !dash:
			return from, to
		}
		to = i + 1
	}
	return from, to
}

// put writes a node in the place of lines, so far in. The first line has head in front.
func (t *Text) put(from, to, depth int, n *yaml.Node, head string) error {
	text, err := encoded(n)
	if err != nil {
		return err
	}
	end := ""
	if strings.HasSuffix(t.lines[max(from-1, 0)], "\r") {
		end = "\r"
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		before := strings.Repeat(" ", depth)
		if i == 0 && head != "" {
			before = head
		}
		lines[i] = before + lines[i] + end
	}
	t.edits = append(t.edits, edit{from, to, lines})
	return nil
}

func encoded(n *yaml.Node) (string, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(bare(n)); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), e.Close()
}

// bare is a node without the comments that stand in the text.
func bare(n *yaml.Node) *yaml.Node {
	out := *n
	out.HeadComment, out.LineComment, out.FootComment, out.Anchor = "", "", "", ""
	out.Content = nil
	for _, c := range n.Content {
		out.Content = append(out.Content, bare(c))
	}
	return &out
}

// scalar writes a scalar in the place of another, before what follows on its line.
func (t *Text) scalar(old, with *yaml.Node) error {
	line := t.lines[old.Line-1]
	if old.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || old.Column > len(line) || with.Kind != yaml.ScalarNode || old.Anchor != "" {
		return errBraces
	}
	text, err := encoded(with)
	if err != nil || strings.Contains(text, "\n") {
		return errBraces
	}
	rest := line[old.Column-1:]
	n := written(rest, old)
	if n == 0 {
		return errBraces
	}
	t.edits = append(t.edits, edit{old.Line - 1, old.Line, []string{line[:old.Column-1] + text + rest[n:]}})
	return nil
}

// written is how many bytes of a line a scalar takes; 0 is not known.
func written(rest string, n *yaml.Node) int {
	for _, raw := range []string{n.Value, `"` + n.Value + `"`, "'" + n.Value + "'"} {
		if strings.HasPrefix(rest, raw) {
			return len(raw)
		}
	}
	return 0
}

// items changes the items of a sequence; empty tells that none is left.
func (t *Text) items(n *yaml.Node, c Change) (empty bool, err error) {
	more := missing(c.With, n, c.Gone)
	left, last := 0, -1
	for i, item := range n.Content {
		gone := len(within(c.Gone, n, i)) > 0
		switch {
		case c.Swap[Of(item)] != nil:
			if err := t.scalar(item, c.Swap[Of(item)]); err != nil {
				return false, err
			}
		case gone && len(more) > 0 && left == 0 && last < 0: // the first that goes makes room
			from, to, col := t.item(item)
			if err := t.put(from, to, col-1, &yaml.Node{Kind: yaml.SequenceNode, Content: more}, ""); err != nil {
				return false, err
			}
			more, last = nil, i
		case gone:
			from, to, _ := t.item(item)
			t.edits = append(t.edits, edit{from, to, nil})
			continue
		}
		left++
	}
	if len(more) == 0 {
		return left == 0, nil
	}
	_, to, col := t.item(n.Content[len(n.Content)-1])
	return false, t.put(to, to, col-1, &yaml.Node{Kind: yaml.SequenceNode, Content: more}, "")
}

// item is the lines of an item, and the column of its dash.
func (t *Text) item(n *yaml.Node) (from, to, col int) {
	dash := strings.LastIndexByte(t.lines[n.Line-1][:n.Column-1], '-')
	from, to = t.extent(dash+1, n.Line, &yaml.Node{Style: n.Style})
	return from, to, dash + 1
}

// missing are the items of with that n has not, but among those that go.
func missing(with, n *yaml.Node, gone []Place) []*yaml.Node {
	if with == nil {
		return nil
	}
	var out []*yaml.Node
	for _, w := range with.Content {
		there := false
		for i, item := range n.Content {
			there = there || w.Kind == yaml.ScalarNode && item.Kind == yaml.ScalarNode && item.Value == w.Value && len(within(gone, n, i)) == 0
		}
		if !there {
			out = append(out, w)
		}
	}
	return out
}

// flow changes a list in brackets on one line.
func (t *Text) flow(n *yaml.Node, c Change) (empty bool, err error) {
	line := t.lines[n.Line-1]
	rest := line[n.Column-1:]
	end := strings.LastIndexByte(rest, ']')
	if comment := strings.Index(rest, " #"); comment >= 0 {
		end = strings.LastIndexByte(rest[:comment], ']')
	}
	if end < 0 || n.Anchor != "" || slices.ContainsFunc(n.Content, func(i *yaml.Node) bool { return i.Kind != yaml.ScalarNode || i.Line != n.Line }) {
		return false, errBraces
	}
	out := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for i, item := range n.Content {
		switch {
		case c.Swap[Of(item)] != nil:
			out.Content = append(out.Content, c.Swap[Of(item)])
		case len(within(c.Gone, n, i)) == 0:
			out.Content = append(out.Content, item)
		}
	}
	out.Content = append(out.Content, missing(c.With, n, c.Gone)...)
	if len(out.Content) == 0 {
		return true, nil
	}
	text, err := encoded(out)
	if err != nil || strings.Contains(text, "\n") {
		return false, errBraces
	}
	t.edits = append(t.edits, edit{n.Line - 1, n.Line, []string{line[:n.Column-1] + text + rest[end+1:]}})
	return false, nil
}
