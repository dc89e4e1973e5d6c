package shell

import "github.com/zlaunch/zlaunch/launcher/form/command"
import "strings"

// join puts words together.
func join(ws []command.Word, sep string) command.Word {
	var out command.Word
	var b strings.Builder
	for i, w := range ws {
		if i > 0 {
			b.WriteString(sep)
		}
		for _, s := range w.Spans {
			s.From, s.To = s.From+b.Len(), s.To+b.Len()
			out.Spans = append(out.Spans, s)
		}
		b.WriteString(w.Text)
		out.Parts = out.Parts || w.Parts
	}
	out.Text, out.Followed = b.String(), true
	return out
}

// fields is what a shell makes of an unquoted value: the words between blanks.
func fields(w command.Word) []command.Word {
	var out []command.Word
	for i := 0; i < len(w.Text); {
		for i < len(w.Text) && blank(w.Text[i]) && !covered(&w, i) {
			i++
		}
		from := i
		for i < len(w.Text) && (!blank(w.Text[i]) || covered(&w, i)) {
			i++
		}
		if i > from {
			out = append(out, part(&w, from, i))
		}
	}
	return out
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func covered(w *command.Word, i int) bool { return len(w.Spans) > 0 && w.Whole().Inside(i) }

// part is a piece of an unquoted value, in which a shell looks for patterns.
func part(w *command.Word, from, to int) command.Word {
	out := command.Word{Text: w.Text[from:to], Followed: true}
	for k := w.After(from); k < len(w.Spans) && w.Spans[k].From < to; k++ {
		s := w.Spans[k]
		s.From, s.To = s.From-from, s.To-from
		out.Spans, out.Parts = append(out.Spans, s), true
	}
	for _, at := range w.Homes {
		if at >= from && at < to {
			out.Homes = append(out.Homes, at-from)
		}
	}
	if i := strings.IndexAny(out.Text, "*?"); i >= 0 && len(out.Spans) == 0 {
		out.Spans, out.Parts = []command.Expansion{{From: i, To: i + 1, Name: out.Text[i : i+1]}}, true
	}
	return out
}

func bytesOf(value []command.Word) (n int) {
	for _, w := range value {
		n += len(w.Text) + 1
	}
	return n
}
