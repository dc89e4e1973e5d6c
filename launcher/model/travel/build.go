package travel

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model/modelpack"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// build puts the files of all layers into a tree, in the order of the layers.
func (p *puller) build(ctx context.Context, tree *store.Tree) error {
	var names modelpack.Names
	left := &modelpack.Budget{Left: p.wish.budget(p.artifact.Bytes)}
	for i, l := range p.artifact.Layers {
		var err error
		if l.Form == modelpack.Raw {
			err = p.raw(l, &names, left, tree)
		} else {
			err = p.unpack(ctx, l, &names, left, tree)
		}
		if err != nil {
			return fmt.Errorf("layer %d: %w", i+1, err)
		}
	}
	if len(tree.Print().Files()) == 0 {
		return p.refused(errors.New("it has no files"))
	}
	return nil
}

func (p *puller) raw(l modelpack.Layer, names *modelpack.Names, left *modelpack.Budget, tree *store.Tree) error {
	if err := names.File(l.Path); err != nil {
		return p.refused(err)
	}
	if left.Left -= l.Size; left.Left < 0 {
		return p.refused(modelpack.ErrBudget)
	}
	return tree.Put(fileOf(l))
}

// unpack puts the files of an archive, which was fetched, into the store and the tree. As long
// as it goes on, the disk is looked at: what an archive unpacks to nobody said before.
func (p *puller) unpack(ctx context.Context, l modelpack.Layer, names *modelpack.Names, left *modelpack.Budget, tree *store.Tree) error {
	d, err := p.download(ctx, l)
	if err != nil {
		return err
	}
	defer d.Close()
	content, err := d.Content()
	if err != nil {
		return err
	}
	free, err := p.Free(string(p.Store))
	if err != nil {
		return err
	}
	room := &modelpack.Budget{Left: min(left.Left, max(0, free-reserve))}
	before := room.Left
	var ours error // it is not for what the archive is
	err = l.Unpack(content, names, room, func(e modelpack.Entry) error {
		ours = keep(ctx, p.session, e, tree)
		return ours
	})
	full := before < left.Left // the disk ends before the wish does
	left.Left -= before - room.Left
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, modelpack.ErrBudget) && full:
		return fmt.Errorf("unpacking it: the disk of %s is full", p.Store)
	case ours != nil && !errors.Is(ours, modelpack.ErrBudget) && !errors.Is(ours, io.ErrUnexpectedEOF):
		return ours
	}
	return p.refused(err)
}

// keep keeps one file of an archive.
func keep(ctx context.Context, s *store.Session, e modelpack.Entry, tree *store.Tree) error {
	if e.Dir {
		return tree.Dir(e.Path)
	}
	f, err := s.Add(ctx, e, e.Exec)
	if err != nil {
		return err
	}
	f.Path = e.Path
	return tree.Put(f)
}

// forget removes the archives of an artifact, now that their files are there.
func forget(s *store.Session, a modelpack.Artifact) error {
	var errs []error
	for _, l := range a.Layers {
		if l.Form != modelpack.Raw {
			errs = append(errs, s.Forget(sumOf(l)))
		}
	}
	return errors.Join(errs...)
}

// same refuses a model that is not the one that was signed, or of which the signer left
// something out: any content would do there.
func same(signed *oms.Signed, diff oms.Comparison) error {
	switch {
	case !diff.Same():
		return fmt.Errorf("it is not what %s signed: %s", signed.By, diff)
	case len(diff.Uncovered) > 0:
		return hint.Errorf("push the model without what nobody signed", "%s left out files of it by name: %d, the first is %q", signed.By, len(diff.Uncovered), diff.Uncovered[0])
	}
	return nil
}
