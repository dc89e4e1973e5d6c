package scan

import (
	"slices"
	"strconv"
	"strings"
)

// kinds are the types of package URLs of what distributions install (purl-spec, PURL-TYPES), and
// which distributions do, by their ID in os-release and by the words of trivy and grype for it.
// Of one that stands nowhere nobody here can tell whether its packages were seen. Treat it as a
// constant.
var kinds = map[string][]string{
	"apk": {"alpine", "chainguard", "minimos", "postmarketos", "wolfi"},
	"deb": {"debian", "echo", "raspbian", "ubuntu"},
	"rpm": {
		"almalinux", "alma", "amazon", "amazonlinux", "amzn", "azurelinux", "cbl-mariner", "centos", "centos-stream", "fedora", "hummingbird", "mariner",
		"ol", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "opensuse.leap", "opensuse.tumbleweed", "oracle", "oraclelinux", "photon", "redhat", "rhel",
		"rocky", "rockylinux", "scientific", "sle-micro", "slem", "sles", "suse linux enterprise micro", "suse linux enterprise server",
	},
}

// Kind is the type of the package URLs of a distribution's packages: "apk", "deb" or "rpm"; ""
// it is not known.
func (d Distro) Kind() string {
	for kind, of := range kinds {
		if slices.Contains(of, d.ID) {
			return kind
		}
	}
	return ""
}

// KindOf is the type of a package URL; "" it is none.
func KindOf(purl string) string {
	rest, ok := strings.CutPrefix(purl, "pkg:")
	kind, _, whole := strings.Cut(rest, "/")
	if !ok || !whole {
		return ""
	}
	return strings.ToLower(kind)
}

// maxKinds bounds how many types of package URLs are told apart; purl-spec knows some 40.
const maxKinds = 100

// Saw notes that the tool saw packages of the distribution, of a type of package URL.
func (s *Scan) Saw(kind string, n int) {
	if kind == "" {
		return
	}
	if s.Kinds == nil {
		s.Kinds = map[string]int{}
	}
	if _, known := s.Kinds[kind]; known || len(s.Kinds) < maxKinds {
		s.Kinds[kind] += n
	}
}

// Common are packages that distributions have under one name, and that each year has advisories for:
// a database that knows a release has something of them there.
func Common() []string { return []string{"curl", "openssl"} }

// YearOf is the newest year in ids, as in CVE-2026-1, RHSA-2026:1 and ALAS2023-2026-1; 0 where none has one.
func YearOf(ids ...string) (newest int) {
	for _, id := range ids {
		for _, part := range strings.Split(strings.ReplaceAll(id, ":", "-"), "-")[1:] {
			if year, err := strconv.Atoi(part); err == nil && len(part) == len("2026") && year >= 1990 && year < 2100 {
				newest = max(newest, year)
				break
			}
		}
	}
	return newest
}
