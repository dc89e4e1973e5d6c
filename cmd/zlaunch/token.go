package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdToken = &command{
	usage: "token [OPTION]... add GATEWAY NAME|list [GATEWAY]|revoke GATEWAY NAME",
	short: "say who may call a gateway, by tokens that end",
	long: `A token is what a program that calls a server through a gateway sends with each request, in the header Authorization: Bearer SECRET. A token of no gateway, one that is over, one that was revoked, and one without the scope that a call asks for is refused before the server hears of it.

zlaunch token add GATEWAY NAME makes one. NAME says whose it is: lower-case letters, digits and . _ -; it stands in the log of the gateway beside each call and is sent to the server, the secret never is. The secret, 256 random bits, is printed once, alone on standard output; zlaunch keeps its SHA-256 and cannot show it again. Who lost it revokes the token and adds another.

--scope says what it is for, and can be given several times: inference (the default), to ask models, their health and what they are; admin, to change what is served; metrics, to read the numbers of everybody's traffic, at a port of its own. Which calls each of them is stands in zlaunch show PROFILE. --expires is the last day on which it counts, 2027-01-01, or days from now, 30d; without it 90 days, at most 3650.

zlaunch token list shows the tokens of GATEWAY, or of all: those that end within 30 days, and those that are over, are marked. zlaunch token revoke takes one back.

All of it works whether the gateway runs or not; one that runs takes the change over without dropping a connection. GATEWAY is the name of the stack that it is in, or that it will be in.`,
	example: []string{
		"zlaunch token add fraud web-app",
		"zlaunch token add fraud prometheus --scope metrics --expires 365d",
		"zlaunch token add fraud web-app | podman secret create web-app-token -",
		"zlaunch token list",
		"zlaunch token revoke fraud web-app",
	},
	complete: completeToken,
	bind: func(fs *pflag.FlagSet) runFunc {
		scopes := fs.StringArray("scope", nil, "with add: what it is for, one `SCOPE` of inference, admin, metrics")
		expires := fs.String("expires", "", "with add: the last day on which it counts, or how many `DAYS` it does: 30d")
		json := fs.Bool("json", false, "with list: print JSON")
		return func(ctx context.Context, std *stdio, args arguments) error {
			verb := ""
			if len(args.words) > 0 {
				verb, args.words = args.words[0], args.words[1:]
			}
			adds := len(*scopes) > 0 || *expires != ""
			switch {
			case adds && verb != "add":
				return &usageError{hint.Errorf("zlaunch token add GATEWAY NAME", "--scope and --expires are of add")}
			case *json && verb != "list":
				return &usageError{hint.Errorf("zlaunch token list --json", "--json is of list")}
			case verb == "add":
				return addToken(ctx, std, args, *scopes, *expires)
			case verb == "revoke":
				return revokeToken(ctx, std, args)
			case verb == "list":
				return listTokens(std, args, *json)
			}
			return &usageError{hint.Errorf("zlaunch token add GATEWAY NAME\nzlaunch token list\nzlaunch token revoke GATEWAY NAME", "token: what is to be done is add, list or revoke, not %q", verb)}
		}
	},
}

// gatewayRoot is where the gateways of this user are kept. Nobody else may write there.
func (s *surroundings) gatewayRoot() (files.Root, error) {
	dirs := s.recordDirs(&host.Facts{UID: os.Getuid()}) // no engine is asked
	return files.Root(dirs.State), dirs.Trusted()
}

// gatewayAnd reads the arguments GATEWAY NAME.
func gatewayAnd(std *stdio, args arguments) (files.Dir, string, error) {
	if err := args.count(2, 2); err != nil {
		return files.Dir{}, "", err
	}
	root, err := std.gatewayRoot()
	if err != nil {
		return files.Dir{}, "", err
	}
	d, err := root.Gateway(args.words[0])
	return d, args.words[1], err
}

func addToken(ctx context.Context, std *stdio, args arguments, words []string, expires string) error {
	d, name, err := gatewayAnd(std, args)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	scopes, err := token.Scopes(words)
	if err != nil {
		return &usageError{err}
	}
	ends, err := token.Expiry(expires, now)
	if err != nil {
		return &usageError{err}
	}
	isNew := !d.There()
	secret, err := token.Of(d).Add(ctx, token.Token{Name: name, Scopes: scopes, Created: now, Expires: ends})
	if err != nil {
		return err
	}
	if isNew {
		std.note("there is no gateway %s yet; the token waits for it", d.Name())
	}
	reloaded := (liveGateways{std}).reload(ctx, d.Name())
	std.note("token %s of gateway %s, for %s, counts until %s; its secret is shown this once", name, d.Name(), scopeList(scopes), ends.Format("2006-01-02 15:04 MST"))
	_, err = fmt.Fprintln(std.out, secret)
	return errors.Join(err, reloaded)
}

func revokeToken(ctx context.Context, std *stdio, args arguments) error {
	d, name, err := gatewayAnd(std, args)
	if err != nil {
		return err
	}
	if !d.There() {
		return noGateway(d.Name())
	}
	if err := token.Of(d).Revoke(ctx, name, time.Now()); err != nil {
		return err
	}
	if err := (liveGateways{std}).reload(ctx, d.Name()); err != nil {
		return err
	}
	std.note("token %s of gateway %s is revoked", name, d.Name())
	return nil
}

func noGateway(name string) error {
	return hint.Errorf("zlaunch gateway list", "there is no gateway %s", name)
}

func listTokens(std *stdio, args arguments, asJSON bool) error {
	if err := args.count(0, 1); err != nil {
		return err
	}
	dirs, err := gatewaysOf(std, args.words)
	if err != nil {
		return err
	}
	doc, now := report.Tokens{Schema: report.TokensSchema, Tokens: []report.Token{}}, time.Now()
	var errs []error
	for _, d := range dirs {
		all, err := token.Of(d).List()
		errs = append(errs, err)
		for _, t := range all {
			doc.Tokens = append(doc.Tokens, report.TokenOf(d.Name(), t, now))
		}
	}
	unread := errors.Join(errs...)
	switch {
	case asJSON:
		err = report.JSON(std.out, doc)
	case len(doc.Tokens) > 0:
		err = doc.Text(std.page, std.screen)
	case unread == nil:
		std.note("there are no tokens; to make one: zlaunch token add GATEWAY NAME")
	}
	return errors.Join(unread, err)
}

// gatewaysOf are the gateways that are named, or all.
func gatewaysOf(std *stdio, names []string) ([]files.Dir, error) {
	root, err := std.gatewayRoot()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return root.Gateways()
	}
	var out []files.Dir
	for _, name := range names {
		d, err := root.Gateway(name)
		if err == nil && !d.There() {
			err = noGateway(name)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}
