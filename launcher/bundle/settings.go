package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Settings are where Podman's own tools look for what they know of registries, so that a
// registry that podman pull reaches is reached here. No word of a command line is among
// them.
type Settings struct {
	Logins     []string // containers-auth.json(5); the first that knows the repository counts
	Certs      []string // containers-certs.d(5); the first that has the host counts
	Registries []string // containers-registries.conf(5); the first that is there counts, with FILE.d
	Agent      string   // User-Agent: "zlaunch/1.2.0"
}

// SettingsOf works out the usual places from the environment: getenv is os.Getenv.
func SettingsOf(getenv func(string) string, home, agent string) Settings {
	config := getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	own := filepath.Join(config, "containers")
	s := Settings{
		Certs:      []string{filepath.Join(own, "certs.d"), "/etc/containers/certs.d", "/etc/docker/certs.d"},
		Registries: []string{filepath.Join(own, "registries.conf"), "/etc/containers/registries.conf"},
		Agent:      agent,
	}
	if conf := getenv("CONTAINERS_REGISTRIES_CONF"); conf != "" {
		s.Registries = []string{conf}
	}
	if auth := getenv("REGISTRY_AUTH_FILE"); auth != "" {
		s.Logins = []string{auth}
		return s
	}
	if run := getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(run) {
		s.Logins = append(s.Logins, filepath.Join(run, "containers/auth.json"))
	}
	s.Logins = append(s.Logins, filepath.Join(own, "auth.json"), filepath.Join(home, ".docker/config.json"))
	return s
}

// registryTable is a table of registries.conf; mirrors and short names are not followed.
type registryTable struct {
	Prefix   string `toml:"prefix"`
	Location string `toml:"location"`
	Insecure bool   `toml:"insecure"`
	Blocked  bool   `toml:"blocked"`
}

// plain tells whether a repository is asked for without TLS: where registries.conf says
// that its registry is insecure, and on loopback, unless certs.d has something for the host.
func (s Settings) plain(r Ref) (bool, error) {
	table, err := s.table(r.Host + "/" + r.Repository)
	switch {
	case err != nil:
		return false, fmt.Errorf("reading what is known of %s: %w", r.Host, err)
	case table.Blocked:
		return false, hint.Errorf("podman info --format '{{json .Registries}}'", "opening %s: registries.conf blocks it", r)
	}
	certs, err := s.certDir(r.Host)
	return certs == "" && (table.Insecure || loopback(r.Host)), err
}

// loopback tells whether a host, with a port or without, is this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// table gives the table with the longest prefix that name begins with.
func (s Settings) table(name string) (registryTable, error) {
	files, err := s.registryFiles()
	var best registryTable
	for _, file := range files {
		var conf struct {
			Registry []registryTable `toml:"registry"`
		}
		data, err := believed(file)
		if err == nil {
			err = bounded.TOML(data)
		}
		if err == nil {
			err = toml.Unmarshal(data, &conf)
		}
		if err != nil {
			return registryTable{}, fmt.Errorf("%s: %w", file, err)
		}
		for _, t := range conf.Registry {
			if t.Prefix == "" {
				t.Prefix = t.Location
			}
			if t.covers(name) && len(t.Prefix) >= len(best.Prefix) {
				best = t
			}
		}
	}
	return best, err
}

// covers tells whether the prefix of a table is that of a repository: "*.example.com"
// is every host below, with what follows; anything else ends where a word ends.
func (t registryTable) covers(name string) bool {
	if below, ok := strings.CutPrefix(t.Prefix, "*"); ok {
		host, _, _ := strings.Cut(name, "/")
		return strings.HasPrefix(below, ".") && strings.HasSuffix(host, below)
	}
	rest, ok := strings.CutPrefix(name, t.Prefix)
	return ok && t.Prefix != "" && (rest == "" || rest[0] == '/')
}

// registryFiles are the files that count: the first that is there, and those of its FILE.d
// after it, by name.
func (s Settings) registryFiles() ([]string, error) {
	for _, file := range s.Registries {
		more, err := filepath.Glob(filepath.Join(escapeGlob(file+".d"), "*.conf"))
		if err != nil {
			return nil, err
		}
		_, err = believed(file)
		if errors.Is(err, fs.ErrNotExist) && len(more) == 0 {
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			more = slices.Insert(more, 0, file)
		}
		return more, nil
	}
	return nil, nil
}

// escapeGlob is a path that stands for itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// believed reads a file that decides something, which nobody else can write.
func believed(path string) ([]byte, error) {
	if err := trust.Caller().Path(path); err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	return claim.ReadFile(real, bounded.MaxTOML)
}
