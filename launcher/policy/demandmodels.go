package policy

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
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

// modelSigners wants that models are signed.
func modelSigners(want any) (string, judge, error) {
	p, err := patternsOf(want)
	return "models must be signed by " + shownWant(want), ofModels(func(m *Models) string {
		switch {
		case len(m.Signers) == 0:
			return "no signature of them was asked for"
		case !slices.ContainsFunc(m.Signers, p.match):
			return "they are signed by " + quoted(strings.Join(m.Signers, " "))
		}
		return ""
	}), err
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
