package bom

import (
	"strconv"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/zlaunch/zlaunch/launcher/model/content"
)

// Model is a model by its content.
type Model struct {
	Name   string // as it was named
	Digest string // "sha256:…" of names and contents, as zlaunch model digest prints it
	OMS    string // "sha256:…" as OpenSSF Model Signing has it; "" there is none
	NoOMS  string // why not
	Files  []File // sorted by path
}

// File is one file of a model.
type File struct {
	content.Kind
	Path   string // relative, with slashes
	Size   int64
	SHA256 string // in hex; "" of a symbolic link
}

// component is the model with its files as parts. Its hash is that of OpenSSF Model Signing.
func (m *Model) component() cdx.Component {
	out := cdx.Component{BOMRef: "model:" + m.Digest, Type: cdx.ComponentTypeMachineLearningModel, Name: m.Name, Version: m.Digest}
	about := []string{"model:digest", m.Digest, "model:oms", m.OMS, "model:no-oms", m.NoOMS, "model:loading", string(m.loading())}
	if m.OMS != "" {
		out.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: strings.TrimPrefix(m.OMS, "sha256:")}}
		about = append(about, "model:hash", "root digest of OpenSSF Model Signing v1.0")
	}
	var parts []cdx.Component
	for i := range m.Files {
		f := &m.Files[i]
		if f.Class == content.Code {
			about = append(about, "model:runs-code", f.Path)
		}
		parts = append(parts, f.component(out.BOMRef))
	}
	out.Properties, out.Components = properties(about...), listed(parts)
	return out
}

// loading is what loading the model does: the worst that any of its files does.
func (m *Model) loading() content.Class {
	rank := map[content.Class]int{content.Data: 1, content.Graph: 2, content.Unknown: 3, content.Code: 4}
	var out content.Class
	for i := range m.Files {
		if rank[m.Files[i].Class] > rank[out] {
			out = m.Files[i].Class
		}
	}
	return out
}

func (f *File) component(model string) cdx.Component {
	out := cdx.Component{BOMRef: model + "#" + f.Path, Type: cdx.ComponentTypeFile, Name: f.Path}
	if f.SHA256 != "" {
		out.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: f.SHA256}}
	}
	out.Properties = properties("file:size", strconv.FormatInt(f.Size, 10), "file:format", f.Format, "file:loading", string(f.Class), "file:note", f.Note)
	return out
}
