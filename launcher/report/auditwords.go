package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// maskedWords are the words of a run as they may be shown, index by index: what a row
// hides of its settings is hidden in the words that state them, and so is what
// looks like a secret anywhere.
func maskedWords(r *form.Reading) []string {
	texts := make([]string, len(r.Words))
	for i, w := range r.Words {
		texts[i] = w.Text
	}
	out := container.MaskArgs(texts)
	for i, end := range hiding(r) {
		if end >= 0 {
			out[i] = container.MaskText(texts[i][:end]) + container.Redacted
		}
	}
	return out
}

// envWord matches an option that sets a variable up to its value, in a word or in
// the text of a unit's key. envOption is one that has its variable behind it. The
// letters are podman-run's short options without a value.
var (
	envWord   = lazyregexp.New(`(^Environment|^environment: |(^|[\s=])(--env[ =]|-[diPqt]*e[ =]?))=?["']?[A-Za-z_][A-Za-z0-9_.-]*=`)
	envOption = lazyregexp.New(`^(--env|-[diPqt]*e)$`)
)

// hiding tells for each word from which byte on it holds a value that is hidden:
// that of a variable, whether it counts in the end or not, and what the rows of
// the settings hide; -1 is nowhere.
func hiding(r *form.Reading) []int {
	ends := make([]int, len(r.Words))
	for i, w := range r.Words {
		ends[i] = -1
		if m := envWord().FindStringIndex(w.Text); m != nil {
			ends[i] = m[1]
		} else if i > 0 && envOption().MatchString(r.Words[i-1].Text) {
			ends[i] = valueAt(w.Text, "")
		}
	}
	if r.Spec == nil {
		return ends
	}
	for _, set := range container.Settings(r.Spec) {
		if v, ok := set.Value.(string); !ok || v != container.Redacted {
			continue
		}
		for _, i := range r.At[set.Path] {
			if i < 0 || i >= len(ends) {
				continue
			}
			if end := valueAt(r.Words[i].Text, set.Path.Elem); end >= 0 && (ends[i] < 0 || end < ends[i]) {
				ends[i] = end
			}
		}
	}
	return ends
}

// valueAt is where the value of NAME=VALUE begins in a word; -1 where there is
// none. A name that is written in another way is taken to end at the first '='.
func valueAt(word, name string) int {
	if i := strings.Index(word, name+"="); i >= 0 {
		return i + len(name) + 1
	}
	if i := strings.IndexByte(word, '='); i >= 0 {
		return i + 1
	}
	return -1
}

// wordsOf are the words that decided what a finding is about.
func (r Result) wordsOf(f audit.Finding) []int {
	if r.Reading == nil || f.At == (container.Path{}) {
		return nil
	}
	at, ok := r.Reading.At[f.At]
	if !ok {
		at = r.Reading.At[container.Path{Key: f.At.Key}]
	}
	return slices.DeleteFunc(slices.Clone(at), func(i int) bool { return i < 0 || i >= len(r.Reading.Words) })
}

// ofLines tells that the words of what was read are its lines: of a unit, a manifest, or a
// Compose file.
func (r Result) ofLines() bool {
	return r.Kind == "unit" || r.Kind == "manifest" || r.Kind == "compose"
}

// line is where a unit says what a finding is about, and that line. The words of
// a command line are underlined instead.
func (r Result) line(f audit.Finding, words []string) []string {
	if !r.ofLines() {
		return nil
	}
	var out []string
	for _, i := range r.wordsOf(f) {
		w := r.Reading.Words[i]
		out = append(out, fmt.Sprintf("%s:%d: %s", r.fileOf(w), w.Line, words[i]))
	}
	return slices.Compact(out)
}

// fileOf is the file a word stands in.
func (r Result) fileOf(w form.Word) string {
	if w.File != "" && w.File != r.Reading.File {
		return w.File
	}
	return cmp.Or(r.File, r.Subject)
}
