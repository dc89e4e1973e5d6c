package report

import (
	"strings"
)

// scheme is one of the collections that controls refer to.
type scheme struct {
	name         string
	title        string
	organization string // of a guide
	version      string
	noun         string   // what an id of it is
	prefixes     []string // how references begin; with a space it is not part of the id
	guide        bool     // it tells people what to do; the others are checks of other programs
}

// schemes are those of the catalogue, in the order pages list them. Only numbers
// of others are carried, and titles of our own: their texts are not ours to print.
var schemes = []scheme{
	{"IBM", "IBM deployment guidelines for AI images on Z", "IBM", "", "lines", []string{"IBM "}, true},
	{"OWASP", "OWASP Docker Security Cheat Sheet", "OWASP", "", "rule", []string{"OWASP "}, true},
	{"CIS", "CIS Docker Benchmark", "Center for Internet Security", "1.6.0", "number", []string{"CIS "}, true},
	{"PSS", "Kubernetes Pod Security Standards", "Kubernetes", "", "level", []string{"PSS "}, true},
	{"NIST", "NIST SP 800-190, Application Container Security Guide", "NIST", "2017", "section", []string{"NIST "}, true},
	{"NSA", "NSA/CISA Kubernetes Hardening Guidance", "NSA and CISA", "", "on", []string{"NSA "}, true},
	{"CWE", "Common Weakness Enumeration", "MITRE", "", "weakness", []string{"CWE-"}, true},
	{"Trivy", "Trivy's checks of configurations", "", "", "check", []string{"KSV-", "DS-"}, false},
	{"Checkov", "Checkov's checks", "", "", "check", []string{"CKV_"}, false},
	{"Dockle", "Dockle's checkpoints", "", "", "checkpoint", []string{"CIS-DI", "DKL-"}, false},
	{"kubesec", "kubesec's rules", "", "", "rule", []string{"kubesec "}, false},
	{"kube-score", "kube-score's checks", "", "", "check", []string{"kube-score "}, false},
	{"systemd", "systemd-analyze security", "", "", "setting", []string{"systemd "}, false},
	{"talk", "the talk What do you mean my ML container is vulnerable?", "", "", "lines", []string{"talk "}, false},
}

// reference is where else a control is asked for.
type reference struct {
	scheme int // index into schemes; -1 is none of them
	id     string
}

// parseReference reads "CIS 5.4", "KSV-0003", "CWE-250".
func parseReference(ref string) reference {
	for i, s := range schemes {
		for _, prefix := range s.prefixes {
			if !strings.HasPrefix(ref, prefix) {
				continue
			}
			if strings.HasSuffix(prefix, " ") {
				return reference{i, strings.TrimSpace(ref[len(prefix):])}
			}
			return reference{i, ref}
		}
	}
	return reference{-1, ref}
}

// spelled is the reference in full.
func (r reference) spelled() string {
	if r.scheme < 0 {
		return r.id
	}
	s := schemes[r.scheme]
	title := s.title
	if s.version != "" {
		title += " (" + s.version + ")"
	}
	id := r.id
	if s.noun == "lines" {
		id = strings.ReplaceAll(id, "L", "")
	}
	return title + ", " + s.noun + " " + id
}
