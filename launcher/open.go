package launcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Open makes a launcher of what surrounds this process: the built-in profiles and
// those of the system and the user, this host, the engine that Podman's own client
// would talk to, or a private one, and the user's directories. A project's profiles
// are not among them. Whoever opens it closes it: [Launcher.Close].
func Open(ctx context.Context) (*Launcher, error) {
	source := host.System()
	facts, err := host.Read(source)
	if err != nil {
		return nil, err
	}
	profiles := profile.DirsOf(os.Getenv, facts.Home, "")
	sources, _, err := profile.Sources(profiles)
	if err != nil {
		return nil, err
	}
	catalog, err := profile.Load(sources)
	if err != nil {
		return nil, err
	}
	l := &Launcher{Catalog: catalog, Host: facts, Dirs: DirsOf(os.Getenv, facts.Home, facts)}
	l.Engine, err = podman.Connect(ctx, podman.Target{
		Env: os.Getenv, CacheDir: xdg(os.Getenv, facts.Home, "XDG_CACHE_HOME", ".cache"), ImageIndex: source.ImageIndex(),
		ThisHost: !facts.OtherEngine(),
	})
	if err != nil {
		return nil, err
	}
	l.Engine.Claims = l.Dirs.Claims()
	return l, nil
}

// Close lets go of the engine. Containers keep running.
func (l *Launcher) Close() error {
	if l.Engine == nil {
		return nil
	}
	return l.Engine.Close()
}

// able refuses what cannot be done with the fields that are set.
func (l *Launcher) able(doing string, engine, catalog bool) error {
	var lacks error
	switch {
	case l.Host == nil:
		lacks = errors.New("the launcher has no Host")
	case catalog && l.Catalog == nil:
		lacks = errors.New("the launcher has no Catalog")
	case engine && l.Engine == nil:
		lacks = errors.New("the launcher has no Engine")
	case engine && (!filepath.IsAbs(l.Dirs.Runtime) || !filepath.IsAbs(l.Dirs.State)):
		lacks = errors.New("the launcher has no directories for its locks and records")
	default:
		return nil
	}
	return hint.Wrap(fmt.Errorf("%s: %w", doing, lacks), "make it by launcher.Open, or set the field")
}

// DirsOf are the user's own directories by the variables of the XDG specification and
// what is known of the host.
func DirsOf(env func(string) string, home string, facts *host.Facts) Dirs {
	d := Dirs{
		Runtime: filepath.Join(facts.RuntimeDir.Path, "zlaunch"),
		State:   xdg(env, home, "XDG_STATE_HOME", ".local/state"),
		Data:    xdg(env, home, "XDG_DATA_HOME", ".local/share"),
	}
	if _, err := os.Stat(filepath.Join(facts.ConfigHome, "containers/storage.conf")); err != nil && env("CONTAINERS_STORAGE_CONF") == "" {
		d.Storage = filepath.Join(filepath.Dir(d.Data), "containers/storage") // unless storage.conf says otherwise
	}
	if own := fmt.Sprintf("/run/user/%d", facts.UID); facts.RuntimeDir.Path == "" && isDir(own) {
		d.Runtime = filepath.Join(own, "zlaunch") // where the engine then looks as well
	}
	if !filepath.IsAbs(d.Runtime) { // no runtime directory, which preflight judges
		d.Runtime = filepath.Join(d.State, "run")
	}
	return d
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// xdg is zlaunch's own directory below a base directory of the XDG specification,
// which has relative paths ignored.
func xdg(env func(string) string, home, variable, fallback string) string {
	base := env(variable)
	if !filepath.IsAbs(base) {
		base = filepath.Join(home, fallback)
	}
	return filepath.Join(base, "zlaunch")
}
