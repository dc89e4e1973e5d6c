package main

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
)

var cmdBundles = &command{
	usage:   "bundles [OPTION]...",
	short:   "list the bundles that are locked here",
	long:    `Lists each bundle that a zlaunch.lock names - that of /etc/zlaunch, of ~/.config/zlaunch and of the working directory -, with its signer and its profiles. Nothing is asked of a registry; what this host has is verified, and the status is that of zlaunch-verify(1).`,
	example: []string{"zlaunch bundles", "zlaunch bundles --json"},
	shares:  true,
	bind:    bindVerify,
}

var cmdVerify = &command{
	usage: "verify [OPTION]...",
	short: "verify every locked bundle: its content, its signer, its lock",
	long: `Reads each locked bundle from this host's store as a run does: every byte against the digest of the lock, name and version against those of the lock, and the signature against the signer of the lock and the lists of allowed signers, with their dates. Nothing is asked of a registry.

The state of one is verified, refused, or failed where it is not here or cannot be read, or unlike where the bundle is good, and what the lock has of its profiles for zlaunch-list(1) is not what they say. The status is 5 where one is refused, 3 where one failed, 1 where one is unlike, and 4 where a project's lock waits for an approval.`,
	example: []string{"zlaunch verify", "zlaunch verify --json"},
	shares:  true,
	bind:    bindVerify,
}

func bindVerify(fs *pflag.FlagSet) runFunc {
	json := fs.Bool("json", false, "print JSON")
	return func(ctx context.Context, std *stdio, args arguments) error {
		if err := args.none(); err != nil {
			return err
		}
		locked, waiting := std.shelf().Locked(ctx)
		doc, status := report.Bundles{Schema: report.BundlesSchema, Bundles: []report.LockedBundle{}}, exitOK
		for _, l := range locked {
			line := lockedBundle(l.Place, l.Bundle)
			line.State = "verified"
			if l.Err != nil {
				line.State, line.Error = unusable(l.Err), l.Err.Error()
				status = max(status, exitStatus(nil, l.Err, 0))
			}
			if l.Unlike != nil {
				line.State, line.Error = "unlike", l.Unlike.Error()
				status = max(status, exitFindings)
			}
			doc.Bundles = append(doc.Bundles, line)
		}
		for _, w := range waiting {
			std.note("%s (%v): %s", waits(w), w.Why, nextOf(w))
			if !w.Counts {
				status = max(status, exitOpen)
			}
		}
		err := printBundles(std, doc, *json, status)
		for _, l := range locked {
			hints(std, l.Err)
			hints(std, l.Unlike)
		}
		return err
	}
}

// unusable is the state of a bundle that an error stands against.
func unusable(err error) string {
	if refusedBundle(err) {
		return "refused"
	}
	return "failed"
}

func lockedBundle(at share.Place, b lockfile.Bundle) report.LockedBundle {
	out := report.LockedBundle{
		Bundle: report.Bundle{Name: b.Name, Version: b.Version, Digest: b.Digest},
		Ref:    b.Ref, Layer: string(at.Layer), File: at.Path, Unsigned: b.Unsigned, Profiles: b.Profiles,
	}
	if b.Signer != nil {
		out.Signer = share.SignerText(b.Signer)
	}
	return out
}

func printBundles(std *stdio, doc report.Bundles, json bool, status int) error {
	var err error
	if json {
		err = report.JSON(std.out, doc)
	} else {
		err = doc.Text(std.page, std.screen)
	}
	if err == nil && status != exitOK {
		return &statusError{status: status}
	}
	return err
}

var cmdOutdated = &command{
	usage: "outdated [OPTION]...",
	short: "tell which locked bundles their places have something newer for",
	long: `Asks the place of each locked bundle what its reference names now. "newer" is another content, "delisted" one that its place no longer has, and "unknown" a place that cannot be asked: offline nothing is claimed. The same is told of the images that the lock pins, each on its architecture: "newer" is one whose tag means another digest now. Nothing that is learned is verified, and nothing is taken over: that is zlaunch-update(1).

The status is 1 where something is newer or delisted, and 4 where it cannot be known.`,
	example: []string{"zlaunch outdated", "zlaunch outdated --json"},
	shares:  true,
	bind: func(fs *pflag.FlagSet) runFunc {
		json := fs.Bool("json", false, "print JSON")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.none(); err != nil {
				return err
			}
			doc, status := report.Bundles{Schema: report.BundlesSchema, Bundles: []report.LockedBundle{}}, exitOK
			for _, st := range std.shelf().Outdated(ctx) {
				line := lockedBundle(st.Place, st.Locked)
				line.State, line.Now = string(st.State), st.Digest
				if st.Err != nil {
					line.Error = st.Err.Error()
				}
				status = outdated(status, st.State)
				for _, i := range st.Images {
					status = outdated(status, i.State)
					line.Images = append(line.Images, imageNow(i))
				}
				doc.Bundles = append(doc.Bundles, line)
			}
			return printBundles(std, doc, *json, status)
		}
	},
}

// outdated is the status once there is one more of a state: what is not known counts most.
func outdated(status int, state share.State) int {
	switch {
	case state == share.Unknown:
		return exitOpen
	case state != share.Current && status == exitOK:
		return exitFindings
	}
	return status
}

func imageNow(i share.ImageStanding) report.LockedImage {
	out := report.LockedImage{Ref: i.Ref, Arch: i.Arch, Digest: i.Digest, State: string(i.State), Now: i.Now}
	if i.Err != nil {
		out.Error = i.Err.Error()
	}
	return out
}
