package travel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/modelpack"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// RefusedError is a model that nobody may have: it is not what was asked for, or not signed by
// whom it must be.
type RefusedError struct {
	Ref string
	Err error
}

func (e *RefusedError) Error() string { return "the model " + e.Ref + " is refused: " + e.Err.Error() }
func (e *RefusedError) Unwrap() error { return e.Err }

// Pull puts the model that a reference names into the store. What the store has already, of it
// or of another, is not fetched again; what was fetched by somebody who was killed is gone on with.
func (t *Traveller) Pull(ctx context.Context, w Wish) (Pulled, error) {
	if p, ok, err := t.here(ctx, w); ok || err != nil {
		return p, err
	}
	from, err := bundle.OpenDepot(w.Ref, t.Settings)
	if err != nil {
		return Pulled{}, fmt.Errorf("pulling the model %s: %w", w.Ref, err)
	}
	p := puller{Traveller: t, wish: w, from: from}
	if err := p.manifest(ctx); err != nil {
		return Pulled{}, fmt.Errorf("pulling the model %s: %w", w.Ref, err)
	}
	if p.session, err = t.Store.Open(ctx, p.desc.Digest.String(), t.Tell); err != nil {
		return Pulled{}, err
	}
	defer p.session.Close()
	got, err := p.pull(ctx)
	if err != nil {
		return Pulled{}, fmt.Errorf("pulling the model %s: %w", w.Ref, err)
	}
	return got, t.Store.Note(w.Ref.String(), got.Manifest, t.Now())
}

// here is a model that is named by its digest and needs nobody to be asked: where somebody must
// have signed it, the statement beside it says who.
func (t *Traveller) here(ctx context.Context, w Wish) (Pulled, bool, error) {
	if w.Ref.Digest == "" {
		return Pulled{}, false, nil
	}
	m, err := t.Store.Find(w.Ref.Digest)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return Pulled{}, false, err
	}
	signed := t.signedHere(ctx, m, w.Trust)
	if w.Trust != nil && signed == nil {
		return Pulled{}, false, nil
	}
	err = t.Store.Note(w.Ref.String(), m.Manifest, t.Now())
	return Pulled{Model: m, Ref: byDigest(w.Ref, m.Manifest), Here: true, Signed: signed}, err == nil, err
}

// signedHere is who signed a model of the store, by the statement beside it; nil: nobody who is
// trusted did, or something else.
func (t *Traveller) signedHere(ctx context.Context, m store.Model, trust *oms.Trust) *oms.Signed {
	if trust == nil {
		return nil
	}
	text, err := oms.ReadFile(m.Statement(), oms.MaxBundle)
	if err != nil {
		return nil
	}
	signed, err := trust.Verify(text)
	if err != nil {
		return nil
	}
	print, err := model.Take(ctx, m.Path)
	if err != nil || print.Digest != m.Digest || same(signed, signed.Against(print)) != nil {
		return nil
	}
	return signed
}

// byDigest is a reference of the store: by digest, of a registry where there is one.
func byDigest(r bundle.Ref, manifest string) string {
	if r.Dir != "" {
		return manifest
	}
	r.Tag, r.Digest = "", manifest
	return r.String()
}

// puller is one pull.
type puller struct {
	*Traveller
	wish     Wish
	from     bundle.Depot
	desc     ocispec.Descriptor // of the manifest
	artifact modelpack.Artifact
	session  *store.Session
	fetched  atomic.Int64
}

// manifest resolves the reference once, and reads what it means: where a tag is moved
// meanwhile, all is of what it named first.
func (p *puller) manifest(ctx context.Context) (err error) {
	asked := p.wish.Ref.Reference()
	if p.desc, err = p.from.Resolve(ctx, asked); err != nil {
		if bundle.NotFound(err) {
			err = hint.Wrap(err, "zlaunch model push DIR "+p.wish.Ref.String())
		}
		return err
	}
	if p.wish.Ref.Digest != "" && p.desc.Digest.String() != asked {
		return p.refused(fmt.Errorf("asked for that digest, the registry names %s", p.desc.Digest))
	}
	if err := modelpack.CheckType(p.desc); err != nil {
		return p.refused(err)
	}
	data, err := p.from.Read(ctx, p.desc, modelpack.MaxManifest)
	if err != nil {
		return err
	}
	if p.artifact, err = modelpack.Read(data); err != nil || !p.artifact.Packed {
		return p.refused(err)
	}
	if data, err = p.from.Read(ctx, p.artifact.Config, modelpack.MaxConfig); err != nil {
		return err
	}
	return p.refused(p.artifact.ReadConfig(data))
}

func (p *puller) refused(err error) error {
	if err == nil {
		return nil
	}
	return &RefusedError{p.wish.Ref.String(), err}
}

// pull is the part of a pull that nobody else does for the same model meanwhile.
func (p *puller) pull(ctx context.Context) (Pulled, error) {
	signed, statement, err := p.signature(ctx)
	if err != nil {
		return Pulled{}, err
	}
	m, err := p.Store.Find(p.desc.Digest.String())
	if err == nil {
		return p.found(ctx, m, signed, statement)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Pulled{}, err
	}
	if err := p.room(); err != nil {
		return Pulled{}, err
	}
	if err := p.fetchAll(ctx); err != nil {
		return Pulled{}, err
	}
	tree, err := p.session.Begin()
	if err != nil {
		return Pulled{}, err
	}
	if err = p.build(ctx, tree); err == nil && signed != nil {
		err = p.refused(same(signed, signed.Against(tree.Print())))
	} else if errors.Is(err, modelpack.ErrBudget) {
		err = hint.Wrap(err, "if it is meant to be that large: --max-size SIZE")
	}
	if err != nil {
		return Pulled{}, errors.Join(err, tree.Abandon())
	}
	m, err = tree.Commit(p.record(signed), statement)
	if err == nil {
		err = forget(p.session, p.artifact)
	}
	return Pulled{Model: m, Ref: byDigest(p.wish.Ref, p.desc.Digest.String()), Fetched: p.fetched.Load(), Signed: signed}, err
}

func (p *puller) record(signed *oms.Signed) store.Record {
	r := store.Record{Packed: p.artifact.Packed, Time: p.Now()}
	if signed != nil {
		r.Signers = signed.By.Signers()
	}
	return r
}
