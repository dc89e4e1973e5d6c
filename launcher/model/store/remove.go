package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/model"
)

// Freed is what a removal took away.
type Freed struct {
	Blobs int
	Bytes int64
}

// Remove takes models out of the store, and every file that no other model has. Whoever mounts
// one still has it until they end; that nobody does is for the caller to know, and may is asked
// about each once nobody else can pull or create a container. It waits for those who do.
func (s Store) Remove(ctx context.Context, manifests []string, tell func(string), may func(Model) error) (Freed, error) {
	lock, err := aloneIn(ctx, s, tell)
	if err != nil {
		return Freed{}, err
	}
	defer lock()
	for _, m := range manifests {
		found, err := s.Find(m)
		if err != nil {
			return Freed{}, err
		}
		if err := may(found); err != nil {
			return Freed{}, err
		}
	}
	for _, m := range manifests {
		if err := remove(s, m); err != nil {
			return Freed{}, fmt.Errorf("removing the model %s: %w", m, err)
		}
	}
	return prune(s)
}

// RemoveDownloads takes away what downloads left that nobody finished. It waits for those who pull.
func (s Store) RemoveDownloads(ctx context.Context, tell func(string)) (freed Freed, err error) {
	lock, err := aloneIn(ctx, s, tell)
	if err != nil {
		return freed, err
	}
	defer lock()
	freed.Blobs, freed.Bytes, err = s.Waiting()
	if err == nil {
		err = empty(place(s).at(downloadsDir))
	}
	return freed, err
}

func aloneIn(ctx context.Context, s Store, tell func(string)) (release func(), err error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	k, err := s.alone(ctx, everything, func() { tell("another zlaunch pulls a model or launches one: waiting for it") })
	return func() { k.Release() }, err
}

// remove takes one out: first what makes it count.
func remove(s Store, manifest string) error {
	refs, err := s.Refs()
	for _, r := range refs {
		if err == nil && r.Manifest == manifest {
			err = absentIsFine(os.Remove(place(s).refFile(r.Ref)))
		}
	}
	if err == nil {
		err = absentIsFine(os.Remove(place(s).at(modelsDir, hexOf(manifest)+".json")))
	}
	if err == nil {
		err = removeTree(place(s).tree(manifest))
	}
	if err == nil {
		err = absentIsFine(os.Remove(place(s).tree(manifest) + ".sig"))
	}
	return err
}

// prune removes trees without a record, what is left of such as were made, and blobs that no
// tree has: those with one name.
func prune(s Store) (out Freed, err error) {
	if err := empty(place(s).at(makingDir)); err != nil {
		return out, err
	}
	trees, err := os.ReadDir(place(s).at(treesDir))
	for _, e := range trees {
		name := strings.TrimSuffix(e.Name(), ".sig")
		if _, lost := s.Load("sha256:" + name); err == nil && errors.Is(lost, fs.ErrNotExist) {
			err = remove(s, "sha256:"+name)
		}
	}
	for _, dir := range []string{plainDir, execDir} {
		entries, lost := os.ReadDir(place(s).at(dir))
		err = errors.Join(err, lost)
		for _, e := range entries {
			at := place(s).at(dir, e.Name())
			var st unix.Stat_t
			if unix.Lstat(at, &st) == nil && st.Nlink == 1 && os.Remove(at) == nil {
				out.Blobs, out.Bytes = out.Blobs+1, out.Bytes+st.Size
			}
		}
	}
	return out, err
}

// empty removes what is in a directory.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, removeTree(filepath.Join(dir, e.Name())))
	}
	return err
}

// Check reads a model of the store again and tells whether it is what was pulled.
func (m Model) Check(ctx context.Context) error {
	print, err := model.Take(ctx, m.Path)
	if err != nil {
		return fmt.Errorf("reading the model %s: %w", m.Manifest, err)
	}
	if print.Digest != m.Digest {
		return fmt.Errorf("the model %s is %s, and was %s when it was pulled", m.Manifest, print.Digest, m.Digest)
	}
	return nil
}
