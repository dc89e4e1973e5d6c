package command

import "strings"

// join puts words together.
func join(ws []word, sep string) word {
	var out word
	var b strings.Builder
	for i, w := range ws {
		if i > 0 {
			b.WriteString(sep)
		}
		for _, s := range w.spans {
			s.from, s.to = s.from+b.Len(), s.to+b.Len()
			out.spans = append(out.spans, s)
		}
		b.WriteString(w.text)
		out.parts = out.parts || w.parts
	}
	out.text, out.followed = b.String(), true
	return out
}

// fields is what a shell makes of an unquoted value: the words between blanks.
func fields(w word) []word {
	var out []word
	for i := 0; i < len(w.text); {
		for i < len(w.text) && blank(w.text[i]) && !covered(&w, i) {
			i++
		}
		from := i
		for i < len(w.text) && (!blank(w.text[i]) || covered(&w, i)) {
			i++
		}
		if i > from {
			out = append(out, part(&w, from, i))
		}
	}
	return out
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func covered(w *word, i int) bool { return len(w.spans) > 0 && w.whole().inside(i) }

// part is a piece of an unquoted value, in which a shell looks for patterns.
func part(w *word, from, to int) word {
	out := word{text: w.text[from:to], followed: true}
	for k := w.after(from); k < len(w.spans) && w.spans[k].from < to; k++ {
		s := w.spans[k]
		s.from, s.to = s.from-from, s.to-from
		out.spans, out.parts = append(out.spans, s), true
	}
	for _, at := range w.homes {
		if at >= from && at < to {
			out.homes = append(out.homes, at-from)
		}
	}
	if i := strings.IndexAny(out.text, "*?"); i >= 0 && len(out.spans) == 0 {
		out.spans, out.parts = []span{{from: i, to: i + 1, name: out.text[i : i+1]}}, true
	}
	return out
}

func bytesOf(value []word) (n int) {
	for _, w := range value {
		n += len(w.text) + 1
	}
	return n
}

// whollyUnknown tells whether a word is nothing but one thing that a shell fills in.
func (w *word) whollyUnknown() bool {
	return len(w.spans) == 1 && w.spans[0].from == 0 && w.spans[0].to == len(w.text) && len(w.text) > 0
}
