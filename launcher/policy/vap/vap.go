// Package vap writes a policy as admission policies of Kubernetes: for each of its files a
// ValidatingAdmissionPolicy, whose validations are the checks in CEL, and the binding by
// which it holds.
//
// One table (table.go) has an answer for every key that a file may have. It judges what
// the reader of manifests (launcher/form/kube) and the policy judge of the same pod: what
// they do not know meets no check there, and none here. What a pod does not say, or only
// another object of the cluster does, is a [Loss], and an error unless it is allowed by name; the
// file then says so. The package is pure.
package vap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

// Options are what a caller says of one export.
type Options struct {
	Allow      []string // keys that may be lost, "at_most.pids_limit"
	Namespaces []string // where it holds; nil: in all but those of Kubernetes itself
}

var namespace = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Check refuses words that mean nothing: a policy would hold nowhere.
func (o Options) Check() error {
	for _, name := range o.Namespaces {
		if !namespace().MatchString(name) {
			return hint.Errorf("--namespace models", "%q is no name of a namespace", name)
		}
	}
	for _, key := range o.Allow {
		if !slices.Contains(policy.Keys(), key) {
			return hint.Errorf("--allow-loss "+cmp.Or(hint.Nearest(key, policy.Keys()), "at_most.pids_limit"), "%q is no key of a policy", key)
		}
	}
	return nil
}

// Said is a check, and what becomes of it.
type Said struct {
	policy.Check
	CEL  string // the validation; "" there is none
	Lost string // what of the check it does not say, without a full stop; "" nothing
	Held string // why every pod meets it, where there is no validation and nothing is lost
}

// Document is a policy as it is written.
type Document struct {
	Data  []byte // YAML
	Said  []Said // every check, in order
	Notes []string
}

// LossError is what would be lost and nobody allowed.
type LossError struct {
	Lost []Said // there is one at least
}

func (e *LossError) Error() string {
	var b strings.Builder
	b.WriteString("writing the policy for Kubernetes would lose:")
	for _, s := range e.Lost {
		fmt.Fprintf(&b, "\n  %s (%s): %s", s.Key, s.Place(), s.Lost)
	}
	return b.String()
}

// Keys are those that must be named for it.
func (e *LossError) Keys() []string {
	var out []string
	for _, s := range e.Lost {
		if !slices.Contains(out, s.Key) {
			out = append(out, s.Key)
		}
	}
	return out
}

// Write writes a policy. The error is a *[LossError] where something would be lost that o
// does not allow; a document comes with it, without its data.
func Write(set policy.Set, o Options) (*Document, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	doc, lost := &Document{}, &LossError{}
	for _, f := range set {
		for _, c := range f.Checks {
			s := say(c)
			doc.Said = append(doc.Said, s)
			if s.Lost != "" && !slices.Contains(o.Allow, c.Key) {
				lost.Lost = append(lost.Lost, s)
			}
		}
	}
	if len(lost.Lost) > 0 {
		return doc, hint.Wrap(lost, "--allow-loss "+strings.Join(lost.Keys(), ",")+" writes it without them, and the file says so")
	}
	if !slices.ContainsFunc(doc.Said, func(s Said) bool { return s.CEL != "" }) {
		return doc, hint.Errorf("zlaunch policy show", "writing the policy for Kubernetes: nothing of it is about what a pod says")
	}
	var err error
	doc.Data, err = encode(set, doc.Said, o.Namespaces)
	doc.Notes = notes(set)
	return doc, err
}

func notes(set policy.Set) []string {
	out := []string{"it holds where both objects of a file are: kubectl apply puts them there, and a new pod is judged some seconds later"}
	if len(set.Waivers()) > 0 {
		out = append(out, "a [[waiver]] permits a control, of which an API server knows nothing: none is written")
	}
	return out
}

// say finds what becomes of a check.
func say(c policy.Check) Said {
	table, name, _ := strings.Cut(c.Key, ".")
	a, known := answers()[c.Key]
	if !known {
		a, known = answers()[name]
	}
	out := Said{Check: c}
	switch {
	case !known: // a test fails on that key
		out.Lost = "nobody wrote down how"
	case a.nature != "" && metByDefault(c):
		out.Held = a.nature
	case a.nature != "":
		out.Lost = "no pod meets it: " + a.nature
	case a.loses(table) && !(a.byDefault && metByDefault(c)):
		out.Lost = a.lost
		if !a.bare {
			a.cel = cmp.Or(a.rest, a.cel)
			out.CEL = a.condition(table, c.Want)
		}
	default:
		out.CEL = a.condition(table, c.Want)
	}
	if strings.Contains(out.CEL, "c.") { // one that stands in a text only costs a loop
		out.CEL = "variables.containers.all(c,\n  " + strings.ReplaceAll(out.CEL, "\n", "\n  ") + ")"
	}
	return out
}

// metByDefault tells whether a pod that says nothing meets a check: what no pod can say
// otherwise is so in every one.
func metByDefault(c policy.Check) bool {
	s := effective.Complete(&container.Spec{}, effective.Engine{Kind: effective.Kubernetes})
	set := policy.Set{{Checks: []policy.Check{c}}}
	return len(set.Broken(policy.Subject{Spec: s}, false, time.Time{})) == 0
}
