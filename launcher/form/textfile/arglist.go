package textfile

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Programs in other languages give the words of a command as a list of strings:
// subprocess.run(["podman", "run", …]), exec.Command("podman", "run", …), spawn("docker",
// ["run", …]). Such a list is read where it stands; whatever in it is no plain string is
// not known.

var (
	// listHead is what a list begins with: the name of an engine, and a comma behind it.
	listHead = lazyregexp.New(`(?:["']sudo["']\s*,\s*)?["'](?:/[\w./-]*/)?(?:podman|docker|nerdctl)["']\s*,`)
	// runsList is what gives a list to the system as it is. Any other word before it may
	// change it first.
	runsList = lazyregexp.New(`(?:\bsubprocess\.(?:run|call|check_call|check_output|Popen)|\bexec\.Command|\bnew ProcessBuilder|\b(?:spawn|execFile)(?:Sync)?)\(\s*\[?\s*$`)
	// changesList is what may change the program, or the words, of a command behind its list.
	changesList = lazyregexp.New(`\bexecutable\b|\.Args\b|\bargv0\b|\.command\(`)
)

// maxList bounds one list, in bytes.
const maxList = 64 << 10

// argLists reads the lists of a program.
func argLists(s *sheet) {
	if !holdsAny(s.text, "podman", "docker", "nerdctl") {
		return
	}
	changed := changesList().MatchString(s.text)
	for from := 0; ; {
		at := listHead().FindStringIndex(s.text[from:])
		if at == nil || s.work > maxWork {
			return
		}
		start := from + at[0]
		l := listReader{sheet: s, text: s.text[:min(len(s.text), start+maxList)], from: start, at: start, p: piece{puts: puts{}}}
		ok := l.list()
		s.work += l.at - start
		from += at[1]
		if !ok {
			continue // what names an engine is open
		}
		line, _ := s.place(start)
		l.p.line, l.p.at = line, []shell.Span{{From: start, To: l.at}}
		if !s.shell(l.p) {
			continue
		}
		if from = l.at; changed || !runsList().MatchString(s.text[max(0, start-100):start]) {
			s.note(line, "what else is done with the list of words that begins there is not read")
		}
	}
}

// listReader writes a list as the line of a shell that means the same.
type listReader struct {
	*sheet
	text string
	from int // where the list begins
	at   int // what follows is not read yet
	p    piece
}

// list reads to the end of the list.
func (l *listReader) list() bool {
	for {
		l.blanks()
		if l.at >= len(l.text) {
			return false
		}
		switch c := l.text[l.at]; {
		case c == ']' || c == ')' || c == '}':
			l.at++
			return l.behind(c)
		case c == ',' || c == '[': // of spawn("docker", ["run"])
			l.at++
		case !l.word():
			return false
		}
	}
}

// behind reads what follows a list: nothing, or something that makes more words of it.
func (l *listReader) behind(closed byte) bool {
	rest := strings.TrimLeft(l.text[l.at:], " \t")
	switch {
	case closed == ')' || rest == "" || strings.ContainsAny(rest[:1], ",)];}\r\n"):
		return true
	case rest[0] == '+':
		l.add(l.at, `${more_}`)
		l.p.puts.add("${more_}", put{"more", "made by the program"})
		return true
	}
	return false // a list that is joined is read by a shell
}

// blanks passes over blanks and comments.
func (l *listReader) blanks() {
	for l.at < len(l.text) {
		switch rest := l.text[l.at:]; {
		case strings.ContainsRune(" \t\r\n", rune(rest[0])):
			l.at++
		case rest[0] == '#' || strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			l.at += n
		default:
			return
		}
	}
}

// word reads an item: a string and nothing else, or what is not known.
func (l *listReader) word() bool {
	start := l.at
	if text, ok := l.str(); ok {
		l.blanks()
		if l.at < len(l.text) && strings.IndexByte(",])}", l.text[l.at]) >= 0 {
			l.add(start, text)
			return true
		}
	}
	l.at = start
	for depth := 0; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case c == '"' || c == '\'' || c == '`':
			if _, ok := l.str(); !ok {
				return false
			}
			l.at--
		case depth == 0 && strings.IndexByte(",])}", c) >= 0:
			l.unknown(start, l.text[start:l.at])
			return true
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			depth--
		}
	}
	return false
}

// unknown adds an item that is no string: one word, or many of an unpacked list.
func (l *listReader) unknown(start int, item string) {
	if strings.HasPrefix(item, "*") || strings.Contains(item, "...") {
		l.add(start, l.standIn(item))
		return
	}
	l.add(start, `"`+l.standIn(item)+`"`)
}

// standIn is the expansion of a shell that stands for an expression.
func (l *listReader) standIn(expression string) string {
	e := "${" + identifier(expression[:min(len(expression), 30)]) + "_}"
	l.p.puts.add(e, put{strings.TrimSpace(expression), "made by the program"})
	return e
}

// add puts a word of a shell where an item stands.
func (l *listReader) add(start int, word string) {
	line, col := l.place(start)
	first, _ := l.place(l.from)
	for len(l.p.cols) < line-first+1 {
		if len(l.p.cols) > 0 {
			l.p.text += " \\\n"
		}
		l.p.cols = append(l.p.cols, 0)
	}
	begun := strings.LastIndexByte(l.p.text, '\n') + 1
	here, n := line-first, len(l.p.fills)
	if at := len(l.p.text) - begun; at == 0 {
		l.p.cols[here] = col
	} else {
		l.p.text += " "
		l.p.fills[n-1].shift = col - l.p.cols[here] - at - 1
	}
	from := len(l.p.text) - begun
	l.p.text += word
	l.p.fills = append(l.p.fills, fill{line: here, from: from, to: from + len(word)})
}
