package modelpack

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/model"
)

func fileOf(path, text string, exec bool) model.File {
	return model.File{Path: path, Size: int64(len(text)), SHA256: sha256.Sum256([]byte(text)), Exec: exec}
}

// What is written is read again, and the same files in any order are the same bytes: this
// digest is for ever.
func TestWrite(t *testing.T) {
	files := []model.File{fileOf("w.safetensors", "weights", false), fileOf("bin/run.sh", "#!", true), fileOf("config.json", "{}", false), fileOf("ü/README.md", "", false)}
	w, err := Write(files)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "sha256:e95ba4d4e27e57e7d0be1552f849c2ba53f017a6ac7f4a93db865024866354c5"
	if w.Digest() != golden {
		t.Errorf("the digest is %s:\n%s\n%s", w.Digest(), w.Manifest, w.Config)
	}
	files[0], files[3] = files[3], files[0]
	if again, err := Write(files); err != nil || !bytes.Equal(again.Manifest, w.Manifest) || !bytes.Equal(again.Config, w.Config) {
		t.Errorf("another order is something else: %v\n%s", err, again.Manifest)
	}
	a, err := Read(w.Manifest)
	if err == nil {
		err = a.ReadConfig(w.Config)
	}
	if err != nil || !a.Packed || len(a.Layers) != 4 || a.Bytes != 11 {
		t.Fatalf("%+v, %v", a, err)
	}
	for i, l := range a.Layers {
		if want := w.Layers[i]; l.Path != want.Path || l.Exec != want.Exec || l.Form != Raw || l.Digest != want.Digest {
			t.Errorf("%+v, and was written as %+v", l, want)
		}
	}
	for _, bad := range [][]model.File{nil, {{Path: "l", Link: true}}, {fileOf("a", "", false), fileOf("A", "", false)}, {fileOf("x\n", "", false)}} {
		if w, err := Write(bad); err == nil {
			t.Errorf("%v is written: %s", bad, w.Manifest)
		}
	}
}

const sum = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" // of "x"

// packed is a manifest of ModelPack with these layers.
func packed(layers ...string) string {
	return `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"` + TypeManifest +
		`","config":{"mediaType":"` + TypeConfig + `","digest":"` + sum + `","size":1},"layers":[` + strings.Join(layers, ",") + `]}`
}

// raw is a layer of it.
func raw(path string, more string) string {
	p, _ := json.Marshal(path)
	return `{"mediaType":"application/vnd.cncf.model.weight.v1.raw","digest":"` + sum + `","size":1,"annotations":{"` + keyPath + `":` + string(p) + more + `}}`
}

// plain is a manifest as ORAS writes it.
func plain(layers ...string) string {
	return `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.unknown.artifact.v1",` +
		`"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"` + ocispec.DescriptorEmptyJSON.Digest.String() + `","size":2},"layers":[` + strings.Join(layers, ",") + `]}`
}

func titled(media, title, more string) string {
	return `{"mediaType":"` + media + `","digest":"` + sum + `","size":1,"annotations":{"org.opencontainers.image.title":"` + title + `"` + more + `}}`
}

