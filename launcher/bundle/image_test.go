package bundle

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// References of images are read as profiles have them; who cannot be asked is told apart.
func TestParseImage(t *testing.T) {
	d := "sha256:" + strings.Repeat("0", 64)
	for in, want := range map[string]string{
		"docker.io/nginx:1": "oci://docker.io/library/nginx:1", "docker.io/team/app": "oci://docker.io/team/app",
		"r.example:5000/a/b:v1@" + d: "oci://r.example:5000/a/b@" + d, "icr.io/x@" + d: "oci://icr.io/x@" + d,
	} {
		if got, err := parseImage(in); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	for _, in := range []string{"localhost/app:1", "nginx", "team/app:1"} {
		if _, err := parseImage(in); !errors.Is(err, ErrNoRegistry) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// An image of one platform is of that alone, an index of those that it lists, and an
// index that lies about a size is not believed.
func TestImageOf(t *testing.T) {
	r := serve(t, inProcess(false))
	repo, err := openRepository(r, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	repo.ManifestMediaTypes = []string{ocispec.MediaTypeImageIndex, ocispec.MediaTypeImageManifest}
	push := func(mediaType, tag string, v any) ocispec.Descriptor {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		d := blob(mediaType, data)
		if err = repo.Push(t.Context(), d, reader(data)); err == nil && tag != "" {
			err = repo.Tag(t.Context(), d, tag)
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	config := push("application/vnd.oci.image.config.v1+json", "", map[string]string{"os": "linux", "architecture": "s390x"})
	m := manifest("")
	m.Config = config
	one := push(ocispec.MediaTypeImageManifest, "one", m)
	m.Annotations = map[string]string{"another": "one"}
	other := push(ocispec.MediaTypeImageManifest, "", m)
	on := func(d ocispec.Descriptor, arch, variant string) ocispec.Descriptor {
		d.Platform = &ocispec.Platform{OS: "linux", Architecture: arch, Variant: variant}
		return d
	}
	var index ocispec.Index
	index.SchemaVersion, index.MediaType = 2, ocispec.MediaTypeImageIndex
	index.Manifests = []ocispec.Descriptor{on(one, "s390x", ""), on(other, "s390x", ""), on(one, "amd64", "v3"), on(other, "arm64", "v8"), on(one, "riscv64", ""), one}
	push(ocispec.MediaTypeImageIndex, "index", index)
	name := r.Host + "/" + r.Repository
	for tag, want := range map[string]map[string]string{
		"one": {"s390x": one.Digest.String()}, "index": {"s390x": one.Digest.String(), "arm64": other.Digest.String()},
	} {
		got, err := ResolveImage(t.Context(), name+":"+tag, Settings{})
		if err != nil || len(got.Archs) != len(want) || got.Archs["s390x"] != want["s390x"] || got.Archs["arm64"] != want["arm64"] {
			t.Errorf("%s: %+v, %v", tag, got, err)
		}
	}
	if _, err := ResolveImage(t.Context(), name+":none", Settings{}); !NotFound(err) {
		t.Errorf("%v", err)
	}
}
