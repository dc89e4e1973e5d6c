package scan

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// ParseID is the one form of a vulnerability's name. What begins as a CVE has to be one, see
// [ParseCVE]; any other name stays as it is.
func ParseID(name string) (string, error) {
	kind, rest := strings.ToUpper(strings.TrimSpace(name)), ""
	if len(kind) > len("CVE") {
		kind, rest = kind[:len("CVE")], kind[len("CVE"):]
	}
	if kind != "CVE" || strings.IndexFunc(rest, unicode.IsLetter) == 0 {
		return name, nil
	}
	return ParseCVE(name)
}

// ParseCVE reads the id of a CVE: "CVE-", and numbers with hyphens between them, in letters
// of any case. How many digits the year and the number have is not judged. A blank, or a zero
// in front of a number of five digits or more, would be another spelling of one id, under
// which nothing is found, and is an error.
func ParseCVE(id string) (string, error) {
	name := strings.ToUpper(id)
	numbers, is := strings.CutPrefix(name, "CVE-")
	parts := strings.Split(numbers, "-")
	if !is || slices.ContainsFunc(parts, notOfCVE) {
		return "", fmt.Errorf("%q is no CVE: that is CVE-, the year, - and the number", bounded.Shown(id))
	}
	return name, nil
}

func notOfCVE(number string) bool {
	odd := func(c rune) bool { return c < '0' || c > '9' }
	return number == "" || strings.ContainsFunc(number, odd) || len(number) > 4 && number[0] == '0'
}

// Parts are the vulnerabilities that a finding is about, each by all names that mean it. An
// advisory that mends several CVEs is about each of them, and only its own name means all:
// an alias beside several CVEs means none.
func (f *Finding) Parts() [][]string {
	cves := distinct(slices.DeleteFunc(f.names(), func(name string) bool { return !isCVE(name) }))
	if len(cves) <= 1 {
		return [][]string{f.names()}
	}
	var out [][]string
	for _, cve := range cves {
		part := []string{cve}
		if !isCVE(f.ID) {
			part = append(part, f.ID)
		}
		out = append(out, part)
	}
	return out
}

// Wholly tells whether names, each of which covers, are all of what a finding is about.
func (f *Finding) Wholly(covers func(name string) bool) bool {
	return !slices.ContainsFunc(f.Parts(), func(part []string) bool { return !slices.ContainsFunc(part, covers) })
}

// Called are the fewest names that together mean a finding: what waivers of it name.
func (f *Finding) Called() []string {
	parts := f.Parts()
	if len(parts) == 1 || !isCVE(f.ID) {
		return []string{f.Canonical()}
	}
	var out []string
	for _, part := range parts {
		out = append(out, part[0])
	}
	return out
}

// names are the id and the aliases.
func (f *Finding) names() []string { return append([]string{f.ID}, f.Aliases...) }
