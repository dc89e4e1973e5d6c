package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// demand is a key that is about no setting: what it says of a run, and its judge.
type demand func(want any) (says string, j judge, err error)

// demands are the tables whose keys are about no setting.
var demands = map[string]map[string]demand{
	"controls": {"require": metControls, "standard": metStandard},
	"proof":    {"rung": proved},
	"gateway":  {"required": behindGateway},
	"scan":     scanDemands(),
	"models":   {"digest": modelDigest, "signed_by": modelSigners},
	"signer":   {"profile": profileSigner, "bundle": bundleSigners},
	"waivers":  {"longest": longestWaiver, "never": neverWaived, "owner": waiverOwners, "by": waivedBy},
}

// metControls wants controls that pass or do not apply: what is waived or open is not
// met.
func metControls(want any) (string, judge, error) {
	ids, err := textsOf(want)
	for _, id := range ids {
		if c := audit.ByID(id); err == nil && (c == nil || c == audit.PolicyMet) {
			err = unknownWord(id, controlIDs())
		}
	}
	return "controls " + strings.Join(ids, ", ") + " must be met", func(s *Subject) (out []violation) {
		for _, id := range ids {
			out = append(out, notMet(s, id)...)
		}
		return out
	}, err
}

func notMet(s *Subject, id string) (out []violation) {
	said := false
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Control.ID == id {
			said = true
			if f.Verdict != audit.Pass && f.Verdict != audit.NotApplicable {
				out = append(out, violation{f.At, fmt.Sprintf("%s (%s) is %s", id, f.Control.Name, f.Verdict), f.Verdict == audit.Open, ""})
			}
		}
	}
	if !said {
		out = append(out, unknown(container.Path{}, id+" is not judged"))
	}
	return out
}

func controlIDs() []string {
	var out []string
	for _, c := range audit.Catalogue() {
		out = append(out, c.ID)
	}
	return out
}

// metStandard wants that nothing of a standard at its own threshold fails, or is not
// known; what is waived, [waivers] is about.
func metStandard(want any) (string, judge, error) {
	name, ok := want.(string)
	if !ok {
		return "", nil, wanted("the name of a standard", want)
	}
	std, err := audit.StandardNamed(name)
	return "standard " + name + " must be met", func(s *Subject) (out []violation) {
		if len(s.Findings) == 0 {
			return []violation{unknown(container.Path{}, "nothing is judged")}
		}
		for _, f := range std.Select(slices.Clone(s.Findings)) {
			if f.Control != audit.PolicyMet && f.Severity >= std.FailOn && f.Verdict <= audit.Open {
				out = append(out, violation{f.At, fmt.Sprintf("%s (%s) is %s", f.Control.ID, f.Control.Name, f.Verdict), f.Verdict == audit.Open, ""})
			}
		}
		return out
	}, err
}

// proved wants a rung of evidence, or a higher one.
func proved(want any) (string, judge, error) {
	name, _ := want.(string)
	var rung container.Evidence
	if rung.UnmarshalText([]byte(name)) != nil || rung < container.Inspected {
		return "", nil, wanted("a rung: inspected, oci or kernel", want)
	}
	return "the run must be proved by " + name, func(s *Subject) []violation {
		if s.Rung >= rung {
			return nil
		}
		return []violation{{got: "its proof is " + s.Rung.String(), open: s.Rung == container.Unknown}}
	}, nil
}

// behindGateway wants that others reach gateways and nothing else.
func behindGateway(want any) (string, judge, error) {
	if is, _ := want.(bool); !is {
		return "", nil, wanted("true", want)
	}
	return "others must reach it through a gateway alone", func(s *Subject) (out []violation) {
		if s.Gateway {
			return nil
		}
		open, all := audit.Reachable(s.Spec)
		for _, o := range open {
			out = append(out, broken(o.At, "others reach "+o.What))
		}
		if !all {
			out = append(out, unknown(container.Path{}, "whether others reach more of it is not known"))
		}
		return out
	}, nil
}

func profileSigner(want any) (string, judge, error) {
	return signedBy("the profile", want, func(s *Signers) [][]string { return [][]string{s.Profile} })
}

