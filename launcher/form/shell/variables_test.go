package shell

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What the answers begin with.
const (
	movesPlaces = "it moves the engine's configuration, its storage or its run directory"
	asDebugging = "it changes how the engine itself works"
)

// What a variable in front of the engine does. Every name that begins as one which
// an engine, a runtime, the loader or Go obeys is answered for, known or not.
func TestVariables(t *testing.T) {
	for _, c := range []struct{ assigned, want string }{
		{"LD_PRELOAD=/tmp/e", "host_file[LD_PRELOAD]={/tmp/e run false}"},
		{"LD_NEVER_SEEN=1", "host_file[LD_NEVER_SEEN]={1 run false}"},
		{"BASH_ENV=/tmp/e", "host_file[BASH_ENV]={/tmp/e run false}"},
		{"GCONV_PATH=/tmp", "host_file[GCONV_PATH]={/tmp run false}"},
		{"PATH=/usr/local/bin:/usr/bin", ""}, {"PATH=/usr/bin:$PATH", ""},
		{"HOME=/home/u", ""}, {"XDG_CONFIG_HOME=$HOME/.config", ""}, {"XDG_CONFIG_HOME=/home/u/x/.config", "open : XDG_CONFIG_HOME: " + movesPlaces},
		{"XDG_RUNTIME_DIR=/run/user/$(id -u)", ""}, {"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus", ""},
		{"CONTAINER_NAME=web", ""}, {"DOCKER_TAG=1", ""}, {"GOOGLE_APPLICATION_CREDENTIALS=/k", ""}, {"STORAGE_DIR=/d", ""},
		{"DISABLE_HC_SYSTEMD=true", "open no_healthcheck: DISABLE_HC_SYSTEMD: no timer runs the health check"},
		{"PATH=/tmp:/usr/bin", "host_file[PATH]={/tmp:/usr/bin run false}"},
		{"PATH=$X", "host_file[PATH]={$X run true}|open host_file[PATH]: $X is expanded by the shell"},
		{"CONTAINERS_HELPER_BINARY_DIR=/tmp", "host_file[CONTAINERS_HELPER_BINARY_DIR]={/tmp run false}"},
		{"REGISTRY_AUTH_FILE=/etc/shadow", "host_file[REGISTRY_AUTH_FILE]={/etc/shadow read false}"},
		{"TMPDIR=/srv", "host_file[TMPDIR]={/srv write false}"},
		{"XDG_CONFIG_HOME=/tmp", "open : XDG_CONFIG_HOME: " + movesPlaces},
		{"HOME=/tmp", "open : HOME: " + movesPlaces},
		{"STORAGE_DRIVER=vfs", "open : STORAGE_DRIVER: " + movesPlaces},
		{"CONTAINERS_REGISTRIES_CONF=/tmp/r", "open : CONTAINERS_REGISTRIES_CONF: " + movesPlaces},
		{"XDG_RUNTIME_DIR=/run/user/1000", ""},
		{"XDG_RUNTIME_DIR=/tmp", "open : XDG_RUNTIME_DIR: " + movesPlaces},
		{"XDG_RUNTIME_DIR=$X", "open : XDG_RUNTIME_DIR: " + movesPlaces},
		{"PODMAN_NEVER_SEEN=1", "open : PODMAN_NEVER_SEEN: " + asDebugging},
		{"GODEBUG=x509sha1=1", "open : GODEBUG: " + asDebugging},
		{"GOGC=off", ""}, {"LANG=C", ""}, {"LC_ALL=C", ""}, {"TZ=UTC", ""}, {"NO_COLOR=1", ""}, {"MODEL=x", ""},
	} {
		r := read(t, c.assigned+" podman run x")
		container.Image.Clear(r.Spec)
		if got := strings.Join(said(r), "|"); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.assigned, got, c.want)
		}
	}
}

