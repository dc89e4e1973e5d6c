package scan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

const (
	// MaxFindings is how many findings a scan has. The largest public images come to some
	// 10,000 with every severity.
	MaxFindings = 100_000
	// MaxKept bounds all texts of the findings of one scan together, in bytes: some 640 for
	// each of [MaxFindings].
	MaxKept = 64 << 20
	// MaxList is how many aliases, versions, paths or ratings one finding has in a report.
	MaxList = 256
)

// Collector takes in the findings of one report, within bounds, each once.
type Collector struct {
	findings []Finding
	kept     int
}

// Add takes in a finding. The error says what of it cannot be one, or that there is too
// much: a report is refused as a whole then, for one that was cut short would pass for clean.
func (c *Collector) Add(f Finding) error {
	if f.ID == "" || f.Package == "" {
		return errors.New("a finding without an id or without a package")
	}
	if len(c.findings) >= MaxFindings {
		return fmt.Errorf("more than %d findings", MaxFindings)
	}
	for _, list := range []int{len(f.Aliases), len(f.Fixed), len(f.Paths), len(f.Ratings)} {
		if list > MaxList {
			return fmt.Errorf("more than %d aliases, versions, paths or ratings of one finding", MaxList)
		}
	}
	for _, text := range f.texts() {
		if err := bounded.Printable(text); err != nil {
			return fmt.Errorf("a text of %s: %w", bounded.Shown(f.ID), err)
		}
		c.kept += len(text)
	}
	if c.kept > MaxKept {
		return fmt.Errorf("more than %d bytes of findings", MaxKept)
	}
	if err := f.called(); err != nil {
		return err
	}
	f.Aliases = distinct(f.Aliases, f.ID, "")
	f.Fixed, f.Paths = distinct(f.Fixed, ""), distinct(f.Paths, "")
	f.Ratings = ordered(f.Ratings)
	if f.State == "" {
		f.State = FixUnknown
	}
	c.findings = append(c.findings, f)
	return nil
}

// called brings the names of a finding into their one form.
func (f *Finding) called() (err error) {
	if f.ID, err = ParseID(f.ID); err != nil {
		return fmt.Errorf("the id of a finding: %w", err)
	}
	f.Aliases = slices.Clone(f.Aliases)
	for i := range f.Aliases {
		if f.Aliases[i], err = ParseID(f.Aliases[i]); err != nil {
			return fmt.Errorf("another name of %s: %w", bounded.Shown(f.ID), err)
		}
	}
	return nil
}

// texts are all texts of a finding that came from a report.
func (f *Finding) texts() []string {
	out := slices.Concat([]string{f.ID, f.PURL, f.Package, f.Source, f.Installed, string(f.State), string(f.Class)}, f.Aliases, f.Fixed, f.Paths)
	for _, r := range f.Ratings {
		out = append(out, r.Source, r.Label, r.Vector)
	}
	if f.VEX != nil {
		out = append(out, f.VEX.Status, f.VEX.Justification, f.VEX.Author, f.VEX.Document)
	}
	return out
}

// distinct is a list in order, each text once and without some.
func distinct(in []string, without ...string) []string {
	out := slices.DeleteFunc(slices.Clone(in), func(s string) bool { return slices.Contains(without, s) })
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return nil
	}
	return slices.Clip(out)
}

// ordered are ratings by source, each once.
func ordered(in []Rating) []Rating {
	slices.SortFunc(in, func(a, b Rating) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Vector, b.Vector), cmp.Compare(a.Score, b.Score))
	})
	return slices.Compact(in)
}

// Into gives s the findings, each seen by its tool, and in order. The texts of the scan
// itself are judged as those of the findings were.
func (c *Collector) Into(s *Scan) error {
	own := append(s.Image.Digests(), s.Name, s.Arch, s.Tool.Name, s.Tool.Version, s.Distro.ID, s.Distro.Version, s.Failed, s.Partial)
	for _, text := range append(own, s.Prison.texts()...) {
		if err := bounded.Printable(text); err != nil {
			return fmt.Errorf("what the report says of itself: %w", err)
		}
	}
	for _, digest := range s.Image.Digests() {
		if !bounded.Digest(digest) {
			return fmt.Errorf("the image's digest %.80q is not sha256: and 64 hexadecimal digits", digest)
		}
	}
	s.Distro.ID = strings.ToLower(s.Distro.ID)
	for i := range c.findings {
		c.findings[i].Seen = []string{s.Tool.Name}
	}
	s.Findings = c.findings
	s.Findings = joined(namesOf(s), s.Findings)
	return nil
}

// joined makes one finding of those of one key, ordered.
func joined(n names, in []Finding) []Finding {
	at := make(map[Key]int, len(in))
	keys, out := make([]Key, 0, len(in)), make([]Finding, 0, len(in))
	for _, f := range in {
		k := f.key(n)
		if i, ok := at[k]; ok {
			out[i].take(&f)
			continue
		}
		at[k] = len(out)
		keys, out = append(keys, k), append(out, f)
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return keys[a].compare(keys[b]) })
	sorted := make([]Finding, len(out))
	for to, from := range order {
		sorted[to] = out[from]
	}
	return sorted
}

// take adds what another finding of the same key says.
func (f *Finding) take(o *Finding) {
	ids := append(slices.Concat(f.Aliases, o.Aliases), f.ID, o.ID)
	if !isCVE(f.ID) && isCVE(o.ID) {
		f.ID = o.ID
	}
	f.Aliases = distinct(ids, f.ID)
	f.Fixed, f.Paths, f.Seen = distinct(slices.Concat(f.Fixed, o.Fixed)), distinct(slices.Concat(f.Paths, o.Paths)), distinct(slices.Concat(f.Seen, o.Seen))
	f.Ratings = ordered(slices.Concat(f.Ratings, o.Ratings))
	f.others = append(f.PURLs(), o.PURLs()...)
	f.PURL, f.Source, f.Installed = cmp.Or(f.PURL, o.PURL), cmp.Or(f.Source, o.Source), cmp.Or(f.Installed, o.Installed)
	if fixes := []FixState{Fixed, FixUnknown, NotFixed, WontFix}; slices.Index(fixes, o.State) < slices.Index(fixes, f.State) {
		f.State = o.State // who knows of a mend is believed
	}
	f.KEV, f.EPSS = f.KEV || o.KEV, max(f.EPSS, o.EPSS)
	f.VEX = Together(f.VEX, o.VEX)
}
