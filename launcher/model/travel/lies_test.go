package travel

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/model/modelpack"
)

// weights are the one large file of the model that a lying registry has.
var weights = strings.Repeat("0123456789abcdef", 20_000)

// lie is how a registry answers otherwise; nil where it tells the truth.
type lie struct {
	manifest func(w http.ResponseWriter, r *http.Request, manifest []byte) bool
	blob     func(w http.ResponseWriter, r *http.Request, text []byte) bool
}

// liar serves one model, whose large blob and manifest a lie may stand for.
func liar(t *testing.T, l lie) (bundle.Ref, modelpack.Written) {
	t.Helper()
	_, print := modelOf(t, map[string]string{"w.safetensors": weights, "config.json": "{}"})
	w, err := modelpack.Write(print.Files())
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string][]byte{digest.FromBytes(w.Config).String(): w.Config, digest.FromString("{}").String(): []byte("{}"), digest.FromString(weights).String(): []byte(weights)}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		_, name, _ := strings.Cut(r.URL.Path, "/v2/ml/m/")
		switch kind, what, _ := strings.Cut(name, "/"); {
		case kind == "manifests" && l.manifest != nil && l.manifest(out, r, w.Manifest):
		case kind == "manifests" && (what == "1" || what == w.Digest().String()):
			answer(out, ocispec.MediaTypeImageManifest, w.Manifest)
		case kind == "blobs" && what == digest.FromString(weights).String() && l.blob != nil && l.blob(out, r, []byte(weights)):
		case kind == "blobs" && texts[what] != nil:
			http.ServeContent(out, r, "", modelTime, bytes.NewReader(texts[what]))
		case kind == "referrers":
			answer(out, ocispec.MediaTypeImageIndex, []byte(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`))
		default:
			http.NotFound(out, r)
		}
	}))
	t.Cleanup(server.Close)
	return refOf(t, strings.Replace(server.URL, "http://", "oci://", 1)+"/ml/m:1"), w
}

func answer(w http.ResponseWriter, media string, text []byte) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Docker-Content-Digest", digest.FromBytes(text).String())
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}

// changed answers with a manifest that somebody changed.
func changed(old, new string) lie {
	return lie{manifest: func(w http.ResponseWriter, _ *http.Request, m []byte) bool {
		answer(w, ocispec.MediaTypeImageManifest, bytes.Replace(m, []byte(old), []byte(new), 1))
		return true
	}}
}

// sends answers with a blob that it makes of the true one.
func sends(status int, header map[string]string, body func(text []byte) []byte) lie {
	return lie{blob: func(w http.ResponseWriter, _ *http.Request, text []byte) bool {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write(body(text))
		return true
	}}
}

// A registry that lies is found out, and nothing of what it gave is a model.
func TestLies(t *testing.T) {
	same := func(text []byte) []byte { return text }
	tampered := func(text []byte) []byte { return append([]byte("X"), text[1:]...) }
	for name, c := range map[string]struct {
		lie  lie
		want string
	}{
		"another content":   {sends(200, nil, tampered), "not what its digest says"},
		"more, chunked":     {sends(200, map[string]string{"Transfer-Encoding": "chunked"}, func(b []byte) []byte { return append(bytes.Clone(b), "more"...) }), "more bytes than"},
		"another length":    {sends(200, map[string]string{"Content-Length": "5"}, func(b []byte) []byte { return b[:5] }), "announces 5 bytes"},
		"less, chunked":     {sends(200, map[string]string{"Transfer-Encoding": "chunked"}, func(b []byte) []byte { return b[:1000] }), "less than it announced"},
		"encoded":           {sends(200, map[string]string{"Content-Encoding": "gzip"}, gzipped), "encodes it"},
		"nothing":           {sends(204, nil, func([]byte) []byte { return nil }), "204"},
		"not there":         {sends(404, nil, same), "not found"},
		"unasked part":      {sends(206, map[string]string{"Content-Range": "bytes 0-319999/320000"}, same), "206"},
		"a page of words":   {sends(200, map[string]string{"Content-Type": "text/html"}, func([]byte) []byte { return []byte("<html>log in") }), "announces 12 bytes"},
		"without end":       {lie{blob: endless}, "more bytes than"},
		"an index":          {lie{manifest: typed(ocispec.MediaTypeImageIndex)}, "an index of several"},
		"another type":      {lie{manifest: typed("application/vnd.docker.distribution.manifest.v2+json")}, "and not application/vnd.oci"},
		"a type of nothing": {lie{manifest: typed("text/html")}, "and not application/vnd.oci"},
		"no such tag":       {lie{manifest: func(w http.ResponseWriter, r *http.Request, _ []byte) bool { http.NotFound(w, r); return true }}, "not found"},
		"other at its digest": {lie{manifest: func(w http.ResponseWriter, r *http.Request, m []byte) bool {
			if r.Method == http.MethodGet {
				w.Header().Set("Content-Type", ocispec.MediaTypeImageManifest)
				_, _ = w.Write(bytes.Replace(m, []byte(`config.json`), []byte(`config.jsoX`), -1))
				return true
			}
			return false
		}}, "is not what its digest says"},
		"a path out":      {changed(`"org.cncf.model.filepath":"config.json"`, `"org.cncf.model.filepath":"../../../.bashrc"`), "not plain"},
		"twins":           {changed(`"org.cncf.model.filepath":"config.json"`, `"org.cncf.model.filepath":"w.SAFETENSORS"`), "one on some disks"},
		"a layer twice":   {changed(`"org.cncf.model.filepath":"config.json"`, `"org.cncf.model.filepath":"w.safetensors"`), "there twice"},
		"a smaller size":  {changed(`"size":320000,"ann`, `"size":31999,"ann`), "and it has"},
		"an unknown type": {changed("weight.config.v1.raw", "weight.config.v1.exe"), "no layer of ModelPack"},
		"a large one": {lie{manifest: func(w http.ResponseWriter, _ *http.Request, m []byte) bool {
			answer(w, ocispec.MediaTypeImageManifest, append(m, bytes.Repeat([]byte(" "), 5<<20)...))
			return true
		}}, "4194304"},
	} {
		t.Run(name, func(t *testing.T) {
			ref, w := liar(t, c.lie)
			tr := traveller(t)
			got, err := tr.Pull(t.Context(), Wish{Ref: ref})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v, %v; want %q", got, err, c.want)
			}
			if list, err := tr.Store.List(); len(list) > 0 || err != nil {
				t.Errorf("the store has %v, %v", list, err)
			}
			if _, err := tr.Store.Find(w.Digest().String()); err == nil {
				t.Error("it is found")
			}
			if trees, _ := filepath.Glob(string(tr.Store) + "/trees/*"); len(trees) > 0 {
				t.Errorf("trees: %v", trees)
			}
		})
	}
}

func gzipped(text []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(text)
	_ = w.Close()
	return out.Bytes()
}

func endless(w http.ResponseWriter, r *http.Request, text []byte) bool {
	for r.Context().Err() == nil {
		if _, err := w.Write(text); err != nil {
			break
		}
	}
	return true
}

func typed(media string) func(http.ResponseWriter, *http.Request, []byte) bool {
	return func(w http.ResponseWriter, _ *http.Request, m []byte) bool { answer(w, media, m); return true }
}

// Who asks for a digest gets that, or nothing.
func TestAnotherDigest(t *testing.T) {
	ref, w := liar(t, changed("config.json", "config.jsoN"))
	ref.Tag, ref.Digest = "", w.Digest().String()
	if got, err := traveller(t).Pull(t.Context(), Wish{Ref: ref}); err == nil {
		t.Errorf("%+v", got)
	}
}

// A tag that is moved while it is pulled gives what it meant first, whole.
func TestMovedTag(t *testing.T) {
	var asked atomic.Int64
	dir, print := some(t)
	other, otherPrint := modelOf(t, map[string]string{"w": "another"})
	ref := serve(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r)
			if r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, "/manifests/1") && asked.Add(1) == 1 {
				moved := refOf(t, "oci://"+r.Host+"/ml/m:1")
				push(t, moved, other, otherPrint, nil)
			}
		})
	})
	asked.Store(10)
	first := push(t, ref, dir, print, nil)
	asked.Store(0)
	tr := traveller(t)
	if got, err := tr.Pull(t.Context(), Wish{Ref: ref}); err != nil || got.Manifest != first.Manifest || got.Digest != print.Digest {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := tr.Pull(t.Context(), Wish{Ref: ref}); err != nil || got.Digest != otherPrint.Digest {
		t.Errorf("%+v, %v", got, err)
	}
	if m, err := tr.Store.Find(ref.String()); err != nil || m.Digest != otherPrint.Digest {
		t.Errorf("%+v, %v", m, err)
	}
}

// A connection that ends too early is gone on with: by Range, or from the beginning where the
// registry has none; and so is what an earlier pull left.
func TestResume(t *testing.T) {
	for name, ranges := range map[string]bool{"with ranges": true, "without": false} {
		var sent, asked atomic.Int64
		ref, _ := liar(t, lie{blob: func(w http.ResponseWriter, r *http.Request, text []byte) bool {
			from, n := 0, asked.Add(1)
			if ranges && r.Header.Get("Range") != "" {
				_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(text)-1, len(text)))
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(text)-from))
			if from > 0 {
				w.WriteHeader(http.StatusPartialContent)
			}
			end := min(len(text), int(n)*100_000) // each time a little further
			if end < from {
				end = from
			}
			m, _ := w.Write(text[from:end])
			sent.Add(int64(m))
			return true
		}})
		tr := traveller(t)
		got, err := tr.Pull(t.Context(), Wish{Ref: ref})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := got.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := map[bool]int64{true: 320_000, false: 100_000 + 200_000 + 300_000 + 320_000}[ranges]; sent.Load() != want || tr.Count.Load() != 320_002 {
			t.Errorf("%s: %d bytes were sent, %d counted, want %d", name, sent.Load(), tr.Count.Load(), want)
		}
	}
}

// What goes on elsewhere than it was asked to is no part of the blob.
func TestWrongRange(t *testing.T) {
	for name, header := range map[string]string{"elsewhere": "bytes 5-319999/320000", "of another": "bytes 100000-319999/320001", "less": "bytes 100000-200000/320000", "unsaid": ""} {
		ref, _ := liar(t, lie{blob: func(w http.ResponseWriter, r *http.Request, text []byte) bool {
			if r.Header.Get("Range") == "" {
				w.Header().Set("Content-Length", strconv.Itoa(len(text)))
				_, _ = w.Write(text[:100_000])
				return true
			}
			w.Header().Set("Content-Range", header)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(text[100_000:])
			return true
		}})
		if got, err := traveller(t).Pull(t.Context(), Wish{Ref: ref}); err == nil || !strings.Contains(err.Error(), "asked for what follows byte 100000") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A registry that keeps blobs on another host sends us there; it gets no login of ours.
func TestRedirect(t *testing.T) {
	logins := filepath.Join(t.TempDir(), "auth.json")
	var seen []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		http.ServeContent(w, r, "", modelTime, strings.NewReader(weights))
	}))
	t.Cleanup(elsewhere.Close)
	var asked []string
	ref, _ := liar(t, lie{
		manifest: func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.Header.Get("Authorization") == "" {
				w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}
			return false
		},
		blob: func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			asked = append(asked, r.Header.Get("Authorization"))
			http.Redirect(w, r, elsewhere.URL+"/x", http.StatusTemporaryRedirect)
			return true
		}})
	text, _ := json.Marshal(map[string]any{"auths": map[string]any{ref.Host: map[string]string{"auth": "dXNlcjpwYXNz"}}})
	if err := os.WriteFile(logins, text, 0o600); err != nil {
		t.Fatal(err)
	}
	tr := traveller(t)
	tr.Settings.Logins = []string{logins}
	if _, err := tr.Pull(t.Context(), Wish{Ref: ref}); err != nil {
		t.Fatal(err)
	}
	if len(asked) != 1 || asked[0] == "" || len(seen) != 1 || seen[0] != "" {
		t.Errorf("the registry got %q, the other host %q", asked, seen)
	}
}

// A pull that was ended in the middle leaves what it fetched, and a file that somebody changed
// in the store is fetched anew.
func TestDamage(t *testing.T) {
	dir, print := some(t)
	ref, tr := serve(t, nil), traveller(t)
	push(t, ref, dir, print, nil)
	got, err := tr.Pull(t.Context(), Wish{Ref: ref})
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(got.Path, "w.safetensors")
	if err := errors.Join(os.Chmod(at, 0o644), os.WriteFile(at, []byte("tampered"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := got.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "and was "+print.Digest) {
		t.Errorf("%v", err)
	}
	other, otherPrint := modelOf(t, map[string]string{"w.safetensors": strings.Repeat("weights", 100_000)})
	push(t, ref, other, otherPrint, nil)
	fresh, err := tr.Pull(t.Context(), Wish{Ref: ref})
	if err == nil {
		err = fresh.Check(t.Context())
	}
	if err != nil || fresh.Fetched != 700_000 {
		t.Errorf("%+v, %v", fresh, err)
	}
}

// Files of ORAS and archives of ModelPack are unpacked; the archive goes, its files stay.
func TestArchives(t *testing.T) {
	for name, c := range map[string]struct {
		manifest string
		blobs    []string
		want     map[string]string
		err      string
	}{
		"modelpack": {
			`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"` + modelpack.TypeManifest + `","config":{"mediaType":"` + modelpack.TypeConfig + `","digest":"$0","size":2},
			"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.tar+gzip","digest":"$1","size":#1},{"mediaType":"application/vnd.cncf.model.doc.v1.tar","digest":"$2","size":#2}]}`,
			[]string{"{}", string(gzipped(tarOf(t, "w", "weights", "s/c", "config"))), string(tarOf(t, "README", "weights"))},
			map[string]string{"w": "weights", "s/c": "config", "README": "weights"}, "",
		},
		"oras": {
			`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.unknown.artifact.v1","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"$0","size":2},
			"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"$1","size":#1,"annotations":{"org.opencontainers.image.title":"d","io.deis.oras.content.unpack":"true"}},
			{"mediaType":"a/b","digest":"$2","size":#2,"annotations":{"org.opencontainers.image.title":"m.gguf"}}]}`,
			[]string{"{}", string(gzipped(tarOf(t, "d/a", "one"))), "GGUF"}, map[string]string{"d/a": "one", "m.gguf": "GGUF"}, "",
		},
		"twins of two layers": {
			`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"` + modelpack.TypeManifest + `","config":{"mediaType":"` + modelpack.TypeConfig + `","digest":"$0","size":2},
			"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.tar","digest":"$1","size":#1},{"mediaType":"application/vnd.cncf.model.doc.v1.tar","digest":"$2","size":#2}]}`,
			[]string{"{}", string(tarOf(t, "w", "weights")), string(tarOf(t, "W", "other"))}, nil, "one on some disks",
		},
		"a bomb": {
			`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"` + modelpack.TypeManifest + `","config":{"mediaType":"` + modelpack.TypeConfig + `","digest":"$0","size":2},
			"layers":[{"mediaType":"application/vnd.cncf.model.weight.v1.tar+gzip","digest":"$1","size":#1}]}`,
			[]string{"{}", string(gzipped(tarOf(t, "w", strings.Repeat("\x00", 4<<20))))}, nil, "larger than the model may be",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for i, b := range c.blobs {
				c.manifest = strings.NewReplacer(fmt.Sprint("$", i), digest.FromString(b).String(), fmt.Sprint("#", i), strconv.Itoa(len(b))).Replace(c.manifest)
			}
			ref := refOf(t, "dir:"+t.TempDir()+"/l:1")
			depot, err := bundle.OpenDepot(ref, bundle.Settings{})
			for _, b := range c.blobs {
				if err == nil {
					err = depot.Send(t.Context(), ocispec.Descriptor{Digest: digest.FromString(b), Size: int64(len(b))}, opens([]byte(b)))
				}
			}
			if err == nil {
				_, err = depot.Publish(t.Context(), []byte(c.manifest), "1")
			}
			if err != nil {
				t.Fatal(err)
			}
			tr := traveller(t)
			got, err := tr.Pull(t.Context(), Wish{Ref: ref, Most: 1 << 20})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			_, print := modelOf(t, c.want)
			if got.Digest != print.Digest || got.Check(t.Context()) != nil {
				t.Errorf("%+v, and not %s", got, print.Digest)
			}
			if n, _, err := tr.Store.Waiting(); n != 0 || err != nil {
				t.Errorf("%d archives are left, %v", n, err)
			}
		})
	}
}

// Who reads a model while it is sent and finds another sends nothing.
func TestChangedWhilePushed(t *testing.T) {
	dir, print := some(t)
	if err := os.WriteFile(dir+"/w.safetensors", []byte(strings.Repeat("Weights", 100_000)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []bundle.Ref{serve(t, nil), refOf(t, "dir:"+t.TempDir()+"/l:1")} {
		if got, err := traveller(t).Push(t.Context(), dir, print, ref, nil); err == nil {
			t.Errorf("%s: %+v", ref, got)
		}
		if got, err := traveller(t).Pull(t.Context(), Wish{Ref: ref}); err == nil {
			t.Errorf("%s: %+v", ref, got)
		}
	}
}
