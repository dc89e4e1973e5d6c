package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Store keeps the bundles a user has added, by digest: an OCI image layout without tags,
// which only the user can enter. It is in one state or the next at any moment, and two
// at once are one after the other. Nothing is believed for being in it.
type Store struct{ layout Layout }

// StoreIn is the store in $XDG_DATA_HOME/zlaunch/bundles. A relative variable is ignored,
// as its standard asks.
func StoreIn(getenv func(string) string, home string) Store {
	data := getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		data = filepath.Join(home, ".local/share")
	}
	return Store{Layout(filepath.Join(data, "zlaunch/bundles"))}
}

// Put keeps an artifact with its signatures, all or nothing.
func (s Store) Put(ctx context.Context, a Artifact, signatures ...[]byte) error {
	if err := os.MkdirAll(string(s.layout), 0o700); err != nil {
		return fmt.Errorf("making the store: %w", err)
	}
	return s.layout.Put(ctx, a, "", signatures...)
}

// Keeps tells whether the store seems to have a bundle, by the name of a file that it does not
// open: enough for a list, and for nothing that uses one.
func (s Store) Keeps(d digest.Digest) bool {
	if d.Validate() != nil {
		return false
	}
	info, err := os.Lstat(s.layout.blobPath(d))
	return err == nil && info.Mode().IsRegular()
}

// Held is what a store has at one moment: its list is read once, and each bundle when it
// is asked for.
type Held struct{ at view }

// Look reads the list of the store. That there is no store yet is no error.
func (s Store) Look() (Held, error) {
	v, err := s.layout.view()
	if errors.Is(err, fs.ErrNotExist) {
		return Held{}, nil
	}
	return Held{v}, err
}

// Digests are those of the bundles, sorted.
func (h Held) Digests() []digest.Digest {
	var out []digest.Digest
	for _, e := range h.at.entries {
		if e.ArtifactType == TypeBundle {
			out = append(out, e.Digest)
		}
	}
	slices.Sort(out)
	return out
}

// Get reads an artifact and its signatures; every byte is verified again. The error is
// [fs.ErrNotExist] where the store has none of that digest. A signature that cannot be
// read is an error here: who put it in could.
func (h Held) Get(ctx context.Context, d digest.Digest) (Artifact, [][]byte, error) {
	if i, ok := h.at.named[d.String()]; !ok || h.at.entries[i].ArtifactType != TypeBundle {
		err := fmt.Errorf("reading the bundle %s: the store has none: %w", quoted(d.String()), fs.ErrNotExist)
		return Artifact{}, nil, hint.Wrap(err, "zlaunch add REF")
	}
	a, err := Read(ctx, h.at, d.String())
	if err != nil {
		return Artifact{}, nil, err
	}
	signatures, err := Signatures(ctx, h.at, a.Descriptor())
	return a, signatures, err
}

// Get is [Held.Get] of the store as it is now.
func (s Store) Get(ctx context.Context, d digest.Digest) (Artifact, [][]byte, error) {
	h, err := s.Look()
	if err != nil {
		return Artifact{}, nil, err
	}
	return h.Get(ctx, d)
}

// Remove takes an artifact and its signatures out, and with them every file that nothing
// in the index needs: also what somebody left who was killed. That there is no such
// artifact is no error.
func (s Store) Remove(ctx context.Context, d digest.Digest) error {
	h, err := s.Look()
	if err != nil || len(h.Digests()) == 0 {
		return err
	}
	err = s.layout.change(func(index *ocispec.Index) error {
		index.Manifests = slices.DeleteFunc(index.Manifests, func(e ocispec.Descriptor) bool {
			return e.Digest == d || s.layout.refers(ctx, e, d, TypeSignature)
		})
		return s.layout.writeIndex(*index) // before anything is removed
	})
	if err != nil {
		return fmt.Errorf("removing the bundle %s: %w", d, err)
	}
	return s.sweep(ctx)
}

// sweep removes the files that the index does not need; as long as it has an entry that
// cannot be read, none.
func (s Store) sweep(ctx context.Context) error {
	return s.layout.change(func(index *ocispec.Index) error {
		needed := map[string]bool{}
		for _, e := range index.Manifests {
			var m ocispec.Manifest
			data, err := fetch(ctx, s.layout, e, maxManifest)
			if err != nil || json.Unmarshal(data, &m) != nil {
				return nil
			}
			for _, d := range append(m.Layers, m.Config, e) {
				needed[d.Digest.String()] = true
			}
		}
		return s.layout.removeBut(needed)
	})
}

// removeBut removes the files of the blobs whose digests are not in needed, and what was
// written beside its place by who was killed. Nothing else is removed.
func (l Layout) removeBut(needed map[string]bool) error {
	var errs []error
	for _, dir := range []string{string(l), filepath.Join(string(l), ocispec.ImageBlobsDir, digest.SHA256.String())} {
		files, err := os.ReadDir(dir)
		errs = append(errs, err)
		for _, f := range files {
			if written.matches(f.Name()) && !needed[digest.SHA256.String()+":"+f.Name()] {
				errs = append(errs, os.Remove(filepath.Join(dir, f.Name())))
			}
		}
	}
	return errors.Join(errs...)
}
