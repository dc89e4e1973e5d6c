package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// liveGateways are the gateways that run now.
type liveGateways struct{ std *stdio }

// reload tells the gateway of that name, if it runs, that files of its directory have
// changed. They are written by then, and an error leaves them so.
func (g liveGateways) reload(ctx context.Context, name string) error {
	profiles, err := g.profiles(name)
	if profiles == nil || err != nil {
		return err // no engine is asked where nothing runs
	}
	l, done, err := g.std.launcher(ctx, engineOptions{}, func() (*profile.Catalog, error) { return g.std.catalog(projectOptions{}, profiles...) })
	if err != nil {
		return err
	}
	defer done()
	if err = l.Stacks().Gateways().Reload(ctx, name); errors.Is(err, launch.ErrNoGateway) {
		return nil
	}
	return err
}

// profiles are those of the members of a stack that is up; none: there is no such stack.
func (g liveGateways) profiles(name string) (out []string, err error) {
	l, err := offline(g.std, nil)
	if err != nil {
		return nil, err
	}
	up, err := l.Dirs.Stacks().All()
	i := slices.IndexFunc(up, func(s record.Stack) bool { return s.Name == name })
	if i < 0 {
		return nil, err
	}
	for _, m := range up[i].Members {
		r, err := l.Dirs.Load(m.Launch)
		if err != nil {
			return nil, err
		}
		out = append(out, r.Profile)
	}
	return out, nil
}

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
