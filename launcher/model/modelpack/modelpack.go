// Package modelpack is the form in which models lie in registries: a manifest whose layers are
// files, or archives of files. It reads that of CNCF ModelPack
// (https://github.com/modelpack/model-spec, docs/spec.md, docs/annotations.md, docs/config.md)
// and of plain files as ORAS keeps them (https://oras.land/docs/how_to_guides/pushing_and_pulling),
// and writes the first.
//
// Whoever made a manifest is a stranger: its numbers are held against bounds, its names must be
// plain paths of which no two are one on any disk, and a type that is not known here is refused.
// No blob is fetched here, and no file written.
package modelpack

import (
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Types of an artifact of ModelPack, and of its configuration.
const (
	TypeManifest = "application/vnd.cncf.model.manifest.v1+json"
	TypeConfig   = "application/vnd.cncf.model.config.v1+json"
)

// Bounds. They are far above any sensible model and far below what could hurt.
const (
	MaxManifest = 4 << 20 // bytes, as registries bound it (distribution-spec, "Pushing Manifests")
	MaxConfig   = 4 << 20 // bytes; it has a digest for each layer
	MaxLayers   = 10_000  // of one artifact: a manifest has room for some 6,000
	MaxFiles    = 100_000 // of one model, those in archives too
)

// Kind is what ModelPack has a layer be, in the words of its media types. It means nothing to
// whoever mounts the model: what a file is, its content tells.
type Kind string

// The kinds there are.
const (
	Weight  Kind = "weight"
	Config  Kind = "weight.config"
	Doc     Kind = "doc"
	Code    Kind = "code"
	Dataset Kind = "dataset"
)

// Form is how a layer holds files.
type Form string

// The forms there are; the words are those that media types end in.
const (
	Raw  Form = "raw" // one file as it is
	Tar  Form = "tar"
	Gzip Form = "tar+gzip"
	Zstd Form = "tar+zstd"
)

// Artifact is a model as its manifest says.
type Artifact struct {
	Packed bool               // it is of ModelPack; else files as ORAS keeps them
	Config ocispec.Descriptor // of a packed one: to be read with [ReadConfig]
	Layers []Layer            // in the manifest's order, at least one
	Bytes  int64              // of all layers, as they are fetched
}

// Layer is one blob of a model. Digest and size are those that its content must have.
type Layer struct {
	ocispec.Descriptor
	Form Form
	// Path is where a raw layer's file lies in the model. Of an archive it is the directory
	// below which all of it must lie; "" anywhere.
	Path string
	Exec bool   // of a raw layer: its owner may run the file
	Diff string // "sha256:…" that an archive must have when it is unpacked; "" it does not say
}

// mediaType is that of a layer of ModelPack.
func mediaType(k Kind, f Form) string {
	return "application/vnd.cncf.model." + string(k) + ".v1." + string(f)
}

// formOf is the form of a media type of ModelPack; "" it is none.
func formOf(media string) Form {
	for _, k := range []Kind{Weight, Config, Doc, Code, Dataset} {
		for _, f := range []Form{Raw, Tar, Gzip, Zstd} {
			if media == mediaType(k, f) {
				return f
			}
		}
	}
	return ""
}

// archived is the form of a directory as ORAS packs it: by its media type, and by gzip where
// that does not say (oras-go content/file).
func archived(media string) Form {
	switch {
	case strings.HasSuffix(media, "."+string(Tar)):
		return Tar
	case strings.HasSuffix(media, "."+string(Zstd)):
		return Zstd
	}
	return Gzip
}
