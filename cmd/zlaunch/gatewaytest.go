package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/attack"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// testOptions are those of zlaunch gateway test.
type testOptions struct {
	only      []string // themes; none: all
	bearer    string   // files of credentials of the caller's own
	cert, key string
}

func (o *testOptions) bind(fs *pflag.FlagSet) {
	fs.StringSliceVar(&o.only, "only", nil, "with test: play the attacks of these `THEMES` alone: "+themeList())
	fs.StringVar(&o.bearer, "bearer", "", "with test: the token in `FILE` is one that is taken, as where the gateway takes JWTs alone")
	fs.StringVar(&o.cert, "cert", "", "with test: the client's certificate in `FILE` is taken, as where the authority of clients is your own")
	fs.StringVar(&o.key, "key", "", "with test: the key of that certificate, in `FILE`")
}

// testGateway plays attacks on a gateway that runs.
func testGateway(ctx context.Context, std *stdio, args arguments, o gatewayOptions) error {
	if err := args.count(1, 1); err != nil {
		return err
	}
	name := args.words[0]
	themes, err := attackThemes(o.test.only)
	if err != nil {
		return err
	}
	l, done, err := std.launcher(ctx, engineOptions{}, nil)
	if err != nil {
		return err
	}
	defer done()
	at, err := l.Stacks().Gateways().Running(ctx, name)
	if errors.Is(err, launch.ErrNoGateway) {
		return hint.Errorf("zlaunch run PROFILE --gateway --name NAME\nzlaunch ps", "no gateway %s runs", name)
	}
	if err != nil {
		return err
	}
	target, err := attackTarget(l, at)
	if err != nil {
		return err
	}
	back, err := (&lending{std, name, target, o.test}).lend(ctx)
	var result *attack.Report
	if err == nil {
		result, err = attack.Player{Only: themes, Tell: std.progress.passing}.Play(ctx, target)
	}
	if err := errors.Join(err, back(context.WithoutCancel(ctx))); err != nil {
		return err
	}
	return printGatewayTest(std, report.NewGatewayTest(result), o.json)
}

// attackThemes reads --only.
func attackThemes(words []string) (out []attack.Theme, err error) {
	for _, w := range words {
		t := attack.Theme(strings.ToLower(strings.TrimSpace(w)))
		if !slices.Contains(attack.Themes, t) {
			return nil, &usageError{hint.Errorf("--only "+themeList(), "%q is no theme of attacks", w)}
		}
		out = append(out, t)
	}
	return out, nil
}

func themeList() string {
	var all []string
	for _, t := range attack.Themes {
		all = append(all, string(t))
	}
	return strings.Join(all, ",")
}

// attackTarget is a gateway that runs, as an attacker on this host finds it.
func attackTarget(l *launcher.Launcher, at *launch.RunningGateway) (*attack.Target, error) {
	t := &attack.Target{Front: at.Front, Address: at.Address(gateway.Port), Metrics: at.Address(gateway.MetricsPort),
		Gateway: containerLog(l, at.Proxy), Server: containerLog(l, at.Backend)}
	if t.Address == "" {
		return nil, hint.Errorf("-p 8443:https", "the gateway %s is published at no address of this host, so that nobody here can call it", at.Front.Name)
	}
	return t, t.Shown(at.Files)
}

// containerLog reads what a container writes on both streams.
func containerLog(l *launcher.Launcher, name string) attack.Log {
	return func(ctx context.Context, since time.Time, line func(string)) error {
		out, err := &lineWriter{line: line}, &lineWriter{line: line}
		// A second before, for what an engine rounds.
		failed := l.Engine.Containers.Logs(ctx, name, podman.LogOptions{Since: since.Add(-time.Second)}, out, err)
		out.end()
		err.end()
		return failed
	}
}

func printGatewayTest(std *stdio, doc report.GatewayTest, json bool) error {
	var err error
	if json {
		err = report.JSON(std.out, doc)
	} else {
		err = doc.Text(std.page, std.screen)
	}
	switch {
	case err != nil:
		return fmt.Errorf("writing what became of the attacks: %w", err)
	case doc.Failures:
		return &statusError{status: exitFindings}
	}
	return nil
}
