package travel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// TypeStatement is the type of a signed statement, of the artifact that refers to the model and
// of its one layer: a Sigstore bundle, as cosign attaches one.
const TypeStatement = "application/vnd.dev.sigstore.bundle.v0.3+json"

// maxStatements bounds what is looked at of what refers to a model.
const maxStatements = 32

// signature lists the statements about the model. Where somebody must have signed, it gives the
// first that does verify; else the first there is, which travels along.
func (p *puller) signature(ctx context.Context) (*oms.Signed, []byte, error) {
	list, err := statementsAbout(ctx, p.from, p.desc)
	if p.wish.Trust == nil {
		if err != nil {
			p.Tell("no signature of it is kept: " + err.Error())
		}
		if len(list) == 0 {
			return nil, nil, nil
		}
		return nil, list[0], nil
	}
	errs := []error{err}
	for _, text := range list {
		signed, err := p.wish.Trust.Verify(text)
		if err == nil {
			return signed, text, nil
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, p.refused(fmt.Errorf("nobody signed it who is trusted: %w", err))
	}
	return nil, nil, p.refused(hint.Errorf("zlaunch model push DIR REF --sign KEY", "nobody signed it"))
}

// statementsAbout fetches what refers to a model and says that it is a statement. There are
// registries that list the type of a configuration in the place of an artifact's own, and copies
// that lost it, so the place is not asked for one type.
func statementsAbout(ctx context.Context, from bundle.Depot, subject ocispec.Descriptor) (out [][]byte, err error) {
	var found []ocispec.Descriptor
	err = from.Referrers(ctx, subject, "", func(page []ocispec.Descriptor) error {
		for _, d := range page {
			if d.ArtifactType == TypeStatement || d.ArtifactType == "" || d.ArtifactType == ocispec.MediaTypeEmptyJSON {
				found = append(found, d)
			}
		}
		if len(found) > maxStatements {
			return fmt.Errorf("more than %d refer to it that may be statements", maxStatements)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, d := range found {
		text, err := statement(ctx, from, subject, d)
		if err == nil && text != nil {
			out = append(out, text)
		}
		errs = append(errs, err)
	}
	if len(out) == 0 {
		return nil, errors.Join(errs...)
	}
	return out, nil
}

// statement reads one, which says itself what it is about: a listing may lie. Of another
// artifact it gives nothing.
func statement(ctx context.Context, from bundle.Depot, subject, d ocispec.Descriptor) ([]byte, error) {
	const most = 64 << 10
	var m ocispec.Manifest
	data, err := from.Read(ctx, d, most)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	switch {
	case err != nil || m.ArtifactType != TypeStatement:
		return nil, err
	case m.Subject == nil || m.Subject.Digest != subject.Digest:
		return nil, errors.New("a statement is about another artifact")
	case len(m.Layers) != 1 || m.Layers[0].MediaType != TypeStatement:
		return nil, fmt.Errorf("a statement is not one layer of type %s", TypeStatement)
	}
	return from.Read(ctx, m.Layers[0], oms.MaxBundle)
}

// attach puts a statement where the model is.
func attach(ctx context.Context, to bundle.Depot, subject ocispec.Descriptor, statement []byte) error {
	layer := ocispec.Descriptor{MediaType: TypeStatement, Digest: digest.FromBytes(statement), Size: int64(len(statement))}
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: TypeStatement,
		Config: ocispec.DescriptorEmptyJSON, Layers: []ocispec.Descriptor{layer},
		Subject: &ocispec.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size},
		Annotations: map[string]string{ // as cosign has them
			ocispec.AnnotationCreated: "1970-01-01T00:00:00Z", "dev.sigstore.bundle.content": "dsse-envelope", "dev.sigstore.bundle.predicateType": oms.PredicateType,
		},
	}
	m.Config.Data = nil
	data, err := json.Marshal(m)
	if err == nil {
		err = to.Send(ctx, layer, opens(statement))
	}
	if err == nil {
		err = to.Send(ctx, m.Config, opens(ocispec.DescriptorEmptyJSON.Data))
	}
	if err == nil {
		_, err = to.Publish(ctx, data, "")
	}
	return err
}

// found is a model that the store had: its signature is judged, and kept, as that of a new one.
func (p *puller) found(ctx context.Context, m store.Model, signed *oms.Signed, statement []byte) (Pulled, error) {
	out := Pulled{Model: m, Ref: byDigest(p.wish.Ref, m.Manifest), Here: true, Signed: signed}
	if signed == nil {
		return out, nil
	}
	print, err := model.Take(ctx, m.Path)
	if err != nil {
		return out, err
	}
	if err := same(signed, signed.Against(print)); err != nil {
		return out, p.refused(err)
	}
	if print.Digest != m.Digest {
		return out, fmt.Errorf("the model %s is %s, and was %s when it was pulled", m.Manifest, print.Digest, m.Digest)
	}
	if err := p.session.Sign(statement); err != nil {
		return out, err
	}
	out.Model.Signers = p.record(signed).Signers
	return out, p.session.Update(out.Model.Record)
}
