package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sys/unix"
)

// Put writes blobs first and the index, which makes them count, last. Whatever is
// killed before that leaves the layout as it was.
func (l Layout) Put(_ context.Context, a Artifact, tag string, signatures ...[]byte) error {
	if tag != "" && !tagName.matches(tag) {
		return fmt.Errorf("writing the bundle %s: %s is no tag", a.Bundle.Name, quoted(tag))
	}
	blobs, entries := a.blobs(), []ocispec.Descriptor{a.Descriptor()}
	blobs[a.Digest()] = a.Manifest
	if tag != "" {
		entries[0].Annotations = map[string]string{ocispec.AnnotationRefName: tag}
	}
	for _, body := range signatures {
		m, err := signatureOf(a.Descriptor(), body)
		if err != nil {
			return err
		}
		entry := blob(ocispec.MediaTypeImageManifest, m)
		entry.ArtifactType = TypeSignature
		entry.Annotations = map[string]string{keySubject: a.Digest().String()}
		entries = append(entries, entry)
		blobs[entry.Digest], blobs[digest.FromBytes(body)] = m, body
	}
	err := l.change(func(index *ocispec.Index) error {
		if err := l.writeBlobs(blobs); err != nil {
			return err
		}
		for _, e := range entries {
			enter(index, e)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing the bundle %s to %s: %w", a.Bundle.Name, string(l), err)
	}
	return nil
}

// enter puts an entry into the index. What its tag named before stays, without the tag:
// somebody may have pinned it.
func enter(index *ocispec.Index, e ocispec.Descriptor) {
	tag := e.Annotations[ocispec.AnnotationRefName]
	for i, d := range index.Manifests {
		if tag != "" && d.Annotations[ocispec.AnnotationRefName] == tag {
			index.Manifests[i].Annotations = maps.Clone(d.Annotations)
			delete(index.Manifests[i].Annotations, ocispec.AnnotationRefName)
		}
	}
	same := func(d ocispec.Descriptor) bool {
		return d.Digest == e.Digest && (tag == "" || d.Annotations[ocispec.AnnotationRefName] == "")
	}
	if i := slices.IndexFunc(index.Manifests, same); i < 0 {
		index.Manifests = append(index.Manifests, e)
	} else if tag != "" {
		index.Manifests[i] = e
	}
}

// change changes the index, alone: others wait. Where there is no layout it makes one.
func (l Layout) change(do func(*ocispec.Index) error) error {
	if err := os.MkdirAll(filepath.Join(string(l), ocispec.ImageBlobsDir, string(digest.SHA256)), 0o755); err != nil {
		return err
	}
	dir, err := os.Open(string(l))
	if err != nil {
		return err
	}
	defer dir.Close() // gives the lock back
	if err := lock(dir, unix.LOCK_EX); err != nil {
		return err
	}
	index, err := l.index()
	if errors.Is(err, fs.ErrNotExist) && !l.has(ocispec.ImageIndexFile) {
		index, err = emptyIndex(), nil
	}
	if err == nil {
		err = do(&index)
	}
	if err != nil {
		return err
	}
	return l.writeIndex(index)
}

// has tells whether there is anything by that name in the layout.
func (l Layout) has(name string) bool {
	_, err := os.Lstat(filepath.Join(string(l), name))
	return !errors.Is(err, fs.ErrNotExist)
}

// emptyIndex is the index of a layout that holds nothing.
func emptyIndex() ocispec.Index {
	return ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Manifests: []ocispec.Descriptor{},
	}
}

func lock(f *os.File, how int) error {
	for {
		if err := unix.Flock(int(f.Fd()), how); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func (l Layout) writeBlobs(blobs blobs) error {
	for d, data := range blobs {
		if err := writeFile(l.blobPath(d), data); err != nil {
			return err
		}
	}
	return syncDir(filepath.Join(string(l), ocispec.ImageBlobsDir, string(digest.SHA256)))
}

func (l Layout) writeIndex(index ocispec.Index) error {
	mark, err1 := json.Marshal(ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	data, err2 := json.Marshal(index)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if !l.has(ocispec.ImageLayoutFile) {
		if err := writeFile(filepath.Join(string(l), ocispec.ImageLayoutFile), mark); err != nil {
			return err
		}
	}
	if err := writeFile(filepath.Join(string(l), ocispec.ImageIndexFile), data); err != nil {
		return err
	}
	return syncDir(string(l))
}

// writeFile writes a file beside its place, and to the disk, before it takes the place.
func writeFile(path string, data []byte) error {
	return renameio.WriteFile(path, data, 0o644, renameio.WithTempDir(filepath.Dir(path)))
}

// syncDir makes renames in a directory outlast a loss of power.
func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
