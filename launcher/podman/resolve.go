package podman

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/containers/podman/v5/pkg/bindings"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"go.podman.io/common/pkg/config"
)

// destination is one place an engine may listen at.
type destination struct {
	options bindings.Options
	cli     []string // see [Engine.cli]
}

// resolve follows cmd/podman/root.go; nil means the engine of this host.
func resolve(t Target) (*destination, error) {
	identity := t.Env("CONTAINER_SSHKEY")
	switch connection, host := t.Env("CONTAINER_CONNECTION"), t.Env("CONTAINER_HOST"); {
	case t.URL != "":
		return byURL(t.URL, identity), nil
	case t.Connection != "":
		return byName(t.Connection)
	case connection != "":
		return byName(connection)
	case host != "":
		return byURL(host, identity), nil
	}
	if _, err := os.Stat(t.Env("XDG_RUNTIME_DIR")); err == nil && t.ThisHost && runtime.GOOS == "linux" {
		return nil, nil // with another directory, what Podman's library says counts
	}
	conf, err := config.Default()
	if err != nil {
		return nil, confError(err)
	}
	if runtime.GOOS == "linux" && !conf.Engine.Remote {
		return nil, nil
	}
	c, err := conf.GetConnection("", true)
	if err == nil {
		return byConnection(c), nil
	}
	if runtime.GOOS == "linux" {
		return nil, nil
	}
	return nil, hint.Errorf("podman machine init && podman machine start", "finding the engine: %w", err)
}

func byURL(uri, identity string) *destination {
	cli := []string{"--remote", "--url", uri}
	if identity != "" {
		cli = append(cli, "--identity", identity)
	}
	return &destination{bindings.Options{URI: uri, Identity: identity}, cli}
}

// confError explains why Podman's configuration cannot be read: it looks at the
// runtime directory as well, which a su or sudo leaves behind.
func confError(err error) error {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if _, serr := os.Stat(dir); dir != "" && errors.Is(serr, fs.ErrNotExist) {
		return hint.Errorf(fmt.Sprintf("log in properly (ssh, or machinectl shell; su and sudo do not do), or: export XDG_RUNTIME_DIR=/run/user/%d", os.Getuid()),
			"reading containers.conf: XDG_RUNTIME_DIR %q does not exist", dir)
	}
	return hint.Wrap(fmt.Errorf("reading containers.conf: %w", err), "podman info")
}

func byName(name string) (*destination, error) {
	conf, err := config.Default()
	if err != nil {
		return nil, confError(err)
	}
	c, err := conf.GetConnection(name, false)
	if err != nil {
		return nil, hint.Errorf("podman system connection list", "finding the engine: %w", err)
	}
	return byConnection(c), nil
}

func byConnection(c *config.Connection) *destination {
	return &destination{
		bindings.Options{
			URI: c.URI, Identity: c.Identity, Machine: c.IsMachine,
			TLSCertFile: c.TLSCert, TLSKeyFile: c.TLSKey, TLSCAFile: c.TLSCA,
		},
		[]string{"--remote", "--connection", c.Name},
	}
}

// parseURL reads an engine's URL; unix://a/b is read as unix:///a/b, as Podman
// does.
func parseURL(uri string) (*url.URL, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, fmt.Errorf("reading the engine's URL: %w", errors.Unwrap(err)) // the whole error would print a password
	}
	switch u.Scheme {
	case "unix":
		u.Path, u.Host = filepath.Join("/", u.Host, u.Path), ""
	case "tcp", "ssh":
	default:
		return nil, hint.Errorf("podman system connection list", "reading the engine's URL: scheme %q is none of unix, tcp, ssh", u.Scheme)
	}
	return u, nil
}
