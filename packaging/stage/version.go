package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// What git describe --tags --always --dirty prints: a tag or the commit alone, how
// far from the tag it is, and whether the tree was changed.
var (
	changed = regexp.MustCompile(`-dirty$`)
	beyond  = regexp.MustCompile(`-(\d+)-g[0-9a-f]+$`)
	tagged  = regexp.MustCompile(`^v?(\d+\.\d+\.\d+)(?:-([0-9A-Za-z.-]+))?$`)
	bare    = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
)

// packageVersion makes of a description a version that dpkg and rpm sort alike,
// and as the source grew:
//
//	v1.2.0-rc.1           1.2.0~rc.1            before 1.2.0
//	v1.2.0                1.2.0
//	v1.2.0-5-g0123456     1.2.0+git5.0123456    after it, before 1.2.1
//	0123456               0.0.0~git20260102030405.0123456    before any release
//
// A tree that was changed has "+dirty" at its end.
func packageVersion(describe, commit string, at time.Time) (string, error) {
	if len(commit) < 7 {
		return "", fmt.Errorf("reading the commit %q: want its hash", commit)
	}
	short := commit[:7]
	rest, end := describe, ""
	if changed.MatchString(rest) {
		rest, end = changed.ReplaceAllString(rest, ""), "+dirty"
	}
	if bare.MatchString(rest) {
		return "0.0.0~git" + at.UTC().Format("20060102150405") + "." + short + end, nil
	}
	if m := beyond.FindStringSubmatch(rest); m != nil {
		rest, end = beyond.ReplaceAllString(rest, ""), "+git"+m[1]+"."+short+end
	}
	m := tagged.FindStringSubmatch(rest)
	if m == nil {
		return "", fmt.Errorf("reading the version %q: want vX.Y.Z, with what git describe adds, or a commit", describe)
	}
	if m[2] != "" {
		end = "~" + strings.ReplaceAll(m[2], "-", ".") + end
	}
	return m[1] + end, nil
}
