package textfile

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// readProse reads a text that is no shell's as a whole - prose, marked up in whatever way,
// or a program in another language: the lines that begin with a run. What else names an
// engine in it is open.
func readProse(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	s.foreign = true
	s.byLine(piece{text: untemplated(filledByHand(s.text)), line: 1}, behindPrompt)
	s.inPieces(piece{text: s.text, line: 1})
	s.describes(descriptions)
	return nil
}

// lineRun is a line that begins with an engine's command, behind what starts it.
var lineRun = lazyregexp.New(`^(?:(?:sudo|exec|nohup|time|env)\s+(?:-\S+\s+)*|[A-Za-z_]\w*=\S*\s+)*(?:[\w.~-]*/[\w./~-]*)?` +
	`(?:podman|docker|nerdctl)(?:-remote|\.io|\.exe)?\s`)

// typed is what of a line may be a command: from a byte to before another.
type typed func(line string) (from, to int)

// maybeRun tells whether a line may be one of [lineRun], at the price of a look.
func maybeRun(line string) bool {
	return strings.Contains(line, "podman") || strings.Contains(line, "docker") || strings.Contains(line, "nerdctl")
}

// byLine reads the lines of a piece that begin with a run, with those in which they go on.
// Each is a script of its own, which knows nothing of what stands before it.
func (s *sheet) byLine(p piece, of typed) {
	lines := strings.Split(p.text, "\n")
	for i := 0; i < len(lines); {
		from, to := 0, 0
		if !s.done[p.line+i] && maybeRun(lines[i]) {
			from, to = of(lines[i])
		}
		code := lines[i][from:to]
		if code == "" || !lineRun().MatchString(code) {
			i++
			continue
		}
		more := continuation(code)
		one, text := piece{line: p.line + i}, []string{}
		for goesOn := true; goesOn && i < len(lines); i++ {
			goesOn = strings.HasSuffix(code, more)
			text, one.cols = append(text, s.asTyped(code, more)), append(one.cols, p.col(i)+from)
			if l := p.line + i; l <= len(s.lines) {
				one.at = append(one.at, shell.Span{From: s.starts()[l-1], To: s.starts()[l-1] + len(s.lines[l-1])})
			}
			if from = 0; i+1 < len(lines) {
				code = strings.TrimRight(lines[i+1], "\r")
			}
		}
		one.text = strings.Join(text, "\n")
		if s.work += len(one.text); s.work < maxWork && len(s.runs) < shell.MaxRuns && shell.Takes([]byte(one.text)) == nil {
			s.script(one)
		}
	}
}

// pieces are what a shell, and others, take away in the middle of a word.
var pieces = strings.NewReplacer("'", "", `"`, "", `\`, "")

// inPieces opens the lines of a piece that name an engine in pieces: p"od"man.
func (s *sheet) inPieces(p piece) {
	for i, line := range strings.Split(p.text, "\n") {
		if strings.ContainsAny(line, `'"\`) && len(shell.Mentions(pieces.Replace(line), nil)) > len(shell.Mentions(line, nil)) {
			s.note(p.line+i, "an engine is named in pieces, and what is done with it is not read")
		}
	}
}

// behindPrompt is a line without blanks and a prompt before it.
func behindPrompt(line string) (from, to int) {
	to = len(strings.TrimRight(line, "\r"))
	if at := prompt().FindStringIndex(line[:to]); at != nil {
		return at[1], to
	}
	if at := rootPrompt().FindStringIndex(line[:to]); at != nil && strings.Contains(line[:at[1]], "@") { // else it may be a comment
		return at[1], to
	}
	return to - len(strings.TrimLeft(line[:to], " \t")), to
}

// continuation is what ends a line that goes on: a shell's backslash, two of them within
// a text of another language, PowerShell's grave accent, the circumflex of cmd.exe.
func continuation(line string) string {
	for _, c := range []string{" `", " ^", ` \\`} {
		if strings.HasSuffix(line, c) {
			return c[1:]
		}
	}
	return `\`
}

// percent is a variable of cmd.exe.
var percent = lazyregexp.New(`%~?[A-Za-z_0-9][\w:~,-]*%?`)

// asTyped writes a line as a shell would take it. To the shells of Windows a backslash
// is one.
func (s *sheet) asTyped(line, more string) string {
	ext := strings.ToLower(path.Ext(s.file))
	cmd := more == "^" || ext == ".bat" || ext == ".cmd"
	if more == `\` && !cmd && ext != ".ps1" {
		return line
	}
	line, goesOn := strings.CutSuffix(line, more)
	line = strings.ReplaceAll(line, `\`, `\\`)
	if cmd {
		line = percent().ReplaceAllStringFunc(line, func(s string) string { return "$" + identifier(s[1:]) })
	}
	if goesOn {
		line += `\`
	}
	return line
}

// blankToFill is what a reader is to put a value in for: <name>.
var blankToFill = lazyregexp.New(`<[A-Za-z][\w.-]*>`)

// filledByHand writes such places as expansions of the shell that nobody else uses, of the
// same length: to a shell they are redirections.
func filledByHand(text string) string {
	if !strings.Contains(text, "<") {
		return text
	}
	return blankToFill().ReplaceAllStringFunc(text, func(s string) string { return "$" + identifier(s[1:len(s)-1]) + "_" })
}

// quoted reads the lines of a text that begin with a run and that a shell, which takes the
// text, takes for a part of a word: of prose, what stands between two apostrophes.
func (s *sheet) quoted() {
	if !strings.ContainsAny(s.text, `'"`) {
		return
	}
	s.done = map[int]bool{}
	for _, r := range s.runs {
		for _, w := range r.Words {
			s.done[w.Line] = true
		}
	}
	for i, line := range s.lines {
		s.done[i+1] = s.done[i+1] || !maybeRun(line) || !runPhrase().MatchString(line)
	}
	s.byLine(piece{text: filledByHand(s.text), line: 1}, behindPrompt)
}
