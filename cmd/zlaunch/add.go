package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/share"
	"github.com/zlaunch/zlaunch/launcher/signature"
)

var cmdAdd = &command{
	usage: "add [OPTION]... [REF]",
	short: "lock a bundle of profiles that another team published",
	long: `Fetches the bundle that REF names, verifies who signed it, shows what its profiles decide, and pins it by digest in zlaunch.lock. From then on its profiles are used, offline and from that content alone: REF is oci://HOST/REPOSITORY[:TAG] of a registry, or dir:PATH of an OCI image layout, which crosses an air gap. Without REF, what the lock names and this host does not have is fetched, by digest.

A source is not a signer: adding one trusts nobody. A signer that an allowed_signers list names, /etc/zlaunch/allowed_signers or the one in ~/.config/zlaunch, is accepted; any other is shown with its fingerprint and asked about on a terminal, or named with --signer, and is then accepted for this bundle alone. Another signer, another REF and an older version of what is locked each need an option of their own.

Every profile is planned for each of its architectures before anything is locked or fetched, and judged by the policy of this host and what --policy adds (see zlaunch-policy(1)): what that forbids of every run refuses the bundle, also one that is locked and here already.

With --json the state of a bundle is added, updated, current or fetched.

What the images of its profiles mean is asked of their registries and pinned in the lock, too. Those that cannot be asked are told, and stay as their tags are: zlaunch-pin(1).

The profiles of a bundle stand between those of the system and the user; BUNDLE/PROFILE names one exactly. Credentials and certificates of a registry are those of podman(1): podman login HOST.`,
	example: []string{"zlaunch add oci://registry.example/ml/fraud:1", "zlaunch add dir:/media/fraud --signer SHA256:HASH", "zlaunch add --project"},
	shares:  true,
	bind: func(fs *pflag.FlagSet) runFunc {
		var at lockOptions
		var o wishOptions
		at.bind(fs)
		o.bind(fs)
		json := fs.Bool("json", false, "print JSON")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(0, 1); err != nil {
				return err
			}
			ch, err := beginChange(ctx, std, at, *json)
			if err != nil {
				return err
			}
			std.policies = o.policy
			if len(args.words) == 0 {
				return ch.restore()
			}
			ref, err := std.refOf(args.words[0])
			if err != nil {
				return err
			}
			c, err := ch.add(o.wish(std, ref), false)
			if err != nil {
				return err
			}
			std.note("bundle %s %s is locked in %s; to see its profiles: zlaunch list", c.New.Name, c.New.Version, std.tilde(ch.at.Path))
			return ch.end(nil)
		}
	},
}

// wishOptions say what is accepted of a bundle.
type wishOptions struct {
	signer, unsigned        string
	signerChange, refChange bool
	downgrade               bool
	policy                  []string // files
}

func (o *wishOptions) bind(fs *pflag.FlagSet) {
	fs.StringVar(&o.signer, "signer", "", "accept `WHO` as its signer: a fingerprint, SHA256:HASH, or a name in a list of allowed signers")
	fs.StringVar(&o.unsigned, "unsigned", "", "take it though nobody signed it, for a `REASON` that the lock keeps")
	fs.BoolVar(&o.signerChange, "allow-signer-change", false, "take it from another signer than the one who signed what is locked")
	fs.BoolVar(&o.refChange, "allow-ref-change", false, "take it from another place than what is locked came from")
	fs.StringArrayVar(&o.policy, "policy", nil, "refuse also what the policy in `FILE` forbids, beside that of this host")
	fs.BoolVar(&o.downgrade, "allow-downgrade", false, "take an older version than the one that is locked, or another content of the same")
}

func (o *wishOptions) wish(std *stdio, ref bundle.Ref) share.Wish {
	w := share.Wish{Ref: ref, Unsigned: o.unsigned, SignerChange: o.signerChange, RefChange: o.refChange, Older: o.downgrade, Images: pinned(std)}
	if o.signer != "" {
		w.Signer = signerOf(o.signer)
	}
	if std.tty.in && std.tty.err {
		w.Ask = func(key *signature.Error, b bundle.Bundle) bool { return askSigner(std, key, b) }
	}
	return w
}

// askSigner shows a key that no list names; only a plain yes accepts it.
func askSigner(std *stdio, key *signature.Error, b bundle.Bundle) bool {
	std.note("bundle %s %s is signed by a key that no list of allowed signers names:", b.Name, b.Version)
	std.note("  %s", key.Fingerprint)
	fmt.Fprintf(std.err, "zlaunch: is it the key of the team that publishes %s? [y/N] ", b.Name)
	line, _ := bufio.NewReader(std.in).ReadString('\n') // no answer is no
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes"
}
