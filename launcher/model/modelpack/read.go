package modelpack

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// The annotations of layers that mean something here (model-spec docs/annotations.md; oras-go
// content/file).
const (
	keyPath     = "org.cncf.model.filepath"
	keyMetadata = "org.cncf.model.file.metadata+json"
	keyUntested = "org.cncf.model.file.mediatype.untested"
	keyUnpack   = "io.deis.oras.content.unpack"
	keyDiff     = "io.deis.oras.content.digest"
)

// CheckType refuses what is no manifest of an artifact by its media type, before it is fetched.
func CheckType(d ocispec.Descriptor) error {
	switch d.MediaType {
	case ocispec.MediaTypeImageManifest:
		return nil
	case ocispec.MediaTypeImageIndex, "application/vnd.docker.distribution.manifest.list.v2+json":
		return hint.Errorf("name the one that is meant by its digest: oci://HOST/REPOSITORY@sha256:…", "it is an index of several, and not one model")
	}
	return fmt.Errorf("it is %s, and not %s", quoted(d.MediaType), ocispec.MediaTypeImageManifest)
}

// Read reads the manifest of a model.
func Read(data []byte) (Artifact, error) {
	a, err := read(data)
	if err != nil {
		return Artifact{}, fmt.Errorf("reading the manifest of a model: %w", err)
	}
	return a, nil
}

func read(data []byte) (a Artifact, err error) {
	if len(data) > MaxManifest {
		return a, fmt.Errorf("it has more than %d bytes", MaxManifest)
	}
	var m ocispec.Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return a, fmt.Errorf("it is not JSON of one: %w", err)
	}
	if err := checkManifest(m); err != nil {
		return a, err
	}
	a = Artifact{Packed: m.ArtifactType == TypeManifest, Config: m.Config}
	var names Names
	for i, d := range m.Layers {
		l, err := a.layer(d)
		if err == nil {
			err = names.layer(l)
		}
		if err != nil {
			return a, fmt.Errorf("layer %d: %w", i+1, err)
		}
		if a.Bytes > math.MaxInt64-d.Size {
			return a, errors.New("the sizes of its layers are beyond all disks")
		}
		a.Bytes += d.Size
		a.Layers = append(a.Layers, l)
	}
	return a, nil
}

func checkManifest(m ocispec.Manifest) error {
	packed := m.ArtifactType == TypeManifest
	switch {
	case m.SchemaVersion != 2 || m.MediaType != ocispec.MediaTypeImageManifest:
		return fmt.Errorf("it is of schema %d and type %s", m.SchemaVersion, quoted(m.MediaType))
	case m.Config.MediaType == ocispec.MediaTypeImageConfig && m.ArtifactType == "":
		return hint.Errorf("podman pull", "it is a container image, and no model")
	case packed && m.Config.MediaType != TypeConfig:
		return fmt.Errorf("its configuration is %s, and not %s", quoted(m.Config.MediaType), TypeConfig)
	case !packed && m.Config.MediaType == TypeConfig:
		return fmt.Errorf("its configuration is of ModelPack, and its artifact type is %s", quoted(m.ArtifactType))
	case len(m.Layers) == 0:
		return errors.New("it has no files")
	case len(m.Layers) > MaxLayers:
		return fmt.Errorf("it has %d layers, more than %d", len(m.Layers), MaxLayers)
	}
	if err := checkBlob(m.Config, MaxConfig); err != nil {
		return fmt.Errorf("its configuration: %w", err)
	}
	return nil
}

// checkBlob refuses a blob that cannot be held against its digest, or lies somewhere else.
func checkBlob(d ocispec.Descriptor, most int64) error {
	switch {
	case !bounded.Digest(d.Digest.String()):
		return fmt.Errorf("%s is no sha256 digest", quoted(d.Digest.String()))
	case d.Size < 0 || d.Size > most:
		return fmt.Errorf("its size is said to be %d bytes, and may be %d", d.Size, most)
	case len(d.URLs) > 0:
		return errors.New("it is to be fetched from somewhere else")
	}
	return nil
}

// layer reads one layer of the artifact.
func (a *Artifact) layer(d ocispec.Descriptor) (Layer, error) {
	l := Layer{Descriptor: d}
	if err := checkBlob(d, math.MaxInt64); err != nil {
		return l, err
	}
	if !a.Packed {
		return l.plain()
	}
	if l.Form = formOf(d.MediaType); l.Form == "" {
		return l, fmt.Errorf("it is %s, no layer of ModelPack", quoted(d.MediaType))
	}
	if l.Form != Raw {
		return l, nil // what the annotation has for a path is a name of the archive: its own paths count
	}
	if l.Path = d.Annotations[keyPath]; l.Path == "" {
		l.Path = d.Annotations[ocispec.AnnotationTitle]
	}
	err := l.metadata()
	return l, err
}

// plain reads a layer as ORAS writes it.
func (l Layer) plain() (Layer, error) {
	l.Form, l.Path = Raw, l.Annotations[ocispec.AnnotationTitle]
	if l.Path == "" {
		return l, fmt.Errorf("it is %s, and no %s says what the file is called", quoted(l.MediaType), ocispec.AnnotationTitle)
	}
	switch unpack := l.Annotations[keyUnpack]; unpack {
	case "", "false":
		err := l.metadata()
		return l, err
	case "true":
		l.Form, l.Diff = archived(l.MediaType), l.Annotations[keyDiff]
	default:
		return l, fmt.Errorf("whether it is to be unpacked is said by %s", quoted(unpack))
	}
	if l.Diff != "" && !bounded.Digest(l.Diff) {
		return l, fmt.Errorf("%s is no sha256 digest", quoted(l.Diff))
	}
	return l, checkPath(l.Path)
}

// metadata reads what is said of a raw layer's file. Owner and times of whoever packed it are
// nobody's here.
func (l *Layer) metadata() error {
	text := l.Annotations[keyMetadata]
	if text == "" {
		return nil
	}
	var m struct {
		Mode     uint32
		Size     *int64
		Typeflag byte
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return fmt.Errorf("what is said of its file is not JSON of that: %w", err)
	}
	switch {
	case m.Typeflag != 0 && m.Typeflag != '0': // of tar: a regular file
		return fmt.Errorf("its file is of type %q, and no regular one", m.Typeflag)
	case m.Size != nil && *m.Size != l.Size:
		return fmt.Errorf("its file is said to have %d bytes, and it has %d", *m.Size, l.Size)
	}
	l.Exec = m.Mode&0o100 != 0
	return nil
}

// layer takes up the path of a layer, where it has one.
func (n *Names) layer(l Layer) error {
	if l.Form == Raw {
		return n.File(l.Path)
	}
	if l.Path == "" {
		return nil
	}
	return n.Dir(l.Path)
}
