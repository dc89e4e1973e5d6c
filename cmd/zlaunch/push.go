package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

var cmdPush = &command{
	usage: "push [OPTION]... DIR [REF]",
	short: "publish a directory of profiles as a signed bundle",
	long: `Makes a bundle of DIR and puts it where REF names: oci://HOST/REPOSITORY[:TAG] of a registry, or dir:PATH of an OCI image layout. DIR holds bundle.toml - name, version, requires and changelog - and files of profiles beside it. The same files give the same digest everywhere.

Before anything leaves this host every profile is planned and audited for each of its architectures, as on a host where all is in order; all that is wrong is told at once, with file and line, and what a run would refuse, or the policy of this host and of --policy forbids, is refused here. Where it asks for scans, the images must be named by their digests, and this host must have the records (see zlaunch scan).

Then it is held against what DIR/expect/PROFILE.ARCH.json says that it comes to: every setting of the plan, and the verdict of every control that applies. They tell nothing of a host, so they are the same everywhere. A difference is printed, and ends it with status 1; with --update-expect these files are written, for you to look at and keep, and nothing is published. A profile without such a file can come to anything.

With --sign the bundle is signed by an SSH key, a file or one of the agent: over the bundle's own name, version and digest, so that mirrors and copies verify and no bundle poses as another. Who adds it sees the fingerprint; publish it where they can compare it.`,
	example: []string{"zlaunch push ./fraud oci://registry.example/ml/fraud:1 --sign ~/.ssh/id_ed25519", "zlaunch push ./fraud dir:/media/fraud --sign SHA256:HASH", "zlaunch push ./fraud oci://registry.example/ml/fraud:1 --dry-run", "zlaunch push ./fraud --update-expect"},
	shares:  true,
	bind: func(fs *pflag.FlagSet) runFunc {
		sign := fs.String("sign", "", "sign with `KEY`: the file of a private key, of OpenSSH or in PEM, or the .pub file or fingerprint of one that the agent has")
		unsigned := fs.Bool("no-sign", false, "publish it though nobody signed it; who adds it must say why they take it")
		dry := fs.Bool("dry-run", false, "check everything and publish nothing")
		update := fs.Bool("update-expect", false, "write DIR/expect, what the profiles come to now, and publish nothing")
		json := fs.Bool("json", false, "print JSON")
		policies := fs.StringArray("policy", nil, "refuse also what the policy in `FILE` forbids, beside that of this host")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if *update {
				return updateExpected(std, args)
			}
			if err := args.count(2, 2); err != nil {
				return err
			}
			ref, err := std.refOf(args.words[1])
			if err != nil {
				return err
			}
			if *sign == "" && !*unsigned && !*dry {
				return &usageError{hint.Errorf("--sign ~/.ssh/id_ed25519, or --no-sign", "publishing %s: nobody is named who signs it", args.words[0])}
			}
			std.policies = *policies
			p, e, err := packed(std, args.words[0])
			if err != nil {
				return err
			}
			key, err := pusher(ctx, std, p, *sign, *unsigned)
			if err != nil {
				return err
			}
			if key != nil {
				defer key.Close()
			}
			if err = underPolicy(std, p.Artifact.Bundle.Name, p.Sources, scanned(std)); err == nil {
				err = e.check(std)
			}
			if err == nil && !*dry {
				err = std.shelf().Publish(ctx, p, ref, key)
			}
			if err != nil {
				return err
			}
			return printPublished(std, p, ref, report.Published{Signed: *sign != "" && !*dry, DryRun: *dry}, *json)
		}
	},
}

// updateExpected writes what the profiles of a directory come to.
func updateExpected(std *stdio, args arguments) error {
	if err := args.count(1, 2); err != nil {
		return err
	}
	_, e, err := packed(std, args.words[0])
	if err != nil {
		return err
	}
	return e.update(std)
}

// pusher finds the key that signs a package, nil where none is named, and says in the package
// who signs it: nobody only where nobody is to, and else it is not known.
func pusher(ctx context.Context, std *stdio, p share.Package, sign string, unsigned bool) (key *signature.Key, err error) {
	if sign != "" {
		if key, err = std.signingKey(ctx, sign); err != nil {
			return nil, err
		}
	} else if !unsigned {
		return nil, nil
	}
	return key, p.SignedBy(std.shelf(), key)
}

// signingKey finds the private key that a word names, as [signature.FindKey] does.
func (s *stdio) signingKey(ctx context.Context, word string) (*signature.Key, error) {
	if !strings.HasPrefix(word, "SHA256:") {
		word = s.absolute(word)
	}
	return signature.FindKey(ctx, word, s.getenv("SSH_AUTH_SOCK"), s.passphrase)
}

func printPublished(std *stdio, p share.Package, ref bundle.Ref, doc report.Published, json bool) error {
	b := p.Artifact.Bundle
	doc.Schema, doc.Ref, doc.Profiles = report.PushSchema, ref.String(), profileNames(p.Sources)
	doc.Bundle = report.Bundle{Name: b.Name, Version: b.Version, Digest: p.Artifact.Digest().String()}
	if json {
		return report.JSON(std.out, doc)
	}
	if doc.DryRun {
		std.note("bundle %s %s is sound; nothing was published", b.Name, b.Version)
	} else {
		std.note("bundle %s %s is published; to lock it: zlaunch add %s", b.Name, b.Version, ref)
	}
	_, err := fmt.Fprintln(std.out, doc.Digest)
	return err
}

// errNoTerminal is why a passphrase cannot be asked for.
var errNoTerminal = errors.New("it is encrypted, and there is no terminal to ask for the passphrase")
