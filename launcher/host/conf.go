package host

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Conf is containers.conf as Podman merges it: only what its files say, none of
// Podman's built-in defaults.
type Conf struct {
	Files []string // the files that exist, in the order read; the later one wins
	set   map[string]*ConfSetting
}

// ConfSetting is one key that a containers.conf sets.
type ConfSetting struct {
	Key   string   // table and key: containers.volumes
	Value any      // string, bool, int64, []string, or a map for engine.runtimes
	Files []string // who set it, the deciding file first

	appending bool // a list to which later files add
}

// Origin tells where the setting comes from, in the words of a mark.
func (s ConfSetting) Origin() container.Origin {
	o := container.Origin{Layer: container.LayerHost, Key: s.Key}
	if len(s.Files) > 0 {
		o.File = s.Files[0]
	}
	return o
}

// Settings lists what is set, in the order of containers.conf(5).
func (c *Conf) Settings() []ConfSetting {
	var out []ConfSetting
	for _, k := range confKeys {
		if s := c.Get(k.name); s != nil {
			out = append(out, *s)
		}
	}
	return out
}

// Get returns the setting of a key such as containers.volumes; nil when no file
// sets it.
func (c *Conf) Get(key string) *ConfSetting {
	if c == nil {
		return nil
	}
	return c.set[key]
}

// String returns the value of a text key, "" when no file sets it.
func (c *Conf) String(key string) string {
	if s := c.Get(key); s != nil {
		v, _ := s.Value.(string)
		return v
	}
	return ""
}

// Strings returns the value of a list key.
func (c *Conf) Strings(key string) []string {
	if s := c.Get(key); s != nil {
		v, _ := s.Value.([]string)
		return v
	}
	return nil
}

// Bool returns the value of a boolean key and whether a file sets it.
func (c *Conf) Bool(key string) (value, set bool) {
	if s := c.Get(key); s != nil {
		value, set = s.Value.(bool)
	}
	return value, set
}

// OtherEngine tells whether containers.conf has Podman talk to another engine than this
// host's.
func (f *Facts) OtherEngine() bool {
	remote, _ := f.Conf.Bool("engine.remote")
	return remote
}

func readConf(src Source, configHome string) (*Conf, error) {
	c := &Conf{set: map[string]*ConfSetting{}}
	for _, file := range confFiles(src, configHome) {
		b, err := src.read(file)
		if errors.Is(err, fs.ErrNotExist) && file != src.env("CONTAINERS_CONF") {
			continue
		}
		if err == nil {
			c.Files = append(c.Files, file)
			err = c.merge(file, b)
		}
		if err != nil {
			return c, hint.Errorf("correct the file, or set CONTAINERS_CONF to another one",
				"reading %s: %w", file, err)
		}
	}
	return c, nil
}

// confFiles is the order of Podman 5.8 (go.podman.io/common pkg/config,
// systemConfigs). Older ones read the same files without
// containers.rootless.conf, which none of their hosts has.
func confFiles(s Source, configHome string) []string {
	var out []string
	if one := s.env("CONTAINERS_CONF"); one != "" {
		out = []string{one}
	} else {
		out = append(out, "/usr/share/containers/containers.conf")
		out = append(out, withDropIns(s, "/etc/containers/containers.conf")...)
		if s.UID > 0 {
			rootless := "/etc/containers/containers.rootless.conf"
			out = append(out, withDropIns(s, rootless)...)
			out = append(out, dropIns(s, rootless+".d/"+strconv.Itoa(s.UID))...)
		}
		if configHome != "" {
			out = append(out, withDropIns(s, filepath.Join(configHome, "containers/containers.conf"))...)
		}
	}
	if last := s.env("CONTAINERS_CONF_OVERRIDE"); last != "" {
		out = append(out, last)
	}
	return out
}

func withDropIns(s Source, file string) []string {
	return append([]string{file}, dropIns(s, file+".d")...)
}

func dropIns(s Source, dir string) []string {
	var out []string
	entries, _ := os.ReadDir(s.at(dir)) // sorted by name
	for _, e := range entries {
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".conf") {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out
}
