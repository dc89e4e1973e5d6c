package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// engineOptions say which engine is wanted. They stand before the command's name
// or among its own options; the nearer ones count.
type engineOptions struct {
	connection, url string
	lazy            bool // a service of our own is started only when it is needed
}

func (e *engineOptions) bind(fs *pflag.FlagSet) {
	fs.StringVar(&e.connection, "connection", "", "talk to the engine that podman system connection calls `NAME`")
	fs.StringVar(&e.url, "url", "", "talk to the engine at `URL`: unix, tcp or ssh")
}

// over returns e, or far where e says nothing.
func (e engineOptions) over(far engineOptions) engineOptions {
	if e.connection == "" && e.url == "" {
		far.lazy = e.lazy
		return far
	}
	return e
}

// asked tells whether an engine was named.
func (e engineOptions) asked() bool { return e.connection+e.url != "" }

// connect finds the engine. facts are those of this host, as far as they could be read.
func (s *stdio) connect(ctx context.Context, e engineOptions, facts *host.Facts) (*podman.Engine, error) {
	e = e.over(s.engine)
	if e.connection != "" && e.url != "" {
		return nil, &usageError{errors.New("--connection and --url name two engines")}
	}
	podman.LogTo(s.err)
	dirs := s.recordDirs(facts)
	return podman.Connect(ctx, podman.Target{
		URL: e.url, Connection: e.connection, Env: s.getenv, Lazy: e.lazy, ThisHost: !facts.OtherEngine(),
		CacheDir: dirs.Cache, Scratch: dirs.Scratch(), ImageIndex: host.Source{Env: s.getenv, UID: os.Getuid()}.ImageIndex(),
	})
}

// launcher makes a launcher with an engine. The caller calls done when it is.
func (s *stdio) launcher(ctx context.Context, e engineOptions, load loader) (l *launcher.Launcher, done func(), err error) {
	l, absent, err := s.both(ctx, e, load)
	if err == nil && absent != nil {
		err = absent
	}
	if err != nil {
		return nil, nil, err
	}
	return l, closing(s, l.Engine), nil
}

// loader reads the catalog a command needs; nil is for one that needs none.
type loader func() (*profile.Catalog, error)

// both makes a launcher while its engine starts. absent is why there is none; with
// any other error an engine that came up is let go of.
func (s *stdio) both(ctx context.Context, e engineOptions, load loader) (l *launcher.Launcher, absent, err error) {
	type connection struct {
		engine *podman.Engine
		err    error
	}
	connected := make(chan connection, 1)
	l, unread := offline(s, nil)
	go func() {
		engine, err := s.connect(ctx, e, l.Host)
		connected <- connection{engine, err}
	}()
	if load != nil {
		l.Catalog, err = load()
	}
	if err == nil {
		err = unread
	}
	got := <-connected
	if err != nil {
		if got.engine != nil {
			closing(s, got.engine)()
		}
		return nil, nil, err
	}
	if l.Engine = got.engine; l.Engine != nil {
		l.Engine.Claims = l.Dirs.Claims()
	}
	return l, got.err, nil
}

// closing lets go of an engine.
func closing(std *stdio, e *podman.Engine) func() {
	return func() {
		if err := e.Close(); err != nil {
			std.note("closing the engine: %v", err)
		}
	}
}

// offline makes a launcher without an engine, which can only plan. With an error it knows
// what could be read of this host.
func offline(std *stdio, c *profile.Catalog) (*launcher.Launcher, error) {
	facts, err := host.Read(host.System())
	return &launcher.Launcher{
		Catalog: c, Host: facts, Dirs: std.recordDirs(facts), Version: versionOf().Version, Policy: func() (policy.Set, error) { return std.policy.Read(std.policies...) }, Tell: std.progress.tell, Passing: std.progress.passing,
	}, err
}

// reaping reaps while something else goes on; what it returns waits for the end.
func reaping(ctx context.Context, std *stdio, l *launcher.Launcher) (wait func()) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		reap(ctx, std, l)
	}()
	return func() { <-over }
}

// reap removes what killed launches left, for a command that may: one that only
// reads removes nothing. That it cannot is no reason to stop.
func reap(ctx context.Context, std *stdio, l *launcher.Launcher) {
	if !std.reaps {
		return
	}
	if err := l.Reap(ctx); err != nil && ctx.Err() == nil {
		std.note("removing what killed launches left: %v", err)
	}
}
