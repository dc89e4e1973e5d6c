package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/docker/go-units"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model/store"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// listModels shows the store of models.
func listModels(ctx context.Context, std *stdio, _ []string, o modelOptions) error {
	dirs := std.storeDirs()
	s := store.In(dirs.Data)
	doc := report.ModelList{Schema: report.ModelListSchema, Models: []report.StoredModel{}}
	list, unread := s.List()
	refs, err := s.Refs()
	if err != nil {
		return err
	}
	if doc.Partial, doc.PartialBytes, err = s.Waiting(); err != nil {
		return err
	}
	for _, m := range list {
		row := report.StoredModel{Manifest: m.Manifest, Digest: m.Digest, Path: m.Path, Files: m.Files, Bytes: m.Bytes, Pulled: m.Time, SignedBy: m.Signers}
		for _, r := range refs {
			if r.Manifest == m.Manifest {
				row.Refs = append(row.Refs, r.Ref)
			}
		}
		for _, k := range dirs.Known() {
			if strings.HasSuffix(k.Stored, m.Manifest) {
				row.Runs = append(row.Runs, k.Name)
			}
		}
		if o.check {
			if row.Damage, err = damageOf(ctx, std, m); err != nil {
				return err
			}
		}
		doc.Models = append(doc.Models, row)
	}
	if o.json {
		err = report.JSON(std.out, doc)
	} else {
		err = doc.Text(std.page, std.screen)
	}
	return errors.Join(err, unread, damaged(doc))
}

// damageOf reads a model again; "" it is what it was.
func damageOf(ctx context.Context, std *stdio, m store.Model) (string, error) {
	std.progress.passing("reading " + m.Manifest)
	defer std.progress.clear()
	err := m.Check(ctx)
	if err == nil || ctx.Err() != nil {
		return "", ctx.Err()
	}
	return err.Error(), nil
}

// damaged is the status of a list with damage in it.
func damaged(doc report.ModelList) error {
	for _, m := range doc.Models {
		if m.Damage != "" {
			return &statusError{exitFindings, hint.Errorf("zlaunch model rm "+m.Manifest+"\nthen pull it again", "%s", m.Damage)}
		}
	}
	return nil
}

// removeModels takes models out of the store that no container mounts.
func removeModels(ctx context.Context, std *stdio, words []string, o modelOptions) error {
	s := store.In(std.storeDirs().Data)
	if o.partial == (len(words) > 0) {
		return &usageError{hint.Errorf("zlaunch model rm REF\nzlaunch model rm --partial", "model rm: models are named, or --partial is")}
	}
	if o.partial {
		freed, err := s.RemoveDownloads(ctx, std.progress.tell)
		if err == nil {
			std.note("%d downloads that were never finished are gone: %s", freed.Blobs, units.HumanSize(float64(freed.Bytes)))
		}
		return err
	}
	var manifests []string
	for _, word := range words {
		ref, err := std.storedRef(word)
		if err != nil {
			return err
		}
		m, err := s.Find(ref)
		if err != nil {
			return meantStored(s, ref, err)
		}
		manifests = append(manifests, m.Manifest)
	}
	l, done, err := std.launcher(ctx, o.engine, nil)
	if err != nil {
		return hint.Wrap(fmt.Errorf("asking whether a container mounts the model: %w", err), "systemctl --user start podman.socket")
	}
	defer done()
	freed, err := s.Remove(ctx, manifests, std.progress.tell, func(m store.Model) error { return unused(ctx, l.Engine.Containers, m) })
	if err == nil {
		std.note("gone: %s, and %s that no other has: %s", report.Plural(len(manifests), "model"), report.Plural(freed.Blobs, "file"), units.HumanSize(float64(freed.Bytes)))
	}
	return err
}

// meantStored says of a model that the store does not have which one is meant, where the word is
// the beginning of its reference by digest, as people copy it, or the digest of its files.
func meantStored(s store.Store, word string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	list, _ := s.List()
	hex := strings.TrimPrefix(word, "sha256:")
	for _, m := range list {
		if m.Digest == word || len(hex) >= leastHex && strings.HasPrefix(m.Manifest, "sha256:"+hex) {
			return hint.Wrap(err, "zlaunch model rm "+m.Manifest)
		}
	}
	return err
}

// leastHex is how many digits of a digest tell one model from others, as of images.
const leastHex = 12

// storedRef is what a word names a model of the store by: a directory is noted with its whole path.
func (s *surroundings) storedRef(word string) (string, error) {
	if !strings.HasPrefix(word, "dir:") {
		return word, nil
	}
	ref, err := s.refOf(word)
	return ref.String(), err
}

// unused asks the engine whether a container, in whatever state, has to do with a model's tree.
func unused(ctx context.Context, containers podman.Containers, m store.Model) error {
	list, err := containers.List(ctx, nil)
	for _, c := range list {
		if err != nil {
			break
		}
		var got *podman.Container
		if got, err = containers.Inspect(ctx, c.ID); errors.Is(err, podman.ErrNoContainer) {
			err = nil
			continue
		}
		if err == nil && strings.Contains(string(got.Raw), m.Path) {
			return hint.Errorf("zlaunch stop "+c.Name()+"\npodman rm "+c.Name(), "removing the model %s: the container %s mounts it", m.Manifest, c.Name())
		}
	}
	if err != nil {
		return fmt.Errorf("asking whether a container mounts the model: %w", err)
	}
	return nil
}
