package vap

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

// message is what whoever is refused reads. It is one line.
func message(f *policy.File, c policy.Check) string {
	text := fmt.Sprintf("%s: %s: %s forbids it", audit.PolicyMet.ID, c.Says, c.Place())
	if f.Contact != "" {
		text += "; ask " + f.Contact
	}
	return oneLine(text)
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == 0xfeff {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// encode writes the objects of every file that has a validation.
func encode(set policy.Set, all []Said, namespaces []string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("# written by zlaunch policy export of " + set.Digest() + "\n")
	names := map[string]bool{}
	for _, f := range set {
		said := all[:len(f.Checks)]
		all = all[len(f.Checks):]
		comments(&b, said)
		name, err := nameOf(f.Name)
		if err == nil && names[name] {
			err = hint.Errorf("give one of them another name", "two files would be %s", name)
		}
		if err != nil {
			return nil, fmt.Errorf("writing the policy for Kubernetes: %w", err)
		}
		names[name] = true
		if err := encodeFile(&b, f, name, said, namespaces); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// comments say at the head what the objects do not.
func comments(b *bytes.Buffer, said []Said) {
	for _, s := range said {
		switch {
		case s.Lost != "":
			fmt.Fprintf(b, "# lost, as allowed: %s (%s): %s\n", s.Key, oneLine(s.Place()), s.Lost)
		case s.Held != "":
			fmt.Fprintf(b, "# every pod meets %s (%s): %s\n", s.Key, oneLine(s.Place()), s.Held)
		}
	}
}

var notInName = lazyregexp.New(`[^a-z0-9]+`)

// nameOf is what the objects of a file are called.
func nameOf(file string) (string, error) {
	stem := strings.TrimSuffix(filepath.Base(file), ".toml")
	name := "zlaunch-" + strings.Trim(notInName().ReplaceAllString(strings.ToLower(stem), "-"), "-")
	if name == "zlaunch-" || len(name) > 63 {
		return "", hint.Errorf("site.toml", "naming the objects: %q is no name of Kubernetes", stem)
	}
	return name, nil
}

func encodeFile(b *bytes.Buffer, f *policy.File, name string, said []Said, namespaces []string) error {
	spec := policySpec{FailurePolicy: "Fail", MatchConstraints: matchConstraints{rules}, MatchConditions: []variable{changed()}, Validations: []validation{understood()}}
	var lost []string
	for _, s := range said {
		if s.CEL != "" {
			spec.Validations = append(spec.Validations, validation{s.CEL, message(f, s.Check), "Forbidden"})
		}
		if s.Lost != "" {
			lost = append(lost, s.Key)
		}
	}
	if len(spec.Validations) == 1 {
		return nil
	}
	spec.Variables = used(spec.Validations)
	meta := metadata{name, map[string]string{"io.zlaunch.policy": oneLine(f.Name), "io.zlaunch.policy.digest": "sha256:" + f.Digest}}
	if len(lost) > 0 {
		meta.Annotations["io.zlaunch.policy.lost"] = strings.Join(lost, ",")
	}
	for _, o := range []object{
		{group, "ValidatingAdmissionPolicy", meta, spec},
		{group, "ValidatingAdmissionPolicyBinding", metadata{Name: name}, binding(name, namespaces)},
	} {
		b.WriteString("---\n")
		out := yaml.NewEncoder(b)
		out.SetIndent(2)
		if err := out.Encode(o); err != nil {
			return err
		}
	}
	return nil
}

// used are the variables that validations name, by themselves or through others.
func used(in []validation) []variable {
	var text strings.Builder
	for _, v := range in {
		text.WriteString(v.Expression)
	}
	all, out := variables(), []variable(nil)
	for i := len(all) - 1; i >= 0; i-- {
		if strings.Contains(text.String(), "variables."+all[i].Name) {
			text.WriteString(all[i].Expression)
			out = append([]variable{all[i]}, out...)
		}
	}
	return out
}

// ofKubernetes are the namespaces of Kubernetes itself, whose pods need what a policy forbids.
var ofKubernetes = []string{"kube-system", "kube-public", "kube-node-lease"}

func binding(name string, namespaces []string) bindingSpec {
	out := bindingSpec{PolicyName: name, ValidationActions: []string{"Deny", "Audit"}}
	where := expression{"kubernetes.io/metadata.name", "NotIn", ofKubernetes}
	if len(namespaces) > 0 {
		where = expression{where.Key, "In", namespaces}
	}
	out.MatchResources.NamespaceSelector.MatchExpressions = []expression{where}
	return out
}
