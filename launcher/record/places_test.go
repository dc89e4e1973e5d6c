package record

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/host"
)

// The variables of the XDG specification count where they are absolute.
func TestDirsOf(t *testing.T) {
	facts := &host.Facts{UID: -7, ConfigHome: t.TempDir()}
	env := map[string]string{"XDG_STATE_HOME": "/s", "XDG_DATA_HOME": "relative"}
	get := func(name string) string { return env[name] }
	want := Dirs{Runtime: "/s/zlaunch/run", State: "/s/zlaunch", Data: "/h/.local/share/zlaunch", Cache: "/h/.cache/zlaunch", Storage: "/h/.local/share/containers/storage", Roomy: "/var/tmp"}
	if got := DirsOf(get, "/h", facts); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	facts.RuntimeDir.Path, env["CONTAINERS_STORAGE_CONF"] = "/run/user/7", "/etc/x"
	want.Runtime, want.Storage = "/run/user/7/zlaunch", ""
	env["TMPDIR"], want.Roomy = "/large", "/large"
	if got := DirsOf(get, "/h", facts); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
