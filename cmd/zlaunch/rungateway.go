package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

// guardOptions ask for a gateway in front of a run.
type guardOptions struct {
	wanted   bool
	settings gateway.Settings
}

func (g *guardOptions) bind(fs *pflag.FlagSet) {
	fs.BoolVar(&g.wanted, "gateway", false, "put a gateway in front: TLS, tokens and a list of what may be called; the server itself publishes nothing")
	fs.BoolVar(&g.settings.Certificates, "client-certificates", false, "with --gateway: ask clients for certificates, in place of tokens")
	fs.BoolVar(&g.settings.Tokens, "tokens", false, "with --gateway: ask for tokens beside certificates")
	fs.StringVar(&g.settings.Certificate, "tls-cert", "", "with --gateway: show the certificate in `FILE` (default one of zlaunch's own authority)")
	fs.StringVar(&g.settings.Key, "tls-key", "", "with --gateway: the key of that certificate, in `FILE`")
}

// behind is the stack that a run with --gateway is; nil: it is asked for without.
func (g *guardOptions) behind(o launcher.Options) (*stack.Stack, error) {
	if !g.wanted {
		for option, given := range map[string]bool{"--client-certificates": g.settings.Certificates, "--tokens": g.settings.Tokens, "--tls-cert": g.settings.Certificate != "", "--tls-key": g.settings.Key != ""} {
			if given {
				return nil, &usageError{hint.Errorf("--gateway "+option, "%s is of a gateway, and none is asked for", option)}
			}
		}
		return nil, nil
	}
	s, err := launcher.Guarded(o, g.settings)
	if err != nil {
		return nil, &usageError{err}
	}
	return s, nil
}

// demanded is the stack that a run is whose profile stands behind a gateway; nil: it does not.
func (g guardOptions) demanded(l *launcher.Launcher, o launcher.Options) (*stack.Stack, error) {
	g.wanted = l.Stacks().BehindGateway(o)
	return g.behind(o)
}

// forStack are the options of a run that hold for every member of a stack.
func (o *runOptions) forStack() *stackOptions {
	every := launcher.Options{Arch: o.Arch, Waive: o.Waive, FailOn: o.FailOn, ReadyTimeout: o.ReadyTimeout, LookupEnv: o.LookupEnv}
	return &stackOptions{every: every, policy: o.policy, project: o.project, engine: o.engine}
}

// planGuarded shows the plans of a server and its gateway.
func planGuarded(ctx context.Context, std *stdio, args arguments, a stackPlan) error {
	options, err := a.o.options(std, args)
	if err != nil {
		return err
	}
	s, err := a.o.front.behind(options)
	if err != nil {
		return err
	}
	return printStack(ctx, std, a, s)
}

// runGuarded runs a server and its gateway: until it is told to end, or detached.
func runGuarded(ctx context.Context, std *stdio, o *runOptions, s *stack.Stack, json bool) error {
	of := o.forStack()
	if err := of.threshold(o.failOn); err != nil {
		return err
	}
	l, done, err := std.launcher(ctx, o.engine, func() (*profile.Catalog, error) { return of.catalog(std, s) })
	if err != nil {
		return err
	}
	defer done()
	runs, err := bringUp(ctx, std, l, of, s)
	switch {
	case err != nil:
		return err
	case json:
		return report.JSON(std.out, upDocument(s, runs))
	case o.Detach:
		_, err = fmt.Fprintln(std.out, address(runs[len(runs)-1])) // the gateway starts last
		return err
	}
	std.note("Ctrl-C ends both; others see them as the stack %s", s.Name)
	err = untilEnd(ctx, std, l, s)
	_, ended := l.Stacks().Down(context.WithoutCancel(ctx), s.Name)
	return errors.Join(err, ended)
}

// noteGateway tells of a gateway that has started what ends soon, and how to make the first
// token where there is none.
func noteGateway(std *stdio, l *launcher.Launcher, s *stack.Stack) {
	if s.Gateway == nil {
		return
	}
	dir, err := files.Root(l.Dirs.State).Gateway(s.Name)
	if err != nil {
		return
	}
	warnEnding(std, dir, time.Now())
	if s.Gateway.Settings.JWT != nil || s.Gateway.Settings.Certificates && !s.Gateway.Settings.Tokens {
		return
	}
	if all, err := token.Of(dir).List(); err == nil && len(all) == 0 {
		std.note("nobody may call it yet: zlaunch token add %s NAME", s.Name)
	}
}

// untilEnd prints what the server writes until it ends or is told to.
func untilEnd(ctx context.Context, std *stdio, l *launcher.Launcher, s *stack.Stack) error {
	name := s.Container(s.Gateway.Backend)
	err := l.Engine.Containers.Logs(ctx, name, podman.LogOptions{Follow: true}, shown(std.out, std.exact, std.tty.out), shown(std.err, std.exactErr, std.tty.err))
	if ctx.Err() != nil {
		return nil
	}
	return errors.Join(err, fmt.Errorf("%s has ended", name))
}
