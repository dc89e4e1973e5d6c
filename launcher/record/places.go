package record

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/host"
)

// DirsOf are the user's own directories by the variables of the XDG specification and
// what is known of the host.
func DirsOf(env func(string) string, home string, facts *host.Facts) Dirs {
	d := Dirs{
		Runtime: filepath.Join(facts.RuntimeDir.Path, "zlaunch"),
		State:   xdg(env, home, "XDG_STATE_HOME", ".local/state"),
		Data:    xdg(env, home, "XDG_DATA_HOME", ".local/share"),
		Cache:   xdg(env, home, "XDG_CACHE_HOME", ".cache"),
	}
	if _, err := os.Stat(filepath.Join(facts.ConfigHome, "containers/storage.conf")); err != nil && env("CONTAINERS_STORAGE_CONF") == "" {
		d.Storage = filepath.Join(filepath.Dir(d.Data), "containers/storage") // unless storage.conf says otherwise
	}
	if own := fmt.Sprintf("/run/user/%d", facts.UID); facts.RuntimeDir.Path == "" && isDir(own) {
		d.Runtime = filepath.Join(own, "zlaunch") // where the engine then looks as well
	}
	d.Roomy = roomy(env("TMPDIR"), facts.Conf.String("engine.image_copy_tmp_dir"), d.Storage)
	if !filepath.IsAbs(d.Runtime) { // no runtime directory, which preflight judges
		d.Runtime = filepath.Join(d.State, "run")
	}
	return d
}

// roomy is where podman keeps images aside: by the variable, else by containers.conf, where
// "storage" is a directory of its storage, else where it is told nothing. /tmp is memory on
// many hosts.
func roomy(variable, conf, storage string) string {
	switch own := filepath.Join(storage, "tmp"); {
	case variable != "":
		return variable
	case filepath.IsAbs(conf):
		return conf
	case conf == "storage" && storage != "" && isDir(own):
		return own
	}
	return "/var/tmp"
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
