package policy

import (
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Subject is what a policy judges: a run that is worked out, or that was read. What is
// empty is not known, and meets no check.
type Subject struct {
	Spec     *container.Spec    // effective, with its facts
	Profile  string             // its profile's name
	Layer    container.Layer    // the nearest that has a say in its profile, or in what that extends
	Signers  *Signers           // of the profile, as they were verified; nil: not known
	Rung     container.Evidence // up to which it is proved, or will be before its workload runs
	Findings []audit.Finding    // of every control, waivers applied
	Gateway  bool               // zlaunch configures it as one, and nothing else
	Scanned  Scanned            // what scanners found in its image
	Prisoner bool               // it is a scanner at work, of whose own image no scan is asked: it would have to scan itself first
	Trial    bool               // it is gone again once it answered: derive holds what mends an image's findings against it, and run asks for its scans
	Models   *Models            // that were held against a digest or a signature; nil: none were
	Left     []string           // keys of settings that are others' to meet: what a pod leaves to its containers

	now time.Time
}

// Signers are whose signatures were verified; nobody's are empty. Each is called by all that one is called: a
// fingerprint, and a principal where the host's own list of signers has it.
type Signers struct {
	Profile []string   // of the bundle that holds the profile
	Bundles [][]string // of every bundle that anything of the profile comes from
}

// Models are the models of a run as they were held against a digest or a signature.
type Models struct {
	Digest  string   // "sha256:…"
	Signers []string // all that who signed them is called: the key, and of a certificate its names and its authorities' keys; none: nobody
}

// waivers are those that permit something, each once. What a profile decided and its
// launch makes up for, nobody permitted (see [audit.Waiver.Decided]).
func (s *Subject) waivers() []*audit.Waiver {
	var out []*audit.Waiver
	seen := map[audit.Waiver]bool{}
	for i := range s.Findings {
		if w := s.Findings[i].Waiver; w != nil && s.Findings[i].Verdict == audit.Waived && !w.Decided && !seen[*w] {
			seen[*w] = true
			out = append(out, w)
		}
	}
	return out
}
