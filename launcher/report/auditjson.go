package report

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// JSON prints the audit as an indented [AuditDocument] by which no terminal can be
// driven. all adds the findings of what passed and of what does not apply; they are
// counted without it.
func (a Audit) JSON(w io.Writer, all bool) Printer { return &jsonPrinter{audit: a, to: w, all: all} }

type jsonPrinter struct {
	audit Audit
	to    io.Writer
	all   bool
	begun bool
}

// Prepare encodes a subject.
func (p *jsonPrinter) Prepare(r Result) func() error {
	text, err := indented(r.document(p.all), "    ")
	return func() error {
		if err != nil {
			return err
		}
		before := ",\n    "
		if !p.begun {
			if before, _, err = p.parts(nil); err != nil {
				return err
			}
			before, p.begun = before+"[\n    ", true
		}
		_, err := io.WriteString(p.to, before+text)
		return err
	}
}

// parts are the document in front of its results, and behind them.
func (p *jsonPrinter) parts(walked []Walked) (head, tail string, err error) {
	const results = `"results": `
	text, err := indented(AuditDocument{
		Schema: AuditSchema, Tool: p.audit.Tool, Catalogue: audit.Version,
		Standard: StandardDocument{p.audit.Standard.Name, p.audit.Standard.Digest(), p.audit.FailOn},
		Results:  []ResultDocument{}, Notes: []string{}, Walked: walked,
	}, "")
	head, tail, _ = strings.Cut(text, results+"[]")
	return head + results, tail + "\n", err
}

// End closes the document.
func (p *jsonPrinter) End() error {
	head, tail, err := p.parts(p.audit.walks())
	switch {
	case err != nil:
		return err
	case p.begun:
		tail = "\n  ]" + tail
	default:
		tail = head + "[]" + tail
	}
	_, err = io.WriteString(p.to, tail)
	return err
}

func (r Result) document(all bool) ResultDocument {
	in := r.sorted()
	m := Audit{}.measure(r, in)
	d := ResultDocument{
		Subject: container.MaskText(r.Subject), Kind: r.Kind, File: container.MaskText(r.File), Engine: container.MaskText(r.Engine),
		Identity: container.MaskText(r.Identity),
		Score:    json.Number(tenths(m.score)), ScoreRaw: json.Number(tenths(m.raw)),
		Band: m.band, Unread: r.Unread, Counts: m.Counts, Findings: []FindingDocument{}, Settings: settings(r.Spec),
		Drift: []DriftDocument{}, Absent: append([]audit.Known{}, r.Absent...), Notes: masked(r.Notes),
	}
	d.Complete = d.Counts.Open == 0
	words := r.masked()
	for _, f := range in {
		if all || f.Verdict <= audit.Waived {
			d.Findings = append(d.Findings, r.finding(f, words))
		}
	}
	for _, df := range r.Drift {
		d.Drift = append(d.Drift, DriftDocument{container.MaskText(df.Path.String()), maskedValue(df.Planned), maskedValue(df.Got), df.Evidence})
	}
	for i, k := range d.Absent {
		d.Absent[i].Subject, d.Absent[i].Setting = container.MaskText(k.Subject), container.MaskText(k.Setting)
	}
	return d
}

// masked are the words of the reading; nil where there is none.
func (r Result) masked() []string {
	if r.Reading == nil {
		return nil
	}
	return maskedWords(r.Reading)
}

func (r Result) finding(f audit.Finding, words []string) FindingDocument {
	d := FindingDocument{
		Control: f.Control.ID, Name: f.Control.Name, Title: titled(f.Control), Severity: f.Severity, Verdict: f.Verdict,
		Setting: container.MaskText(f.At.String()), Message: container.MaskText(f.Message), Fix: cmp.Or(f.Fix, f.Control.Fix), Evidence: f.Evidence,
		Origin: origins(f.Origin), References: append([]string{}, f.Control.Refs...), State: f.State,
		Words: []WordDocument{}, Fingerprint: audit.Fingerprint(r.Subject, f),
	}
	if w := f.Waiver; w != nil {
		d.Waiver = &WaiverDocument{Reason: container.MaskText(w.Reason), Owner: container.MaskText(w.Owner), Setting: w.At, Origin: w.Origin, Decided: w.Decided}
		if !w.Expires.IsZero() {
			d.Waiver.Expires = w.Expires.Format(time.DateOnly)
		}
	}
	for _, i := range r.wordsOf(f) {
		w := r.Reading.Words[i]
		d.Words = append(d.Words, WordDocument{i, words[i], r.otherFile(w), w.Line, w.Col})
	}
	return d
}

// otherFile is the file of a word that does not stand in the subject's own.
func (r Result) otherFile(w form.Word) string {
	if w.File == r.Reading.File {
		return ""
	}
	return container.MaskText(w.File)
}

// settings lists what is known of a spec, redacted.
func settings(s *container.Spec) []SettingDocument {
	out := []SettingDocument{}
	if s == nil {
		return out
	}
	for _, set := range container.Settings(s) {
		out = append(out, SettingDocument{container.MaskText(set.Path.String()), maskedValue(set.Value), set.Mark.Evidence, origins(set.Mark.Origin)})
	}
	return out
}

// origins are the places that decided a value, none as an empty list.
func origins(in []container.Origin) []container.Origin {
	out := []container.Origin{}
	for _, o := range in {
		out = append(out, container.Origin{Layer: o.Layer, File: container.MaskText(o.File), Key: container.MaskText(o.Key)})
	}
	return out
}

func masked(in []string) []string {
	out := []string{}
	for _, s := range in {
		out = append(out, container.MaskText(s))
	}
	return out
}

// maskedValue is a setting's value with what looks like a secret hidden: the rows
// have hidden what they know of before.
func maskedValue(v any) any {
	switch v := v.(type) {
	case string:
		return container.MaskText(v)
	case []string:
		return append([]string{}, container.MaskArgs(v)...)
	case container.Volume:
		for _, text := range []*string{&v.Source, &v.Upper, &v.Work, &v.Device, &v.DeviceOptions} {
			*text = container.MaskText(*text)
		}
		return v
	}
	return v
}