func bundleSigners(want any) (string, judge, error) {
	return signedBy("every bundle it comes from", want, func(s *Signers) [][]string {
		if len(s.Bundles) == 0 {
			return [][]string{nil} // it comes from none
		}
		return s.Bundles
	})
}

const noSigner = "no signature of it is known"

func signedBy(what string, want any, signers func(*Signers) [][]string) (string, judge, error) {
	p, err := patternsOf(want)
	return what + " must be signed by " + shownWant(want), func(s *Subject) (out []violation) {
		if s.Signers == nil {
			return []violation{unknown(container.Path{}, noSigner)}
		}
		for _, signer := range signers(s.Signers) {
			switch {
			case len(signer) == 0:
				out = append(out, violation{got: noSigner})
			case !slices.ContainsFunc(signer, p.match):
				out = append(out, violation{got: "it is signed by " + quoted(strings.Join(signer, " "))})
			}
		}
		return out
	}, err
}

// eachWaiver is the judge of every waiver that permits something.
func eachWaiver(bad func(s *Subject, w *audit.Waiver) string) judge {
	return func(s *Subject) (out []violation) {
		for _, w := range s.waivers() {
			if why := bad(s, w); why != "" {
				out = append(out, violation{got: fmt.Sprintf("that of %s in %s %s", w.Control, quoted(w.Origin.String()), why)})
			}
		}
		return out
	}
}

// longestWaiver bounds how long a waiver still runs. One of the command line is for one
// run; one in a file without an end is above every bound.
func longestWaiver(want any) (string, judge, error) {
	text, _ := want.(string)
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") || days < 0 || days > 366 {
		return "", nil, wanted(`days from "0d" to "366d"`, want)
	}
	return "no waiver must run longer than " + text, eachWaiver(func(s *Subject, w *audit.Waiver) string {
		switch {
		case w.Expires.IsZero() && w.Origin.Layer == container.LayerCommandLine:
			return ""
		case w.Expires.IsZero():
			return "does not end"
		case w.DaysLeft(s.now) > days:
			return fmt.Sprintf("runs %d days more", w.DaysLeft(s.now))
		}
		return ""
	}), nil
}

func neverWaived(want any) (string, judge, error) {
	p, err := patternsOf(want)
	return "nobody may waive " + shownWant(want), eachWaiver(func(_ *Subject, w *audit.Waiver) string {
		if p.match(w.Control) {
			return "is given"
		}
		return ""
	}), err
}

func waiverOwners(want any) (string, judge, error) {
	p, err := patternsOf(want)
	return "a waiver's owner must be " + shownWant(want), eachWaiver(func(_ *Subject, w *audit.Waiver) string {
		if !p.match(w.Owner) {
			return "is owned by " + quoted(w.Owner)
		}
		return ""
	}), err
}

// waiverLayers are those that may carry waivers.
var waiverLayers = []string{
	string(container.LayerBuiltIn), string(container.LayerSystem), string(container.LayerBundle), string(container.LayerUser), string(container.LayerCommandLine), string(container.LayerPolicy),
}

// waivedBy says which layer may waive which controls; a layer that it does not name may
// waive none.
func waivedBy(want any) (string, judge, error) {
	in, ok := want.(map[string]any)
	if !ok {
		return "", nil, wanted("a table of layers", want)
	}
	may, says := map[container.Layer]patterns{}, []string{}
	for _, layer := range sortedKeys(in) {
		p, err := patternsOf(in[layer])
		if !slices.Contains(waiverLayers, layer) {
			err = unknownWord(layer, waiverLayers)
		}
		if err != nil {
			return "", nil, err
		}
		may[container.Layer(layer)], says = p, append(says, layer+" "+shownWant(in[layer]))
	}
	return "waivers must be of " + strings.Join(says, ", "), eachWaiver(func(_ *Subject, w *audit.Waiver) string {
		if !may[w.Origin.Layer].match(w.Control) {
			return "is given by " + string(w.Origin.Layer)
		}
		return ""
	}), nil
}