// What starts the engine is looked at as the engine is.
func TestStarters(t *testing.T) {
	for line, want := range map[string]string{
		"/tmp/e/nice podman run x":                              "prefix=[nice]|host_file[nice]={/tmp/e/nice run false}",
		"/usr/bin/env podman run x":                             "prefix=[env]|host_file[env]={/usr/bin/env run false}",
		"systemd-run -p Environment=LD_PRELOAD=/e podman run x": "prefix=[systemd-run]|open : Environment=LD_PRELOAD=/e: it sets the environment of the engine, the files it finds, or where it prints",
		"systemd-run --property=ExecSearchPath=/e podman run x": "prefix=[systemd-run]|open : --property=ExecSearchPath=/e: it sets the environment of the engine, the files it finds, or where it prints",
		"systemd-run -p MemoryMax=1G podman run x":              "prefix=[systemd-run]",
		"systemd-run --unit=x -pNice=5 podman run x":            "prefix=[systemd-run]",
		"systemd-run -p ProtectSystem=strict podman run x":      "prefix=[systemd-run]",
		"systemd-run -p ExecStartPre=/e podman run x":           "prefix=[systemd-run]|open : ExecStartPre=/e: it sets the environment of the engine, the files it finds, or where it prints",
		"systemd-run -p NeverSeen=1 podman run x":               "prefix=[systemd-run]|open : NeverSeen=1: it sets the environment of the engine, the files it finds, or where it prints",
		"systemd-run -p OpenFile=/e podman run x":               "prefix=[systemd-run]|open : OpenFile=/e: it sets the environment of the engine, the files it finds, or where it prints",
	} {
		r := read(t, line)
		container.Image.Clear(r.Spec)
		if got := strings.Join(said(r), "|"); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

// A variable that is set earlier in a script is as much the engine's as one in front,
// unless it is one of the script's own.
func TestVariablesOfAScript(t *testing.T) {
	for assigned, want := range map[string]string{
		"export LD_PRELOAD=/tmp/e":                                    "host_file",
		"LD_PRELOAD=/tmp/e":                                           "host_file", // it is exported already, or is not
		"export XDG_CONFIG_HOME=/tmp/e":                               "all",
		"CONTAINERS_CONF=/tmp/e":                                      "module",
		"export DOCKER_HOST=tcp://h:1":                                "remote",
		"export LANG=C MODEL=x":                                       "none",
		"export PATH=/usr/local/bin:$PATH":                            "none",
		"export PATH":                                                 "none",
		"export PATH=/tmp/e:$PATH":                                    "host_file",
		"PATH=$PATH:$HOME/bin":                                        "host_file",
		"export XDG_RUNTIME_DIR=/run/user/$UID":                       "none",
		"CONTAINER_NAME=web DOCKER_TAG=1":                             "none",
		"GOAL=3 _dir=/x SSH_KEY=/k":                                   "none",
		"export GOOGLE_APPLICATION_CREDENTIALS=/k CONTAINER_NAME=web": "none",
		"PODMAN_OPTS=-it":                                             "none",
		"export PODMAN_OPTS=-it":                                      "all",
		"PODMAN_OPTS=-it; export PODMAN_OPTS":                         "all",
		"declare -x PODMAN_OPTS=-it":                                  "all",
		"export https_proxy=http://p:1":                               "http_proxy",
		"export STORAGE_DRIVER=vfs":                                   "all",
		"LD_PRELOAD=/a; LD_PRELOAD=/b":                                "host_file",
		"https_proxy=a; https_proxy=b":                                "http_proxy",
		"export DISABLE_HC_SYSTEMD=true":                              "no_healthcheck",
	} {
		runs, _, err := Script("", []byte(assigned+"\npodman run x\n"))
		if err != nil || len(runs) != 1 {
			t.Fatalf("%s: %d runs, %v", assigned, len(runs), err)
		}
		got := "none"
		if len(runs[0].Open) > 0 {
			if got = runs[0].Open[0].At.Key; got == "" {
				got = "all"
			}
		}
		if got != want {
			t.Errorf("%s tells %q, want %q: %+v", assigned, got, want, runs[0].Open)
		}
	}
}

// No option of the line takes the place of what such a variable says.
func TestVariablesOfAScriptStay(t *testing.T) {
	for _, set := range []string{"export XDG_CONFIG_HOME=/tmp", "export LD_PRELOAD=/tmp/e"} {
		runs, _, err := Script("", []byte(set+"\npodman --log-level=debug run --cidfile=/run/c x\n"))
		if err != nil || len(runs) != 1 || len(runs[0].Open) == 0 {
			t.Errorf("%s: %v, %v", set, runs, err)
		}
	}
}
