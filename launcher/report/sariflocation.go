package report

import (
	"net/url"
	"strings"
	"unicode/utf16"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// source is where the findings of a subject stand: a file with lines, a command
// line that the report itself carries, or a container by its name.
type source struct {
	r    Result
	line string   // a command line of no file, masked
	at   []region // of each of its words, in UTF-16 code units
}

type region struct{ from, length int }

func newSource(r Result) *source {
	s := &source{r: r}
	if r.Reading == nil || r.File != "" {
		return s
	}
	var b strings.Builder
	units := 0
	for i, text := range maskedWords(r.Reading) {
		if i > 0 {
			b.WriteByte(' ')
			units++
		}
		text = Escape(text)
		n := utf16Len(text)
		b.WriteString(text)
		s.at = append(s.at, region{units, n})
		units += n
	}
	s.line = b.String()
	return s
}

func utf16Len(s string) int { return len(utf16.Encode([]rune(s))) }

// artifacts are the command line, where there is no file.
func (s *source) artifacts() []sarifArtifact {
	switch {
	case s.at != nil:
		return []sarifArtifact{{Location: &sarifArtifactLocation{URI: s.uri()}, Roles: []string{"analysisTarget"}, Contents: &sarifContents{s.line},
			Description: &sarifText{Text: "the command line, one word after the other, secrets hidden"}}}
	case s.r.File != "":
		return []sarifArtifact{{Location: &sarifArtifactLocation{URI: s.uri()}, Roles: []string{"analysisTarget"}}}
	}
	return nil
}

// uri is the relative reference of the file, or of the command line by its
// subject.
func (s *source) uri() string {
	if s.r.File != "" {
		return fileURI(s.r.File)
	}
	return fileURI(s.r.Subject)
}

// locations say where a finding stands; an option and its value on one line are one
// place.
func (s *source) locations(f audit.Finding) []sarifLocation {
	var out []sarifLocation
	at := sarifArtifactLocation{URI: s.uri()}
	before := -2
	for _, i := range s.r.wordsOf(f) {
		next := &sarifPhysical{at, s.region(i)}
		if other := s.r.otherFile(s.r.Reading.Words[i]); other != "" {
			next.Artifact.URI = fileURI(other)
		}
		if i != before+1 || !out[len(out)-1].Physical.join(next) {
			out = append(out, sarifLocation{Physical: next})
		}
		before = i
	}
	if s.r.Reading == nil {
		return s.logical(f)
	}
	if len(out) == 0 {
		out = append(out, sarifLocation{Physical: &sarifPhysical{at, &sarifRegion{StartLine: s.start()}}})
	}
	return out
}

// join lets a place reach to the end of the word behind it, and tells whether it does:
// it must know its own end, and stand on the same line.
func (p *sarifPhysical) join(next *sarifPhysical) bool {
	r, n := p.Region, next.Region
	if p.Artifact != next.Artifact || r.StartLine != n.StartLine || r.EndColumn == 0 || n.EndColumn <= r.EndColumn {
		return false
	}
	r.EndColumn = n.EndColumn
	if r.CharOffset != nil {
		r.CharLength = *n.CharOffset + n.CharLength - *r.CharOffset
	}
	return true
}

// start is the line of the run in its file.
func (s *source) start() int {
	if w := s.r.Reading.Words; len(w) > 0 {
		return max(1, w[0].Line)
	}
	return 1
}

// region is where a word stands.
func (s *source) region(i int) *sarifRegion {
	if s.at != nil {
		from := s.at[i].from
		return &sarifRegion{StartLine: 1, StartColumn: from + 1, EndColumn: from + 1 + s.at[i].length, CharOffset: &from, CharLength: s.at[i].length}
	}
	w := s.r.Reading.Words[i]
	out := &sarifRegion{StartLine: max(1, w.Line)}
	lines := s.r.Reading.Lines
	if s.r.otherFile(w) != "" || w.Line < 1 || w.Line > len(lines) || w.Col < 1 || w.Col > len(lines[w.Line-1]) {
		return out
	}
	before, rest := lines[w.Line-1][:w.Col-1], lines[w.Line-1][w.Col-1:]
	out.StartColumn = utf16Len(before) + 1
	if strings.HasPrefix(rest, w.Raw) {
		out.EndColumn = out.StartColumn + utf16Len(w.Raw)
	}
	return out
}

// logical is the place of a finding in what has no text: a setting of a container
// or plan, and the file it stands in, which GitHub wants.
func (s *source) logical(f audit.Finding) []sarifLocation {
	name := "podman://" + url.PathEscape(container.MaskText(s.r.Subject))
	if f.At != (container.Path{}) {
		name += "#" + url.QueryEscape(container.MaskText(f.At.String()))
	}
	loc := sarifLocation{Logical: []sarifLogical{{name, "resource"}}}
	switch {
	case s.r.Kind == "plan" && len(f.Origin) > 0 && f.Origin[0].File != "":
		loc.Physical = &sarifPhysical{Artifact: sarifArtifactLocation{URI: fileURI(f.Origin[0].File)}}
	case s.r.File != "":
		loc.Physical = &sarifPhysical{Artifact: sarifArtifactLocation{URI: fileURI(s.r.File)}}
	}
	return []sarifLocation{loc}
}

// fileURI is a file's URI: relative where the file is, percent-encoded.
func fileURI(file string) string {
	parts := strings.Split(strings.TrimPrefix(container.MaskText(file), "./"), "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(p), ":", "%3A")
	}
	out := strings.Join(parts, "/")
	if strings.HasPrefix(out, "/") {
		return "file://" + out
	}
	return out
}
