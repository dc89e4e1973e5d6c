package host

import (
	"path/filepath"
)

// ImageIndex is the file that an ordinary user's Podman replaces whenever an
// image comes, goes or is renamed, such as
// ~/.local/share/containers/storage/overlay-images/images.json. It is "" where
// images may change without it: storage that is configured by the user or the
// environment, additional stores, none or several drivers (containers/storage,
// docs/containers-storage.conf.5.md).
func (s Source) ImageIndex() string {
	home := s.env("HOME")
	if s.UID == 0 || home == "" || configuredStorage(s, home) {
		return ""
	}
	data := s.env("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		data = filepath.Join(home, ".local/share")
	}
	found, _ := filepath.Glob(s.at(filepath.Join(data, "containers/storage/*-images/images.json")))
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// configuredStorage tells whether anything but Podman's own choice says where
// images are.
func configuredStorage(s Source, home string) bool {
	for _, name := range []string{"CONTAINERS_STORAGE_CONF", "STORAGE_DRIVER", "STORAGE_OPTS"} {
		if s.env(name) != "" {
			return true
		}
	}
	config := s.env("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	return s.exists(filepath.Join(config, "containers/storage.conf")) ||
		storageElsewhere(s, "/usr/share/containers/storage.conf") || storageElsewhere(s, "/etc/containers/storage.conf")
}

// storageElsewhere tells whether a system's storage.conf moves an ordinary
// user's images or adds stores; one that cannot be read might.
func storageElsewhere(s Source, file string) bool {
	if !s.exists(file) {
		return false
	}
	var conf struct {
		Storage struct {
			RootlessPath string `toml:"rootless_storage_path"`
			ImageStore   string `toml:"imagestore"`
			Options      struct {
				Stores []string `toml:"additionalimagestores"`
				Layers []string `toml:"additionallayerstores"`
			} `toml:"options"`
		} `toml:"storage"`
	}
	content, err := s.read(file)
	if err == nil {
		err = decode(content, &conf)
	}
	c := conf.Storage
	return err != nil || c.RootlessPath != "" || c.ImageStore != "" || len(c.Options.Stores)+len(c.Options.Layers) > 0
}
