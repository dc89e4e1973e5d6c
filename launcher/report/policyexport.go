package report

import "github.com/zlaunch/zlaunch/launcher/policy/vap"

// PolicyExportSchema is the version of the JSON of policy export.
const PolicyExportSchema = "zlaunch.dev/policy-export/v1"

// PolicyExport is what becomes of a policy in Kubernetes.
type PolicyExport struct {
	Schema string        `json:"schema"`
	Digest string        `json:"policy"` // "sha256:…"
	Checks []PolicyCheck `json:"checks"` // all, in order
}

// PolicyCheck is one check, and what becomes of it: at least one of the last three is there.
type PolicyCheck struct {
	Key  string `json:"key"`  // "at_most.memory"
	At   string `json:"at"`   // the file and line that says so
	Says string `json:"says"` // "memory must be at most 16g"
	CEL  string `json:"cel,omitempty"`
	Lost string `json:"lost,omitempty"` // what of it is not said
	Held string `json:"held,omitempty"` // why every pod meets it
}

// PolicyExportOf is the JSON of a document.
func PolicyExportOf(digest string, doc *vap.Document) PolicyExport {
	out := PolicyExport{PolicyExportSchema, digest, []PolicyCheck{}}
	for _, s := range doc.Said {
		out.Checks = append(out.Checks, PolicyCheck{s.Key, s.Place(), s.Says, s.CEL, s.Lost, s.Held})
	}
	return out
}
