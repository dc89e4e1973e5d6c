package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// The types of the artifact and of what it is made of.
const (
	TypeBundle  = "application/vnd.zlaunch.profiles.v1"
	TypeProfile = "application/vnd.zlaunch.profile.v1+toml"
)

// What the manifest says of the bundle. The version has OCI's own word.
const (
	ours         = "io.zlaunch."
	keyName      = ours + "bundle.name"
	keyRequires  = ours + "bundle.requires"
	keyChangelog = ours + "bundle.changelog"
	keyVersion   = ocispec.AnnotationVersion
)

// created is when every bundle was made: the same files are the same bytes tomorrow.
const created = "1970-01-01T00:00:00Z"

// Artifact is a bundle as registries keep it. It is small, so it is held whole.
type Artifact struct {
	Bundle   Bundle
	Manifest []byte // an OCI 1.1 image manifest, as it was made or fetched
}

// Descriptor names the artifact by its manifest.
func (a Artifact) Descriptor() ocispec.Descriptor {
	d := blob(ocispec.MediaTypeImageManifest, a.Manifest)
	d.ArtifactType = TypeBundle
	return d
}

// Digest is the manifest's: "sha256:…". It is what a lock pins and a signature is over.
func (a Artifact) Digest() digest.Digest { return digest.FromBytes(a.Manifest) }

// Pack makes the artifact of a bundle: one layer for each file, by name. The same
// files give the same bytes on every machine.
func (b Bundle) Pack() (Artifact, error) {
	b.Files = sorted(b.Files)
	if err := b.check(); err != nil {
		return Artifact{}, fmt.Errorf("packing the bundle: %w", err)
	}
	m := manifest(TypeBundle)
	m.Annotations[keyName] = b.Name
	m.Annotations[keyVersion] = b.Version
	if b.Requires != "" {
		m.Annotations[keyRequires] = b.Requires
	}
	if b.Changelog != "" {
		m.Annotations[keyChangelog] = b.Changelog
	}
	for _, f := range b.Files {
		layer := blob(TypeProfile, f.Data)
		layer.Annotations = map[string]string{ocispec.AnnotationTitle: f.Name}
		m.Layers = append(m.Layers, layer)
	}
	data, err := encode(m)
	return Artifact{Bundle: b, Manifest: data}, err
}

// manifest is an artifact without layers, whose configuration is empty
// (image-spec manifest.md, "Guidelines for Artifact Usage").
func manifest(artifactType string) ocispec.Manifest {
	return ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		ArtifactType: artifactType, Config: ocispec.DescriptorEmptyJSON,
		Annotations: map[string]string{ocispec.AnnotationCreated: created},
	}
}

// encode writes a manifest: the fields in their order, annotations sorted, no escapes
// of what only HTML minds.
func encode(m ocispec.Manifest) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return nil, err
	}
	data := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	if len(data) > maxManifest {
		return nil, fmt.Errorf("packing the bundle: its manifest has %d bytes, more than %d", len(data), maxManifest)
	}
	return data, nil
}

func blob(mediaType string, data []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
}

// blobs are bytes by their digests.
type blobs map[digest.Digest][]byte

// blobs are all that a place must hold before the manifest: the files and the
// empty configuration.
func (a Artifact) blobs() blobs {
	out := blobs{ocispec.DescriptorEmptyJSON.Digest: ocispec.DescriptorEmptyJSON.Data}
	for _, f := range a.Bundle.Files {
		out[digest.FromBytes(f.Data)] = f.Data
	}
	return out
}
