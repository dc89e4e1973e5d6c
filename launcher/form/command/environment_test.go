package command

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What a variable in front of the engine does. Every name that begins as one which
// an engine, a runtime, the loader or Go obeys is answered for, known or not.
func TestVariables(t *testing.T) {
	for _, c := range []struct{ assigned, want string }{
		{"LD_PRELOAD=/tmp/e", "host_file[LD_PRELOAD]={/tmp/e run false}"},
		{"LD_NEVER_SEEN=1", "host_file[LD_NEVER_SEEN]={1 run false}"},
		{"BASH_ENV=/tmp/e", "host_file[BASH_ENV]={/tmp/e run false}"},
		{"GCONV_PATH=/tmp", "host_file[GCONV_PATH]={/tmp run false}"},
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

func TestEveryVariableIsAnswered(t *testing.T) {
	for _, v := range variables {
		n := 0
		for _, is := range []bool{v.use != "", v.row != nil, v.opens != "", v.harmless != ""} {
			if is {
				n++
			}
		}
		if n != 1 || v.of == 0 {
			t.Errorf("%s has %d answers, of %d", v.names, n, v.of)
		}
		for _, name := range strings.Fields(v.names) {
			example := strings.ReplaceAll(name, "*", "X")
			for _, e := range []engine{podman, docker} {
				if got := variableOf(e, example); v.of&e != 0 && got.harmless != v.harmless {
					t.Errorf("%s is hidden by %s", name, got.names)
				}
			}
		}
	}
}

// A variable that is set earlier in a script is as much the engine's as one in front.
func TestVariablesOfAScript(t *testing.T) {
	for name, want := range map[string]string{
		"LD_PRELOAD": "host_file", "XDG_CONFIG_HOME": "all", "CONTAINERS_CONF": "module", "DOCKER_HOST": "remote", "LANG": "none", "MODEL": "none",
	} {
		got := "all"
		switch row, ok := told(name); {
		case !ok:
			got = "none"
		case row != nil:
			got = row.Key()
		}
		if got != want {
			t.Errorf("%s tells %q, want %q", name, got, want)
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
