package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
)

var cmdPin = &command{
	usage: "pin [OPTION]... [BUNDLE|PROFILE]...",
	short: "name images by digest: in the lock of a bundle, or in a profile",
	long: `Asks the registry of each image what its tag means now. Of a locked BUNDLE, all of them where none is named, it writes that into zlaunch.lock for every architecture; from then on a run of its profiles takes those digests and asks nobody. zlaunch-add(1) and update do the same for what they lock, where the registries answer.

Of a PROFILE it prints how the file changes in which the image stands, as a diff that patch -p0 takes, and writes nothing; with --write it writes the file. Of a built-in profile, the lines that a profile of yours may hold. A word that is both is a bundle.

A project's lock that pins images counts once it is approved: nobody signed what they mean. Credentials and certificates are those of podman(1). Where a registry cannot be asked, nothing changes. An image whose reference names no registry, or one built on its host, stays as it is. What a tag means today says nothing of who made it: zlaunch-outdated(1) tells when it means something else.`,
	example: []string{"zlaunch pin", "zlaunch pin fraud", "zlaunch pin triton", "zlaunch pin mine --write"},
	shares:  true,
	complete: func(std *stdio, words []string) []string {
		return append(completeBundles(std, words), completeProfiles(std, words)...)
	},
	bind: func(fs *pflag.FlagSet) runFunc {
		var at lockOptions
		at.bind(fs)
		write := fs.Bool("write", false, "write the digests into the file of the profile")
		return func(ctx context.Context, std *stdio, args arguments) error {
			shelf := std.shelf()
			place, err := at.place(shelf)
			if err != nil {
				return err
			}
			locked, err := place.Bundles()
			if err != nil {
				return err
			}
			words := args.words
			for _, b := range locked {
				if i := slices.Index(words, b.Name); i >= 0 || len(args.words) == 0 {
					words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == b.Name })
					if err := pinBundle(ctx, std, shelf, place, b); err != nil {
						return err
					}
				}
			}
			for _, name := range words {
				if err := pinProfile(ctx, std, shelf, name, *write); err != nil {
					return err
				}
			}
			return nil
		}
	},
}

// pinBundle writes what the images of a locked bundle mean into its lock.
func pinBundle(ctx context.Context, std *stdio, shelf *share.Shelf, at share.Place, b lockfile.Bundle) error {
	o, err := shelf.Stored(ctx, at, b)
	if err != nil {
		return err
	}
	tagged, err := taggedIn(std, o, b)
	if err != nil {
		return err
	}
	images, failed := share.Images(ctx, shelf.Registries, tagged)
	open := false
	for _, err := range failed {
		if errors.Is(err, bundle.ErrNoRegistry) || errors.Is(err, share.ErrNotThere) {
			std.note("%v", err)
			continue
		}
		open = true
		std.fail(err)
	}
	if open {
		std.note("bundle %s stays as it is locked", b.Name)
		return &statusError{status: exitFailed}
	}
	if err := shelf.Pin(ctx, at, b, images); err != nil {
		return err
	}
	for _, i := range images {
		fmt.Fprintf(std.out, "%s %s %s\n", report.Escape(i.Ref), i.Arch, i.Digest)
	}
	std.note("bundle %s: %s pinned in %s", b.Name, report.Plural(len(images), "image"), std.tilde(at.Path))
	return nil
}

// taggedIn lists the images of a bundle that may be pinned.
func taggedIn(std *stdio, o share.Offer, b lockfile.Bundle) ([]profile.Tagged, error) {
	behind, err := std.behindBundles()
	if err != nil {
		return nil, err
	}
	return profile.Assemble(append(behind, filesOf(o, b.Version)...)).TaggedIn(b.Name), nil
}

// mostAsked is how long add asks for images, which it can do without.
const mostAsked = 30 * time.Second

// pinned finds what the images of a bundle mean that is about to be locked; what cannot
// be found out is told, and stays open.
func pinned(std *stdio) func(context.Context, share.Change) []lockfile.Image {
	return func(ctx context.Context, c share.Change) []lockfile.Image {
		ctx, cancel := context.WithTimeout(ctx, mostAsked)
		defer cancel()
		tagged, err := taggedIn(std, c.Offer, c.New)
		images, failed := share.Images(ctx, std.shelf().Registries, tagged)
		for _, err := range append(failed, err) {
			if err != nil {
				std.note("not pinned: %v", err)
			}
		}
		if len(failed) > 0 {
			std.note("a run takes what the tags of these images mean then; to pin them later: zlaunch pin %s", c.New.Name)
		}
		return images
	}
}
