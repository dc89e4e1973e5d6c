package plan

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// stored are the models of a run that come from the store.
type stored struct {
	store.Model
	in   store.Store
	ref  string         // by digest, whatever was asked for
	mark container.Mark // who asked
}

// planStored finds models that are named by a reference in the store: those of the command line,
// or where it names none, those of the profile. From then on they are named by their digest.
func planStored(p *Plan, in store.Store) error {
	given, mark := p.Options.Models, typed(container.OptionModels, container.Mark{})
	if given == "" && p.Profile.Models != nil && p.Profile.Models.Source != "" {
		given, mark = p.Profile.Models.Source, container.From(p.Profile.Origin("models.source"))
	}
	if !store.IsRef(given) {
		return nil
	}
	m, err := in.Find(given)
	if err != nil {
		return err
	}
	p.stored = &stored{m, in, byDigest(given, m.Manifest), mark}
	if p.Options.Models != "" {
		p.Options.Models = p.stored.ref
	}
	return nil
}

// KeepModels has nobody remove the models of a run from the store until release: once there is
// a container, that keeps them. Models that are not of the store nobody keeps.
func KeepModels(ctx context.Context, p *Plan, tell func(string)) (release func(), err error) {
	if p.stored == nil {
		return func() {}, nil
	}
	release, err = p.stored.in.Keep(ctx, p.stored.Model, tell)
	if errors.Is(err, fs.ErrNotExist) {
		err = hint.Wrap(err, store.Again(p.stored.ref))
	}
	return release, err
}

// byDigest is a reference with the digest that it means in place of a tag.
func byDigest(ref, manifest string) string {
	rest, ok := strings.CutPrefix(ref, "oci://")
	if !ok || strings.Contains(rest, "@") {
		return ref
	}
	if slash, colon := strings.LastIndexByte(rest, '/'), strings.LastIndexByte(rest, ':'); colon > slash {
		rest = rest[:colon]
	}
	return "oci://" + rest + "@" + manifest
}

// modelsPath is where the models of a run lie; "" it has none.
func modelsPath(p *Plan) string {
	if p.stored != nil {
		return p.stored.Path
	}
	return p.Options.Models
}

// modelsMark is who decided that a run has its models.
func modelsMark(p *Plan) container.Mark {
	if p.stored != nil {
		return p.stored.mark
	}
	return typed(container.OptionModels, container.Mark{})
}

// digest is what the store says that the models are; "" they are not of the store.
func (s *stored) digest() string {
	if s == nil {
		return ""
	}
	return s.Digest
}

// named is how the store names the models; "" they are not of it.
func (s *stored) named() string {
	if s == nil {
		return ""
	}
	return s.ref
}
