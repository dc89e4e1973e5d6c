package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
)

// changing is a command that changes one lock, and what it did so far.
type changing struct {
	*stdio
	ctx   context.Context
	shelf *share.Shelf
	at    share.Place
	json  bool
	doc   report.Bundles
	worst error // of those that ended no more than one bundle
}

func beginChange(ctx context.Context, s *stdio, of lockOptions, json bool) (*changing, error) {
	shelf := s.shelf()
	at, err := of.place(shelf)
	doc := report.Bundles{Schema: report.BundlesSchema, Bundles: []report.LockedBundle{}}
	return &changing{stdio: s, ctx: ctx, shelf: shelf, at: at, json: json, doc: doc}, err
}

// did notes what became of a bundle, for the JSON.
func (c *changing) did(state string, b lockfile.Bundle) *report.LockedBundle {
	line := lockedBundle(c.at, b)
	line.State = state
	c.doc.Bundles = append(c.doc.Bundles, line)
	return &c.doc.Bundles[len(c.doc.Bundles)-1]
}

// failed tells why one bundle cannot be had, which keeps none of the others.
func (c *changing) failed(doing string, b lockfile.Bundle, err error) {
	if !refusedBundle(err) { // which names it
		err = fmt.Errorf("%s bundle %s: %w", doing, b.Name, err)
	}
	c.fail(err)
	c.did(unusable(err), b).Error = err.Error()
	if c.worst == nil || refusedBundle(err) {
		c.worst = err
	}
}

// end prints the JSON, and says what a project's lock still wants.
func (c *changing) end(err error) error {
	if c.worst != nil && err == nil {
		err = &statusError{status: exitStatus(nil, c.worst, 0)}
	}
	if c.json {
		err = errors.Join(report.JSON(c.out, c.doc), err)
	}
	if c.at.Layer == container.LayerProject {
		_, waiting := c.shelf.Locked(c.ctx)
		for _, w := range waiting {
			c.note("%s; to see and approve it: %s", waits(w), nextOf(w))
		}
	}
	return err
}

// errChecked ends what was only to be looked at.
var errChecked = errors.New("only looked at")

// add locks a bundle after it showed what changes. With check it changes nothing.
func (c *changing) add(w share.Wish, check bool) (share.Change, error) {
	c.progress.passing("fetching " + w.Ref.String())
	var shown string
	change, err := c.shelf.Add(c.ctx, c.at, w, func(change share.Change) (err error) {
		if change.None() {
			if err = lockedUnderPolicy(c.stdio, c.at, *change.Old, change.Offer); err == nil && check {
				err = errChecked
			}
			return err
		}
		if shown, err = bundleChange(c.ctx, c.stdio, c.shelf, change); err == nil && !c.json {
			_, err = fmt.Fprint(c.out, shown)
		}
		if err == nil {
			err = underPolicy(c.stdio, change.New.Name, share.FilesOf(change.Offer, share.BundleOf(change.New, change.Offer)))
		}
		if err == nil && check {
			err = errChecked
		}
		return err
	})
	c.progress.clear()
	switch {
	case errors.Is(err, errChecked):
		err = nil
	case err != nil && c.ctx.Err() != nil:
		c.note("nothing was changed")
	}
	if err == nil {
		line := c.did(changeState(change, check), change.New)
		line.Change = shown
		if old := change.Old; old != nil {
			line.Was = &report.Bundle{Name: old.Name, Version: old.Version, Digest: old.Digest}
			if old.Signer != nil {
				line.Was.Signer = share.SignerText(old.Signer)
			}
		}
	}
	return change, err
}

func changeState(c share.Change, check bool) string {
	switch {
	case c.None():
		return "current"
	case check:
		return "newer"
	case c.Old == nil:
		return "added"
	}
	return "updated"
}

// restore fetches what the lock names and this host does not have.
func (c *changing) restore() error {
	locked, err := c.at.Bundles()
	if err != nil {
		return err
	}
	fetched := 0
	for _, b := range locked {
		c.progress.passing("fetching what " + c.tilde(c.at.Path) + " names")
		got, err := c.shelf.Restore(c.ctx, c.at, b, func(o share.Offer) error { return lockedUnderPolicy(c.stdio, c.at, b, o) })
		c.progress.clear()
		switch {
		case c.ctx.Err() != nil:
			return c.ctx.Err()
		case err != nil:
			c.failed("fetching", b, err)
		case got:
			fetched++
			c.did("fetched", b)
		}
	}
	if c.worst == nil {
		c.note("%d bundles fetched; all others of %s were here", fetched, c.tilde(c.at.Path))
	}
	return c.end(nil)
}

// completeBundles completes the names of locked bundles.
func completeBundles(std *stdio, _ []string) []string {
	var out []string
	for _, at := range std.shelf().Places {
		if locked, err := at.Bundles(); err == nil {
			for _, b := range locked {
				out = append(out, b.Name)
			}
		}
	}
	return out
}
