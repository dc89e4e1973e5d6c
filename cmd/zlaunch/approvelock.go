package main

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
)

// approveLock shows the bundles of the zlaunch.lock at path and records that the user
// approved it: its signers are accepted for them from then on.
func approveLock(ctx context.Context, std *stdio, path string, show bool) error {
	file, data, err := lockfile.Read(path)
	if err != nil {
		return err
	}
	if data == nil {
		return hint.Errorf("zlaunch add --project REF makes one", "approving %s: %w", path, fs.ErrNotExist)
	}
	behind, err := std.behindBundles()
	if err != nil {
		return err
	}
	to := std.err
	if show {
		to = std.out
	}
	shelf := std.shelf()
	at := share.Place{Layer: container.LayerProject, Path: path}
	var refusal error
	fmt.Fprintf(to, "%s\n%s\n", report.Escape(path), profile.Hash(data))
	for _, b := range file.Bundles {
		fmt.Fprintf(to, "bundle %s %s from %s, signed by %s\n", b.Name, b.Version, report.Escape(b.Ref), signedBy(b))
		o, err := shelf.Stored(ctx, at, b)
		if err != nil { // nobody approves what was not shown
			return fmt.Errorf("approving %s: %w", path, err)
		}
		if err := share.Unlike(at, b, o); err != nil {
			return fmt.Errorf("approving %s: %w", path, err)
		}
		text := decided(share.FilesOf(o, &profile.Bundle{Name: b.Name}), behind, profile.Archs)
		fmt.Fprint(to, text)
		if refusal == nil {
			refusal = lockedUnderPolicy(std, at, b, o)
		}
	}
	if show || refusal != nil {
		return refusal
	}
	if err := std.profileDirs().Approved.Approve(path, data); err != nil {
		return err
	}
	std.note("approved; take it back with: zlaunch approve --revoke %s", lockfile.Name)
	return nil
}