// What others write is read: AIKit's metadata, archives of ModelPack, ORAS's files and directories.
func TestRead(t *testing.T) {
	meta := `,"` + keyMetadata + `":"{\"name\":\"a\",\"mode\":493,\"uid\":0,\"gid\":0,\"size\":1,\"mtime\":\"1970-01-01T00:00:00Z\",\"typeflag\":0}"`
	for name, c := range map[string]struct {
		manifest string
		want     string
	}{
		"raw":           {packed(raw("a/b", meta)), "raw a/b true"},
		"title":         {packed(titled("application/vnd.cncf.model.doc.v1.raw", "a", "")), "raw a false"},
		"archive":       {packed(`{"mediaType":"application/vnd.cncf.model.code.v1.tar+zstd","digest":"` + sum + `","size":1,"annotations":{"` + keyPath + `":"config"}}`), "tar+zstd  false"},
		"oras":          {plain(titled("application/octet-stream", "m.gguf", "")), "raw m.gguf false"},
		"oras archive":  {plain(titled("application/vnd.oci.image.layer.v1.tar", "all.tar", "")), "raw all.tar false"},
		"oras unpack":   {plain(titled("application/vnd.oci.image.layer.v1.tar+gzip", "dir", `,"`+keyUnpack+`":"true","`+keyDiff+`":"`+sum+`"`)), "tar+gzip dir false"},
		"same content":  {packed(raw("a", ""), raw("b", "")), "raw a false, raw b false"},
		"own type":      {plain(titled("application/x-mine", "dir", `,"`+keyUnpack+`":"true"`)), "tar+gzip dir false"},
		"one directory": {packed(raw("a/b", ""), raw("a/c", "")), "raw a/b false, raw a/c false"},
	} {
		a, err := Read([]byte(c.manifest))
		var got []string
		for _, l := range a.Layers {
			got = append(got, fmt.Sprint(l.Form, " ", l.Path, " ", l.Exec))
		}
		if err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// What is no model, or leads somewhere, is refused with what is wrong.
func TestReadRefuses(t *testing.T) {
	layer := func(old, new string) string { return packed(strings.Replace(raw("a", ""), old, new, 1)) }
	for name, c := range map[string]struct{ manifest, want string }{
		"no JSON":            {"[", "not JSON"},
		"an index":           {`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}`, "of schema 2 and type"},
		"nothing":            {packed(), "no files"},
		"an image":           {`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json"}}`, "container image"},
		"other config":       {strings.Replace(packed(raw("a", "")), TypeConfig, "application/json", 1), "its configuration is"},
		"half a model":       {strings.Replace(packed(raw("a", "")), TypeManifest, "application/x", 1), "its configuration is of ModelPack"},
		"other layer":        {layer("weight.v1.raw", "weight.v2.raw"), "no layer of ModelPack"},
		"image layer":        {packed(titled("application/vnd.oci.image.layer.v1.tar", "a", "")), "no layer of ModelPack"},
		"sha512":             {layer("sha256:", "sha512:"), "no sha256 digest"},
		"negative size":      {layer(`"size":1`, `"size":-1`), "-1 bytes"},
		"sizes overflow":     {packed(strings.Replace(raw("a", ""), `"size":1`, `"size":9223372036854775807`, 1), raw("b", "")), "beyond all disks"},
		"elsewhere":          {layer(`"size":1`, `"size":1,"urls":["https://evil/x"]`), "somewhere else"},
		"large config":       {strings.Replace(packed(raw("a", "")), `"size":1}`, `"size":99999999}`, 1), "its configuration: its size"},
		"no path":            {packed(raw("", "")), "it is empty"},
		"absolute":           {packed(raw("/etc/passwd", "")), "at the root"},
		"out":                {packed(raw("a/../../b", "")), "not plain"},
		"dot":                {packed(raw("./a", "")), "not plain"},
		"directory":          {packed(raw("a/", "")), "not plain"},
		"escape":             {packed(raw("a\x1b[2J", "")), "U+001B"},
		"newline":            {packed(raw("a\nb", "")), "U+000A"},
		"bidi":               {packed(raw("a\u202eb", "")), "U+202E"},
		"deep":               {packed(raw(strings.Repeat("a/", 64)+"a", "")), "deeper than 64"},
		"long":               {packed(raw(strings.Repeat("a", 256), "")), "longer than 255"},
		"twice":              {packed(raw("a", ""), raw("a", "")), "there twice"},
		"case":               {packed(raw("a/B", ""), raw("A/b", "")), "one on some disks"},
		"case of directory":  {packed(raw("a/b", ""), raw("A/c", "")), "one on some disks"},
		"composed":           {packed(raw("\u00fc", ""), raw("u\u0308", "")), "one on some disks"},
		"file and directory": {packed(raw("a", ""), raw("a/b", "")), "a file and a directory"},
		"device":             {packed(raw("a", `,"`+keyMetadata+`":"{\"typeflag\":51}"`)), "no regular one"},
		"link":               {packed(raw("a", `,"`+keyMetadata+`":"{\"typeflag\":50}"`)), "no regular one"},
		"other size":         {packed(raw("a", `,"`+keyMetadata+`":"{\"size\":2}"`)), "said to have 2 bytes"},
		"bad metadata":       {packed(raw("a", `,"`+keyMetadata+`":"{\"size\":"`)), "not JSON of that"},
		"no title":           {plain(`{"mediaType":"application/octet-stream","digest":"` + sum + `","size":1}`), "what the file is called"},
		"unpack maybe":       {plain(titled("a/b", "d", `,"`+keyUnpack+`":"perhaps"`)), `said by "perhaps"`},
		"unpack out":         {plain(titled("a/b", "../d", `,"`+keyUnpack+`":"true"`)), "not plain"},
		"many layers":        {packed(strings.Repeat(raw("a", "")+",", MaxLayers) + raw("a", "")), "more than 10000"},
		"a large one":        {packed(raw(strings.Repeat("a", MaxManifest), "")), "more than 4194304 bytes"},
	} {
		if a, err := Read([]byte(c.manifest)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v; want %q", name, a, err, c.want)
		}
	}
}

func TestReadConfig(t *testing.T) {
	gz := strings.Replace(raw("a", ""), "weight.v1.raw", "weight.v1.tar+gzip", 1)
	other := strings.Replace(sum, "2d7", "3d7", 1)
	for name, c := range map[string]struct{ layer, config, want string }{
		"empty, as AIKit":  {raw("a", ""), "{}", ""},
		"as it is":         {raw("a", ""), `{"modelfs":{"type":"layers","diffIds":["` + sum + `"]}}`, ""},
		"of an archive":    {gz, `{"modelfs":{"type":"layers","diffIds":["` + other + `"]}}`, ""},
		"another":          {raw("a", ""), `{"modelfs":{"type":"layers","diffIds":["` + other + `"]}}`, "layer 1 is " + sum},
		"none":             {raw("a", ""), `{"modelfs":{"type":"layers","diffIds":[]}}`, "0 digests for 1 layers"},
		"no digest":        {gz, `{"modelfs":{"type":"layers","diffIds":["x"]}}`, "no sha256 digest"},
		"some other files": {raw("a", ""), `{"modelfs":{"type":"tree"}}`, "not by layers"},
		"no JSON":          {raw("a", ""), `{`, "not JSON"},
	} {
		a, err := Read([]byte(packed(c.layer)))
		if err == nil {
			err = a.ReadConfig([]byte(c.config))
		}
		if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if name == "of an archive" && a.Layers[0].Diff != other {
			t.Errorf("it is to be %q when it is unpacked", a.Layers[0].Diff)
		}
	}
}

// What is read of any bytes has digests, and paths of which each is plain and alone.
func FuzzRead(f *testing.F) {
	f.Add([]byte(packed(raw("a/b", ""), raw("a/c", ""))), []byte(`{"modelfs":{"type":"layers","diffIds":["`+sum+`","`+sum+`"]}}`))
	f.Add([]byte(plain(titled("a/b", "d", `,"`+keyUnpack+`":"true"`))), []byte("{}"))
	f.Add([]byte(packed(raw("a", `,"`+keyMetadata+`":"{\"mode\":493}"`))), []byte("null"))
	f.Fuzz(func(t *testing.T, manifest, config []byte) {
		a, err := Read(manifest)
		if err != nil {
			return
		}
		_ = a.ReadConfig(config)
		seen := map[string]bool{}
		for _, l := range a.Layers {
			if l.Digest.Validate() != nil || l.Digest.Algorithm() != digest.SHA256 || l.Size < 0 {
				t.Errorf("%+v", l)
			}
			if l.Form == Raw && (checkPath(l.Path) != nil || seen[folded(l.Path)]) {
				t.Errorf("the path %q", l.Path)
			}
			seen[folded(l.Path)] = l.Form == Raw
		}
	})
}

func TestCheckType(t *testing.T) {
	for media, ok := range map[string]bool{ocispec.MediaTypeImageManifest: true, ocispec.MediaTypeImageIndex: false, "application/vnd.docker.distribution.manifest.v2+json": false, "": false} {
		if err := CheckType(ocispec.Descriptor{MediaType: media}); (err == nil) != ok {
			t.Errorf("%s: %v", media, err)
		}
	}
}
