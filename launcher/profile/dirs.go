package profile

import "path/filepath"

// DirsOf works out the usual places from the environment: getenv is os.Getenv,
// wd the working directory. A relative XDG variable is ignored, as its standard
// asks.
func DirsOf(getenv func(string) string, home, wd string) Dirs {
	place := func(variable, fallback string) string {
		if v := getenv(variable); filepath.IsAbs(v) {
			return filepath.Join(v, "zlaunch")
		}
		if home == "" {
			return ""
		}
		return filepath.Join(home, fallback, "zlaunch")
	}
	d := Dirs{
		System: "/etc/zlaunch/profiles.d", User: place("XDG_CONFIG_HOME", ".config"),
		Project: wd, Home: home,
	}
	if state := place("XDG_STATE_HOME", ".local/state"); state != "" {
		d.Approved.Dir = filepath.Join(state, "approved")
	}
	return d
}
