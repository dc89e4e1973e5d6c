package subject

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

// maxEvidence bounds a record in bytes; real ones have some 100 KB.
const maxEvidence = 16 << 20

// Write writes the record, the same bytes for the same record.
func (e *Evidence) Write(w io.Writer) error {
	data, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the evidence: %w", err)
	}
	_, err = w.Write(append(data, '\n'))
	return err
}

// WriteEvidence writes the record of an audit to a file: whole or not at all. With a key
// it stands in an envelope that the key signs.
func WriteEvidence(path string, a *Audited, tool string, key *signature.Key) error {
	e, err := NewEvidence(a, a.Findings, tool, time.Now())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		return err
	}
	text := b.Bytes()
	if key != nil {
		if text, err = e.sign(text, key); err != nil {
			return err
		}
	}
	if err := WriteFile(path, text); err != nil {
		return fmt.Errorf("writing the evidence: %w", err)
	}
	return nil
}

// WriteFile writes a file of the user's, whole or not at all. A device or a pipe is
// written into, and not replaced.
func WriteFile(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, data)
	}
	return record.WriteFile(path, data)
}

func writeInto(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// IsEvidence tells whether a text wants to be a record: a JSON object with a
// schema of that name.
func IsEvidence(text []byte) bool {
	if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '{' {
		return false
	}
	var head struct{ Schema string }
	d := json.NewDecoder(bytes.NewReader(text))
	err := d.Decode(&head)
	return err == nil && bytes.HasPrefix([]byte(head.Schema), []byte("zlaunch.dev/evidence/"))
}

// ReadEvidence reads a record strictly: a field it does not know, another schema,
// a digest that is not that of the content, or a setting no row has are errors.
func ReadEvidence(r io.Reader) (*Evidence, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxEvidence+1))
	if err != nil {
		return nil, fmt.Errorf("reading the evidence: %w", err)
	}
	if len(data) > maxEvidence {
		return nil, fmt.Errorf("reading the evidence: it is larger than %d MiB", maxEvidence>>20)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	e := &Evidence{}
	if err := d.Decode(e); err != nil {
		return nil, fmt.Errorf("reading the evidence: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading the evidence: more than one JSON value")
	}
	if e.Schema != evidenceSchema {
		return nil, fmt.Errorf("reading the evidence: schema %q is not %q", e.Schema, evidenceSchema)
	}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("reading the evidence: %w", err)
	}
	return e, nil
}

func (e *Evidence) check() error {
	digest, err := e.digest()
	if err != nil {
		return err
	}
	if digest != e.Digest {
		return hint.Errorf("take the record from where it was written", "its content is not what was recorded: digest %s, recorded %q", digest, e.Digest)
	}
	if e.Signed != nil && *e.Signed {
		return hint.Errorf("zlaunch version", "it claims to be signed, and no signature is around it")
	}
	for _, list := range [][]container.Encoded{e.Settings, e.Plan} {
		if _, err := container.Decode(list); err != nil {
			return err
		}
	}
	return nil
}

// Unsigned is what a report says of every record.
const Unsigned = "the record is unsigned: whoever can edit it can make its digest anew"

// doubted keeps a record from looking like a proof: it says why in the place of the
// pass that everything was understood. Without a doubt all stays as it is.
func doubted(findings []audit.Finding, why string) []audit.Finding {
	if why == "" {
		return findings
	}
	own := func(f audit.Finding) bool { return f.Control == audit.InputUnderstood && f.Verdict == audit.Pass }
	return append(slices.DeleteFunc(slices.Clone(findings), own),
		audit.Finding{Control: audit.InputUnderstood, Verdict: audit.Open, Severity: audit.Info, Message: why})
}

// AuditEvidence judges a record again, under the name of its file. That it is
// unsigned is one of the findings.
func AuditEvidence(name string, text []byte) (*Audited, error) {
	e, err := ReadEvidence(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return e.audited(name, Unsigned)
}

// audited judges the record again, under the name of its file. doubt is why it may not be
// what was found; "" where somebody who is known signed it.
func (e *Evidence) audited(name, doubt string) (*Audited, error) {
	s, findings, notes, err := e.Rejudge()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	notes = append([]string{fmt.Sprintf("a record of %s %s, made %s by zlaunch %s", e.Subject.Kind, e.Subject.Name, record.When(e.Time), e.Tool)}, notes...)
	notes = append(notes, e.Notes...)
	if e.Blind != "" && len(e.Notes) == 0 {
		notes = append(notes, "no evidence of the kernel: "+e.Blind)
	}
	a := &Audited{Subject: e.Subject.Name, Kind: "record", File: name, Engine: e.Platform.Engine, Identity: e.Subject.Identity,
		Spec: s, Findings: doubted(findings, doubt), Waivers: e.Waivers, Notes: notes, Doubted: e.doubted()}
	for _, d := range e.Drift {
		a.Drift = append(a.Drift, container.Difference{Path: d.Setting, Planned: plain(d.Planned), Got: plain(d.Got), Evidence: d.Evidence})
	}
	return a, nil
}

// plain is a recorded value for a report: nil, or its JSON.
func plain(raw json.RawMessage) any {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return raw
}
