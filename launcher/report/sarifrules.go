package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// controlsPage is where the page of the controls is published.
const controlsPage = "https://github.com/zlaunch/zlaunch/blob/main/docs/controls.md"

// anchor is the anchor of a control on its page.
func anchor(c *audit.Control) string { return strings.ToLower(c.ID) + "-" + c.Name }

// sarifRules are the rules of a run and the taxonomies those refer to.
type sarifRules struct {
	rules      []sarifRule
	taxonomies []sarifTaxonomy
	at         map[int]int // index of a scheme's taxonomy
}

func (s *sarifRules) rule(c *audit.Control) sarifRule {
	r := sarifRule{
		ID: c.ID, Name: pascal(c.Name), ShortDescription: sarifText{Text: literal(titled(c))}, FullDescription: sarifText{Text: literal(sentence(c.Why))},
		Help: helpOf(c), HelpURI: controlsPage + "#" + anchor(c),
		DefaultConfiguration: sarifConfiguration{levelOf(c.Severity), rankOf(c.Severity)},
		Properties: sarifRuleProperties{
			Tags: []string{"security", "container", "severity/" + c.Severity.String()}, Precision: "high",
			SecuritySeverity: securitySeverity(c.Severity), ProblemSeverity: problemSeverity(c.Severity),
			Setting: settingOf(c),
		},
	}
	for _, ref := range s.references(c) {
		r.Relationships = append(r.Relationships, sarifRelationship{ref, []string{"relevant"}})
	}
	for _, ref := range c.Refs {
		if id, ok := strings.CutPrefix(ref, "CWE-"); ok {
			r.Properties.Tags = append(r.Properties.Tags, "external/cwe/cwe-"+id)
		}
	}
	return r
}

// settingOf is the setting that most results of a control are about; "" is none.
func settingOf(c *audit.Control) string {
	if len(c.Reads) == 0 {
		return ""
	}
	return c.Reads[0].Key()
}

// references are the taxa of a control in the guides; they are added to the
// taxonomies.
func (s *sarifRules) references(c *audit.Control) []sarifReference {
	var out []sarifReference
	for _, text := range c.Refs {
		ref := parseReference(text)
		if ref.scheme < 0 || !schemes[ref.scheme].guide {
			continue
		}
		i, ok := s.at[ref.scheme]
		if !ok {
			sc := schemes[ref.scheme]
			i = len(s.taxonomies)
			s.at[ref.scheme] = i
			s.taxonomies = append(s.taxonomies, sarifTaxonomy{Name: sc.name, Organization: sc.organization, Version: sc.version,
				ShortDescription: sarifText{Text: sc.title}})
		}
		t := &s.taxonomies[i]
		at := slices.IndexFunc(t.Taxa, func(x sarifTaxon) bool { return x.ID == ref.id })
		if at < 0 {
			at = len(t.Taxa)
			t.Taxa = append(t.Taxa, sarifTaxon{ref.id})
		}
		out = append(out, sarifReference{ID: ref.id, Index: &at, Component: &sarifComponent{t.Name, i}})
	}
	return out
}

// components are the taxonomies as the driver names them.
func (s *sarifRules) components() []sarifComponent {
	var out []sarifComponent
	for i, t := range s.taxonomies {
		out = append(out, sarifComponent{t.Name, i})
	}
	return out
}

// helpOf is the catalogue's entry as text and as Markdown.
func helpOf(c *audit.Control) sarifText {
	var text, md strings.Builder
	part := func(name, body string) {
		if body != "" {
			fmt.Fprintf(&text, "%s: %s\n", name, body)
			fmt.Fprintf(&md, "**%s**: %s\n\n", name, markdown(body))
		}
	}
	part("Why", c.Why)
	part("Fix", c.Fix)
	part("May break", c.Breaks)
	var refs []string
	for _, ref := range c.Refs {
		refs = append(refs, parseReference(ref).spelled())
	}
	part("Asked for by", strings.Join(refs, "; "))
	if text.Len() == 0 {
		part("Control", titled(c))
	}
	return sarifText{literal(strings.TrimSpace(text.String())), strings.TrimSpace(md.String())}
}

// literal keeps a message of SARIF from being read as one with placeholders
// (section 3.11.5) or with links (3.11.6).
func literal(s string) string {
	s = placeholders.Replace(s)
	if strings.Contains(s, "](") {
		s = links.Replace(s)
	}
	return s
}

var (
	placeholders = strings.NewReplacer("{", "{{", "}", "}}")
	links        = strings.NewReplacer("[", `\[`, "]", `\]`)
)

// pascal is the name of a rule as section 3.49.7 wants it: CapDropAll.
func pascal(name string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// sentence gives a reason a capital and a full stop, as rule viewers show it.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

// levelOf is the level of a failure.
func levelOf(s audit.Severity) string {
	return [...]string{audit.Info: "note", audit.Low: "note", audit.Medium: "warning", audit.High: "error", audit.Critical: "error"}[s]
}

// rankOf is the weight of a severity from 0 to 100.
func rankOf(s audit.Severity) float64 { return float64(s.Weight()) / 10 }

// securitySeverity is the number GitHub sorts alerts by: above 9 is critical, from
// 7 high, from 4 medium.
func securitySeverity(s audit.Severity) string {
	return [...]string{audit.Info: "0.0", audit.Low: "2.0", audit.Medium: "5.5", audit.High: "8.0", audit.Critical: "9.5"}[s]
}

// problemSeverity is the word GitHub shows where security-severity does not count.
func problemSeverity(s audit.Severity) string {
	return [...]string{audit.Info: "recommendation", audit.Low: "recommendation", audit.Medium: "warning", audit.High: "error", audit.Critical: "error"}[s]
}
