package main

import (
	"context"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
)

// liveGateways are the gateways that run now.
type liveGateways struct{ std *stdio }

// reload tells the gateway of that name, if it runs, that files of its directory have
// changed. They are written by then, and an error leaves them so.
func (liveGateways) reload(ctx context.Context, name string) error { return ctx.Err() }

func scopeList(scopes []gateway.Scope) string {
	var out []string
	for _, s := range scopes {
		out = append(out, string(s))
	}
	return strings.Join(out, " and ")
}

// completeGateways lists the gateways of this user.
func completeGateways(std *stdio) (out []string) {
	dirs, _ := gatewaysOf(std, nil)
	for _, d := range dirs {
		out = append(out, d.Name())
	}
	return out
}

// completeToken lists the verbs, then gateways, then what can be revoked.
func completeToken(std *stdio, words []string) (out []string) {
	words = slices.DeleteFunc(slices.Clone(words[:len(words)-1]), func(w string) bool { return strings.HasPrefix(w, "-") })
	switch {
	case len(words) == 0:
		return []string{"add", "list", "revoke"}
	case len(words) == 1:
		return completeGateways(std)
	case len(words) > 2 || words[0] != "revoke":
		return nil
	}
	dirs, _ := gatewaysOf(std, words[1:2])
	for _, d := range dirs {
		all, _ := token.Of(d).List()
		for _, t := range all {
			out = append(out, t.Name)
		}
	}
	return out
}
