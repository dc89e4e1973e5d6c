package modelpack

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// Written is a model as it is to be put into a registry: what its manifest names must be there
// before it.
type Written struct {
	Manifest []byte
	Config   []byte
	Layers   []Layer // raw, in the order of their paths
}

// Digest is that of the manifest: "sha256:…".
func (w Written) Digest() digest.Digest { return digest.FromBytes(w.Manifest) }

// Write makes the artifact of the files of a model: a raw layer for each, by its path. The same
// files - names, contents, the right to run - give the same bytes on every machine.
func Write(files []model.File) (Written, error) {
	w, err := write(files)
	if err != nil {
		return w, fmt.Errorf("packing the model: %w", err)
	}
	return w, nil
}

func write(files []model.File) (w Written, err error) {
	if len(files) == 0 {
		return w, errors.New("it has no files")
	}
	if len(files) > MaxLayers {
		return w, fmt.Errorf("it has %d files, more than %d", len(files), MaxLayers)
	}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b model.File) int { return strings.Compare(a.Path, b.Path) })
	var names Names
	var diffs []string
	for _, f := range files {
		if f.Link {
			return w, hint.Errorf("cp -rL MODEL COPY, and push that", "%q is a symbolic link", f.Path)
		}
		if err := names.File(f.Path); err != nil {
			return w, err
		}
		l := layerOf(f)
		diffs = append(diffs, l.Digest.String())
		w.Layers = append(w.Layers, l)
	}
	if w.Config, err = configOf(diffs); err != nil {
		return w, err
	}
	w.Manifest, err = w.manifest()
	return w, err
}

// layerOf is the layer of a file. Times and owners are left as zero: they are not the model's.
// What kind it is, is told by its name, and the annotation for that says so.
func layerOf(f model.File) Layer {
	l := Layer{Form: Raw, Path: f.Path, Exec: f.Exec, Descriptor: ocispec.Descriptor{
		MediaType: mediaType(kindOf(f.Path), Raw), Size: f.Size,
		Digest: digest.NewDigestFromEncoded(digest.SHA256, hex.EncodeToString(f.SHA256[:])),
	}}
	mode := 0o644
	if f.Exec {
		mode = 0o755
	}
	name, _ := encode(f.Path)
	l.Annotations = map[string]string{
		ocispec.AnnotationTitle: f.Path, // where ORAS looks
		keyPath:                 f.Path,
		keyUntested:             "true",
		keyMetadata:             fmt.Sprintf(`{"name":%s,"mode":%d,"uid":0,"gid":0,"size":%d,"mtime":"1970-01-01T00:00:00Z","typeflag":%d}`, name, mode, f.Size, '0'),
	}
	return l
}

// kindOf tells what a file of that name is for.
func kindOf(name string) Kind {
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".py", ".sh", ".ipynb", ".go", ".js", ".ts", ".c", ".cc", ".cpp", ".h", ".so":
		return Code
	case ".csv", ".tsv", ".jsonl", ".parquet", ".arrow":
		return Dataset
	case ".md", ".rst", ".pdf":
		return Doc
	case ".json", ".txt", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".pbtxt", ".jinja", ".model", ".vocab", ".xml":
		return Config
	}
	for _, doc := range []string{"readme", "license", "notice", "copying", "changelog"} {
		if strings.HasPrefix(base, doc) {
			return Doc
		}
	}
	return Weight
}

// configOf is the configuration of a model of which nothing is said but its layers.
func configOf(diffs []string) ([]byte, error) {
	type modelFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diffIds"`
	}
	return encode(struct {
		Descriptor struct{} `json:"descriptor"`
		ModelFS    modelFS  `json:"modelfs"`
		Config     struct{} `json:"config"`
	}{ModelFS: modelFS{"layers", diffs}})
}

func (w Written) manifest() ([]byte, error) {
	m := ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: TypeManifest,
		Config: ocispec.Descriptor{MediaType: TypeConfig, Digest: digest.FromBytes(w.Config), Size: int64(len(w.Config))},
	}
	for _, l := range w.Layers {
		m.Layers = append(m.Layers, l.Descriptor)
	}
	data, err := encode(m)
	if err == nil && len(data) > MaxManifest {
		err = hint.Errorf("put many small files into few archives", "its manifest has %d bytes, and registries take %d", len(data), MaxManifest)
	}
	return data, err
}

// encode writes JSON: fields in their order, annotations sorted, no escapes of what only HTML minds.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}
