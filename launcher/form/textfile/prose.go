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
	(&lineReader{sheet: s, of: behindPrompt}).piece(piece{text: s.text, line: 1}.filledByHand().untemplated())
	argLists(s)
	inPieces(s)
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

// lineReader reads the lines that begin with a run, with those in which they go on. Each
// is a script of its own, which knows nothing of what stands before it.
type lineReader struct {
	*sheet
	of   typed
	done map[int]bool // lines that are passed over
}

// piece reads the lines of a piece.
func (r *lineReader) piece(p piece) {
	lines := strings.Split(p.text, "\n")
	for i := 0; i < len(lines); {
		from, to := 0, 0
		if !r.done[p.line+i] && maybeRun(lines[i]) {
			from, to = r.of(lines[i])
		}
		code := lines[i][from:to]
		if code == "" || !lineRun().MatchString(code) {
			i++
			continue
		}
		more := continuation(code)
		one, text := piece{line: p.line + i, puts: p.puts}, []string{}
		for goesOn := true; goesOn && i < len(lines); i++ {
			goesOn = strings.HasSuffix(code, more)
			text, one.cols = append(text, asTyped(r.file, code, more)), append(one.cols, p.col(i)+from)
			one.at = append(one.at, r.between(p.line+i-1, p.line+i))
			if from = 0; i+1 < len(lines) {
				code = strings.TrimRight(lines[i+1], "\r")
			}
		}
		one.text = strings.Join(text, "\n")
		if r.work += len(one.text); r.work < maxWork && len(r.runs) < shell.MaxRuns && shell.Takes([]byte(one.text)) == nil {
			r.script(one)
		}
	}
}

// pieces are what a shell, and others, take away in the middle of a word.
var pieces = strings.NewReplacer("'", "", `"`, "", `\`, "")

// inPieces opens the lines that name an engine in pieces: p"od"man.
func inPieces(s *sheet) {
	for i, line := range s.lines {
		if strings.ContainsAny(line, `'"\`) && len(shell.Mentions(pieces.Replace(line), nil)) > len(shell.Mentions(line, nil)) {
			s.note(i+1, "an engine is named in pieces, and what is done with it is not read")
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
func asTyped(file, line, more string) string {
	ext := strings.ToLower(path.Ext(file))
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

// quoted reads the lines of a text that begin with a run and that a shell, which takes the
// text, takes for a part of a word: of prose, what stands between two apostrophes.
func quoted(s *sheet) {
	if !strings.ContainsAny(s.text, `'"`) {
		return
	}
	r := &lineReader{sheet: s, of: behindPrompt, done: map[int]bool{}}
	for _, had := range s.runs {
		for _, w := range had.Words {
			r.done[w.Line] = true
		}
	}
	for i, line := range s.lines {
		r.done[i+1] = r.done[i+1] || !maybeRun(line) || !runPhrase().MatchString(line)
	}
	r.piece(piece{text: s.text, line: 1}.filledByHand())
}
