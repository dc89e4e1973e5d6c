package textfile

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Bounds of what goldmark is given: its time grows with the depth of what is nested
// times the length.
const (
	maxMarkdown = 1 << 20 // bytes
	maxMarkers  = 200     // bytes of '>', bullets and blanks in front of a line
)

// readMarkdown reads the blocks and spans of code. What is prose runs nothing,
// unless it names a run word for word, as one that is pasted.
func readMarkdown(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	if len(s.text) > maxMarkdown || slices.ContainsFunc(s.lines, tooDeep) {
		return nil // what names an engine is open
	}
	m := &markdownReader{sheet: s, source: []byte(s.text)}
	// An error of Walk is one of the walker, which has none.
	_ = ast.Walk(markdownParser().Parse(text.NewReader(m.source)), m.node)
	m.prose()
	return nil
}

func tooDeep(line string) bool {
	rest := strings.TrimLeft(line, " \t>*+-0123456789.)")
	return len(line)-len(rest) > maxMarkers
}

// markdownParser knows CommonMark's blocks, and of the rest spans of code alone.
func markdownParser() parser.Parser {
	return parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(util.Prioritized(parser.NewCodeSpanParser(), 100)),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))
}

type markdownReader struct {
	*sheet
	source []byte       // the text, as goldmark wants it
	unread []shell.Span // what is no prose, and not read
}

func (m *markdownReader) node(n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	switch n := n.(type) {
	case *ast.FencedCodeBlock:
		m.fenced(n)
	case *ast.CodeBlock:
		m.block(n.Lines(), "")
	case *ast.HTMLBlock:
		m.leave(n.Lines())
		if n.HasClosure() {
			m.unread = append(m.unread, shell.Span{From: n.ClosureLine.Start, To: n.ClosureLine.Stop})
		}
	case *ast.CodeSpan:
		m.span(n)
		return ast.WalkSkipChildren, nil
	}
	return ast.WalkContinue, nil
}

func (m *markdownReader) leave(lines *text.Segments) {
	for _, l := range lines.Sliced(0, lines.Len()) {
		m.unread = append(m.unread, shell.Span{From: l.Start, To: l.Stop})
	}
}

// shellInfo are the words behind a fence that mean shell, or nothing at all.
var shellInfo = strings.Fields(`sh bash shell zsh ksh dash console shell-session shellsession sh-session terminal
	text txt plaintext plain none command`)

// windowsInfo are those that mean the shells of Windows.
var windowsInfo = strings.Fields("powershell pwsh ps ps1 cmd bat batch batchfile dos")

func (m *markdownReader) fenced(n *ast.FencedCodeBlock) {
	info := strings.ToLower(string(n.Language(m.source)))
	info = strings.Trim(strings.TrimPrefix(info, "{."), "{}.")
	switch {
	case info == "" || slices.Contains(shellInfo, info):
		m.block(n.Lines(), info)
	case slices.Contains([]string{"yaml", "yml", "json"}, info) && n.Lines().Len() > 0:
		first := n.Lines().At(0)
		line, col := m.place(first.Start)
		d := &documentReader{sheet: m.sheet, base: line - 1, indent: col}
		if d.parse(string(n.Lines().Value(m.source))) != nil {
			m.leave(n.Lines())
		}
	case slices.Contains(windowsInfo, info) && n.Lines().Len() > 0:
		m.leave(n.Lines())
		line, col := m.place(n.Lines().At(0).Start)
		(&lineReader{sheet: m.sheet, of: behindPrompt}).piece(piece{text: string(n.Lines().Value(m.source)), line: line, cols: []int{col}}.filledByHand())
	default:
		m.leave(n.Lines())
	}
}

// block reads a block of code line by line, without the prompts of a console.
func (m *markdownReader) block(lines *text.Segments, info string) {
	if lines.Len() == 0 {
		return
	}
	b := consoleOf(m.text, lines, info)
	p := piece{}
	p.line, _ = m.place(lines.At(0).Start)
	var text strings.Builder
	for _, l := range lines.Sliced(0, lines.Len()) {
		line := strings.TrimRight(m.text[l.Start:l.Stop], "\r\n")
		_, col := m.place(l.Start)
		code, skip := b.line(line)
		text.WriteString(strings.Repeat(" ", l.Padding) + code + "\n")
		p.cols = append(p.cols, col+skip-l.Padding)
		if span := (shell.Span{From: l.Start, To: l.Stop}); code != "" || line == "" {
			p.at = append(p.at, span)
		} else {
			m.unread = append(m.unread, span)
		}
	}
	p.text = text.String()
	if p = p.filledByHand(); strings.Contains(p.text, " ^\n") || strings.Contains(p.text, " `\n") {
		m.unread = append(m.unread, p.at...)
		(&lineReader{sheet: m.sheet, of: behindPrompt}).piece(p)
	} else if !m.shell(p) {
		m.unread = append(m.unread, p.at...)
	}
}

