package scan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Severity is how bad a finding is.
type Severity string

// The severities.
const (
	Critical   Severity = "critical"
	High       Severity = "high"
	Medium     Severity = "medium"
	Low        Severity = "low"
	Negligible Severity = "negligible"
	Unknown    Severity = "unknown" // counts as high
)

// severities are all of them, the worst first.
var severities = []Severity{Critical, High, Unknown, Medium, Low, Negligible}

// Severities lists all, the worst first; unknown stands beside high, as which it counts.
func Severities() []Severity { return slices.Clone(severities) }

// weight orders severities by what they count as.
func (s Severity) weight() int {
	switch s {
	case Critical:
		return 5
	case Medium:
		return 3
	case Low:
		return 2
	case Negligible:
		return 1
	}
	return 4 // high, unknown, and what is none
}

// AtLeast tells whether a finding so bad counts where a threshold is given.
func (s Severity) AtLeast(threshold Severity) bool { return s.weight() >= threshold.weight() }

// ParseSeverity reads a threshold by its name.
func ParseSeverity(name string) (Severity, error) {
	s := Severity(strings.ToLower(name))
	if !slices.Contains(severities, s) {
		return "", hint.Errorf("a severity is one of critical, high, medium, low, negligible, unknown", "reading severity %.40q: there is none", name)
	}
	return s, nil
}

// levels are the words of all sources for a severity.
var levels = map[string]Severity{
	"critical": Critical,
	"high":     High, "important": High,
	"medium": Medium, "moderate": Medium,
	"low":        Low,
	"negligible": Negligible, "minimal": Negligible, "informational": Negligible, "info": Negligible, "unimportant": Negligible, "none": Negligible,
}

// LevelOf is the severity that a source's word means; [Unknown] where it is no word that is
// known, as untriaged, undefined, unspecified.
func LevelOf(label string) Severity {
	if s, ok := levels[strings.ToLower(strings.TrimSpace(label))]; ok {
		return s
	}
	return Unknown
}

// LevelOfScore is the severity of a CVSS score, by the scale of CVSS 3.1, section 5.
func LevelOfScore(score float64) Severity {
	switch {
	case score >= 9:
		return Critical
	case score >= 7:
		return High
	case score >= 4:
		return Medium
	case score > 0:
		return Low
	}
	return Unknown
}

// Score is a score of CVSS. A number that is none, beyond 0 to 10, counts as the worst.
func Score(n float64) float64 {
	if n >= 0 && n <= 10 {
		return n
	}
	return 10
}

// byWord are the vendors of distributions that rate by a word what a flaw comes to as they build and
// ship the package, and give the score of the flaw itself beside it
// (https://access.redhat.com/security/updates/classification).
var byWord = []string{"redhat", "alma", "rocky", "oracle-oval", "suse", "suse-cvrf", "ubuntu", "debian", "amazon", "photon", "azure", "mariner"}

// NewRating is what a source says by a word, a vector and a score; each may be empty. Its level is the
// worse of what word and score mean, for a source that says both may contradict itself; of a vendor that
// rates by a word, its word, where that is one of low to critical.
func NewRating(source, label, vector string, score float64) Rating {
	r := Rating{Source: strings.ToLower(source), Label: label, Vector: vector, Level: LevelOf(label)}
	r.Score = Score(score)
	if r.Level != Unknown && r.Level.AtLeast(Low) && slices.Contains(byWord, r.Source) {
		return r
	}
	if by := LevelOfScore(r.Score); by != Unknown && (label == "" || by.weight() >= r.Level.weight()) {
		r.Level = by
	}
	return r
}

// Order is whose word counts on how bad a finding is: names of sources, the first of which
// that rated it decides. Words for more than one source are "distro", the vendor of the
// image's distribution, and "scanner", the tools' own labels. Empty is the highest of these
// two.
type Order []string

// Sources of an order that are no source's name.
const (
	orderDistro  = "distro"
	orderScanner = "scanner"
)

// Check tells whether the words of an order can be a source.
func (o Order) Check() error {
	for i, name := range o {
		if name == "" || len(name) > 64 || strings.ToLower(name) != name || strings.ContainsFunc(name, notOfSource) {
			return hint.Errorf(`sources are named as in zlaunch scan show: ["distro", "ghsa", "nvd"]`, "reading the order of sources: %.64q is none", name)
		}
		if slices.Contains(o[:i], name) {
			return fmt.Errorf("reading the order of sources: %q comes twice", name)
		}
	}
	return nil
}

func notOfSource(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_' && r != ':'
}

// Severity is how bad a finding of a distribution is by an order. Where none of its sources
// has a word, the highest of all that there are counts; without any it is unknown.
func (o Order) Severity(f *Finding, d Distro) Severity {
	for _, name := range o {
		if s := worst(f, d, []string{name}); s != Unknown {
			return s
		}
	}
	if s := worst(f, d, []string{orderDistro, orderScanner}); len(o) == 0 && s != Unknown {
		return s
	}
	return worst(f, d, nil)
}

// worst is the highest level that any of some sources gives; nil: of all.
func worst(f *Finding, d Distro, sources []string) Severity {
	out := Unknown
	for _, r := range f.Ratings {
		counts := sources == nil || slices.ContainsFunc(sources, func(name string) bool { return r.of(name, f, d) })
		if counts && r.Level != Unknown && (out == Unknown || r.Level.weight() > out.weight()) {
			out = r.Level
		}
	}
	return out
}

// of tells whether a rating is of a source.
func (r Rating) of(name string, f *Finding, d Distro) bool {
	switch name {
	case orderDistro:
		return r.Source != "" && r.Source == vendorOf(d.ID)
	case orderScanner:
		return slices.Contains(f.Seen, r.Source)
	}
	return r.Source == name
}

// vendorOf is the source that rates for a distribution.
func vendorOf(id string) string {
	switch id {
	case "rhel", "redhat", "centos":
		return "redhat"
	case "almalinux", "alma":
		return "alma"
	case "rocky", "rockylinux":
		return "rocky"
	case "amzn", "amazon":
		return "amazon"
	case "ol", "oracle":
		return "oracle-oval"
	}
	if slices.Contains(byWord, id) || slices.Contains(vendors, id) {
		return id
	}
	return ""
}

// vendors are the distributions beside those of [byWord] that scanners name as a source. What an
// image calls itself names nobody else's.
var vendors = []string{"alpine", "arch", "azurelinux", "bottlerocket", "chainguard", "echo", "fedora", "minimos", "opensuse", "opensuse-leap", "photon", "sles", "wolfi"}
