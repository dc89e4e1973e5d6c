package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// sarifSchema names the standard's own schema.
const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// SARIF prints the audit as SARIF 2.1.0, one run with one set of rules for all
// subjects, in the part of it that GitHub's code scanning reads. What the rule of a
// result says, or is the standard's default, the result does not say again; what is
// open but for what was not understood is a notification, for no change of the subject
// settles it. all adds it as results, and what passed, what does not apply, and what
// only the baseline knows: GitHub makes an alert of every result. It is written without
// space between its parts, for nobody reads it.
func (a Audit) SARIF(w io.Writer, all bool) Printer {
	return &sarifPrinter{audit: a, to: w, all: all, files: map[string]bool{}, used: map[*audit.Control]bool{}, lacking: map[notice][]int{}}
}

// sarifPrinter writes results as they come, and keeps what stands behind them.
type sarifPrinter struct {
	audit     Audit
	to        io.Writer
	all       bool
	begun     bool // a result is written
	artifacts []sarifArtifact
	files     map[string]bool // among the artifacts, by URI
	controls  []*audit.Control
	used      map[*audit.Control]bool
	notices   []notice
	lacking   map[notice][]int // the subjects it is said of
	names     []string
	subjects  []json.RawMessage
}

// notice is what a finding says of evidence that is missing.
type notice struct {
	control *audit.Control
	message string
}

// Prepare encodes the results of one subject.
func (p *sarifPrinter) Prepare(r Result) func() error {
	text := newSource(r)
	var results []sarifResult
	var notices []notice
	var controls []*audit.Control
	for _, f := range r.sorted() {
		if f.Verdict == audit.Open {
			notices = append(notices, notice{f.Control, message(f)})
		}
		if p.all || f.Verdict <= audit.Waived && (f.Verdict != audit.Open || f.Control == audit.InputUnderstood) {
			results, controls = append(results, r.sarifResult(f, text)), append(controls, f.Control)
		}
	}
	if p.all {
		gone, of := r.absent()
		results, controls = append(results, gone...), append(controls, of...)
	}
	encoded, err := printing(results)
	properties, also := printing(r.properties())
	return func() error {
		if err := errors.Join(err, also); err != nil {
			return fmt.Errorf("writing SARIF: %w", err)
		}
		p.names, p.subjects = append(p.names, r.Subject), append(p.subjects, properties)
		p.artifact(text)
		p.rule(controls...)
		p.lack(notices)
		if len(results) == 0 {
			return nil
		}
		return p.write(bytes.TrimSuffix(bytes.TrimPrefix(encoded, []byte("[")), []byte("]")))
	}
}

// write writes results behind those before them.
func (p *sarifPrinter) write(results []byte) error {
	before := ","
	if !p.begun {
		p.begun, before = true, `{"$schema":"`+sarifSchema+`","version":"2.1.0","runs":[{"results":[`
	}
	_, err := p.to.Write(append([]byte(before), results...))
	return err
}

// artifact adds what a subject stands in. The runs of a file share it.
func (p *sarifPrinter) artifact(text *source) {
	for _, a := range text.artifacts() {
		if !p.files[a.Location.URI] {
			p.files[a.Location.URI] = true
			p.artifacts = append(p.artifacts, a)
		}
	}
}

// rule takes controls in whose rules the run has to have.
func (p *sarifPrinter) rule(controls ...*audit.Control) {
	for _, c := range controls {
		if !p.used[c] {
			p.used[c] = true
			p.controls = append(p.controls, c)
		}
	}
}

// lack takes in what evidence the last subject lacks.
func (p *sarifPrinter) lack(in []notice) {
	for _, n := range in {
		p.rule(n.control)
		who := p.lacking[n]
		if len(who) == 0 {
			p.notices = append(p.notices, n)
		}
		if at := len(p.subjects) - 1; len(who) == 0 || who[len(who)-1] != at {
			p.lacking[n] = append(who, at)
		}
	}
}

// End writes what stands behind the results.
func (p *sarifPrinter) End() error {
	if !p.begun {
		if err := p.write(nil); err != nil {
			return err
		}
	}
	data, err := printing(p.run())
	if err != nil {
		return fmt.Errorf("writing SARIF: %w", err)
	}
	_, err = fmt.Fprintf(p.to, "],%s]}\n", data[len("{"):])
	return err
}

// run is the run without its results.
func (p *sarifPrinter) run() sarifRun {
	id := "zlaunch/audit/" // a name that ends in a slash is a category of its own
	if len(p.names) == 1 {
		id += shown(p.names[0]) + "/"
	}
	rules := sarifRules{rules: []sarifRule{}, at: map[int]int{}}
	for _, c := range p.controls {
		rules.rules = append(rules.rules, rules.rule(c))
	}
	run := sarifRun{
		AutomationDetails: sarifAutomation{id}, Invocations: []sarifInvocation{{ExecutionSuccessful: true}}, Artifacts: p.artifacts,
		RedactionTokens: []string{container.Redacted}, ColumnKind: "utf16CodeUnits",
		Properties: map[string]any{
			"catalogue": audit.Version, "standard": p.audit.Standard.Name, "standardDigest": p.audit.Standard.Digest(), "failOn": p.audit.FailOn.String(),
			"subjects": append([]json.RawMessage{}, p.subjects...),
		},
	}
	for _, n := range p.notices {
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, p.notification(n))
	}
	run.Tool.Driver = sarifDriver{Name: "zlaunch", Version: p.audit.Tool, InformationURI: "https://github.com/zlaunch/zlaunch", Rules: rules.rules,
		SupportedTaxonomies: rules.components()}
	run.Taxonomies = rules.taxonomies
	return run
}

// properties are what SARIF has no place for. Waivers, and what is unread, are told
// where there are some.
func (r Result) properties() map[string]any {
	m := Audit{}.measure(r, r.Findings)
	out := map[string]any{"subject": shown(r.Subject), "exposure": json.Number(tenths(m.score)), "band": m.band, "kind": r.Kind}
	if m.raw != m.score {
		out["exposureWithoutWaivers"] = json.Number(tenths(m.raw))
	}
	if r.Unread {
		out["unread"] = true
	}
	for key, v := range map[string]string{"engine": r.Engine, "identity": r.Identity} {
		if v != "" {
			out[key] = shown(v)
		}
	}
	return out
}

// notification says what evidence is missing, once for all subjects that lack it:
// their places among the subjects of the run, unless all do.
func (p *sarifPrinter) notification(n notice) sarifNotification {
	out := sarifNotification{Level: "note", Message: sarifText{Text: n.message}, AssociatedRule: &sarifReference{ID: n.control.ID}}
	who := p.lacking[n]
	if len(who) > 1 {
		out.Message.Text += fmt.Sprintf(" (in %d subjects)", len(who))
	}
	if len(who) < len(p.subjects) {
		out.Properties = map[string]any{"subjects": who}
	}
	return out
}