// console is a block of code while its lines are told apart.
type console struct {
	prompts bool // there are prompts: a line without one is what a program printed
	root    bool // '#' is a prompt, and begins no comment
	goesOn  bool // the line before ended in a backslash
}

// prompt is what stands before a command in a console: of bash, of zsh with themes, of
// PowerShell and cmd.exe.
var prompt = lazyregexp.New(`^\s*(?:(\([\w.-]+\)\s*)?(\[?[\w.-]+@[\w.-]+[^$#%>]{0,60}\]?\s*)?[$%❯➜](\s+~\S*)?\s+|` +
	`~\S*\s[^$#%>|;&]{0,40}❯\s+|(PS\s+)?[A-Z]:\\[^>|&;]{0,100}>\s*)`)

// rootPrompt is that of root.
var rootPrompt = lazyregexp.New(`^\s*(\[?[\w.-]+@[\w.-]+[^$#%>]{0,60}\]?\s*)?#\s+`)

func consoleOf(source string, lines *text.Segments, info string) console {
	c := console{root: strings.Contains(info, "console") || strings.Contains(info, "session") || info == "terminal"}
	for _, l := range lines.Sliced(0, lines.Len()) {
		line := source[l.Start:l.Stop]
		c.prompts = c.prompts || prompt().MatchString(line) || c.root && rootPrompt().MatchString(line)
	}
	return c
}

// line is what of a line is shell, and how many bytes stand before it.
func (c *console) line(line string) (shell string, skip int) {
	at := prompt().FindStringIndex(line)
	if at == nil && (c.root || c.prompts) {
		at = rootPrompt().FindStringIndex(line)
	}
	switch {
	case at != nil:
		shell, skip = line[at[1]:], at[1]
	case c.goesOn:
		more := strings.TrimPrefix(strings.TrimLeft(line, " \t"), "> ")
		shell, skip = more, len(line)-len(more)
	case c.prompts:
		return "", 0
	default:
		shell = line
	}
	c.goesOn = strings.HasSuffix(shell, `\`)
	return shell, skip
}

// span reads a span of code that holds more than a name.
func (m *markdownReader) span(n *ast.CodeSpan) {
	var p piece
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		t, ok := c.(*ast.Text)
		if !ok {
			continue
		}
		line, col := m.place(t.Segment.Start)
		if p.text == "" {
			p.line = line
		}
		p.text += m.text[t.Segment.Start:t.Segment.Stop]
		p.cols = append(p.cols, col)
		p.at = append(p.at, shell.Span{From: t.Segment.Start, To: t.Segment.Stop})
	}
	if p.text == "" || !strings.ContainsAny(strings.TrimSpace(p.text), " \t\n") {
		return
	}
	if !m.shell(p.filledByHand()) {
		m.unread = append(m.unread, p.at...)
	}
}

// runPhrase is a run in prose.
var runPhrase = lazyregexp.New(`\b(podman|docker|nerdctl)(\s+-\S+(\s+[\w./:=-]+)?)*\s+(container\s+)?` +
	`(run|create|exec|start|play|kube|pod|compose|stack|service)\s+[-\w"'$/]`)

// prose marks as harmless all that is no code, but for the lines that name a run.
func (m *markdownReader) prose() {
	was := shell.CoverOf(m.read)
	for _, at := range runPhrase().FindAllStringIndex(m.text, -1) {
		if !was.Holds(at[0]) {
			m.unread = append(m.unread, shell.Span{From: at[0], To: at[1]})
		}
	}
	slices.SortFunc(m.unread, func(a, b shell.Span) int { return a.From - b.From })
	from := 0
	for _, s := range m.unread {
		if s.From > from {
			m.harmless(shell.Span{From: from, To: s.From})
		}
		from = max(from, s.To)
	}
	m.harmless(shell.Span{From: from, To: len(m.text)})
}
