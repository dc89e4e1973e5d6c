package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// modelDigest wants that models are held against a digest or a signature.
func modelDigest(want any) (string, judge, error) {
	if is, _ := want.(bool); !is {
		return "", nil, wanted("true", want)
	}
	return "models must have a digest or a signature that they were held against", ofModels(func(m *Models) string {
		return "" // there is one
	}), nil
}

// modelSigners wants that models are signed by one of a list.
func modelSigners(want any) (string, judge, error) {
	wanted, err := signersOf(want)
	return "models must be signed by " + shownWant(want), ofModels(func(m *Models) string {
		switch {
		case len(m.Signers) == 0:
			return "no signature of them was asked for"
		case !slices.ContainsFunc(m.Signers, func(s string) bool {
			return slices.ContainsFunc(wanted, func(w modelSigner) bool { return w.is(s) })
		}):
			return "they are signed by " + quoted(strings.Join(m.Signers, " "))
		}
		return ""
	}), err
}

// modelSigner is a key or an authority, by the digest of its key, or a name with the authority that
// must vouch for it.
type modelSigner struct {
	name pattern // "": the key or the authority itself
	key  string  // "sha256:" and 64 hexadecimal digits
}

// keyAtEnd takes a signer apart: the key is what it ends in, for a name can hold whatever its
// certificate says.
var keyAtEnd = lazyregexp.New(`(?s)^(?:(.+)@)?(sha256:[0-9a-f]{64})$`)

func signersOf(want any) (out []modelSigner, err error) {
	texts, err := textsOf(want)
	for _, t := range texts {
		part := keyAtEnd().FindStringSubmatch(t)
		if part == nil {
			return nil, fmt.Errorf("%s is no signer of models: a key or an authority is sha256: and 64 hexadecimal digits, as zlaunch model verify prints it, a name NAME@ and those of its authority", bounded.Shown(t))
		}
		w := modelSigner{key: part[2]}
		if part[1] != "" {
			if w.name, err = newPattern(part[1]); err != nil {
				return nil, err
			}
		}
		out = append(out, w)
	}
	return out, err
}

// is tells whether a signer of models is the one that is wanted.
func (w modelSigner) is(signer string) bool {
	part := keyAtEnd().FindStringSubmatch(signer)
	if part == nil || part[2] != w.key {
		return false
	}
	if w.name == "" || part[1] == "" {
		return string(w.name) == part[1]
	}
	return w.name.matches(part[1])
}

// ofModels is the judge of a run that is given models.
func ofModels(bad func(m *Models) string) judge {
	return func(s *Subject) []violation {
		at, given := modelsAt(s.Spec)
		switch {
		case !given && s.Profile == "":
			return unheld(s.Spec)
		case !given:
			return nil
		case s.Models == nil:
			return []violation{broken(at, "they were held against nothing")}
		}
		if why := bad(s.Models); why != "" {
			return []violation{broken(at, why)}
		}
		return nil
	}
}

// unheld are the directories of the host that a run has which zlaunch did not start: which of
// them are models, nobody says, and nobody held them against anything.
func unheld(s *container.Spec) (out []violation) {
	for _, target := range container.VolumeAt.Keys(s) {
		if v, _, _ := container.VolumeAt.Get(s, target); v.Bind() {
			out = append(out, unknown(container.Path{Key: container.VolumeAt.Key(), Elem: target}, "whether models are in it, and which, is not known"))
		}
	}
	if !container.VolumeAt.Complete(s) {
		out = append(out, unknown(container.Path{Key: container.VolumeAt.Key()}, "what is mounted is not known"))
	}
	return out
}

// modelsAt is where the models of a run are mounted.
func modelsAt(s *container.Spec) (container.Path, bool) {
	for _, target := range container.VolumeAt.Keys(s) {
		_, m, _ := container.VolumeAt.Get(s, target)
		if slices.ContainsFunc(m.Origin, func(o container.Origin) bool { return o.Key == container.OptionModels }) {
			return container.Path{Key: container.VolumeAt.Key(), Elem: target}, true
		}
	}
	return container.Path{}, false
}
