package command_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// What is said of a variable in front of an engine.
func TestVariablesInFront(t *testing.T) {
	for line, want := range map[string]string{
		"LD_PRELOAD=/tmp/e podman run x":                   "engine_variable",
		"env LD_PRELOAD=/tmp/e podman run x":               "engine_variable",
		"sudo LD_LIBRARY_PATH=/tmp/e docker run x":         "engine_variable",
		"systemd-run --setenv=LD_AUDIT=/e podman run x":    "engine_variable",
		"systemd-run -E LD_AUDIT=/e podman run x":          "engine_variable",
		"systemd-run -E LD_AUDIT podman run x":             "open",
		"systemd-run -p Environment=A=b podman run x":      "open",
		"PATH=/tmp/e:/bin podman run x":                    "engine_variable",
		"PATH=/usr/local/bin:/usr/bin:/bin podman run x":   "",
		"PATH=/usr/bin:$PATH podman run x":                 "",
		"PATH=$HOME/bin:$PATH podman run x":                "open",
		"HOME=/tmp/e podman run x":                         "engine_variable",
		"HOME=/home/u podman run x":                        "",
		"XDG_CONFIG_HOME=/tmp/e podman run x":              "engine_variable",
		"XDG_CONFIG_HOME=$HOME/.config podman run x":       "",
		"XDG_CONFIG_HOME=$DIR podman run x":                "open",
		"XDG_RUNTIME_DIR=/run/user/1000 podman run x":      "",
		"XDG_RUNTIME_DIR=/run/user/$(id -u) podman run x":  "",
		"XDG_RUNTIME_DIR=/tmp/e podman run x":              "engine_variable",
		"CONTAINERS_CONF=/tmp/e podman run x":              "module",
		"CONTAINERS_CONF=/tmp/e docker run x":              "module",
		"DOCKER_HOST=tcp://h:1 docker run x":               "remote",
		"DOCKER_CONFIG=/tmp/e docker run x":                "engine_variable",
		"STORAGE_OPTS=overlay.mount_program=/e podman run": "engine_variable",
		"PODMAN_USERNS=host podman run x":                  "userns",
		"PODMAN_FROB=1 podman run x":                       "open",
		"CONTAINERS_FROB=1 podman run x":                   "open",
		"FOO=bar podman run -e FOO x":                      "",
		"TZ=UTC LANG=C podman run x":                       "",
		"CONTAINER_NAME=web DOCKER_TAG=1 podman run x":     "",
		"GOOGLE_APPLICATION_CREDENTIALS=/k podman run x":   "",
		"PODMAN_SYSTEMD_UNIT=x.service podman run x":       "",
		"https_proxy=http://p:1 podman run x":              "",
		"/tmp/e/podman run x":                              "host_file",
		"./podman run x":                                   "host_file",
		"/usr/bin/podman run x":                            "",
		"/usr/bin/../../tmp/e/podman run x":                "host_file",
		"/tmp/nice podman run x":                           "host_file",
	} {
		r, err := command.Line(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		got := ""
		for p := range r.At {
			if slices.Contains([]string{"engine_variable", "module", "remote", "userns", "host_file"}, p.Key) {
				got = p.Key
			}
		}
		for _, o := range r.Open {
			if got == "" && o.At.Key != "image" {
				got = "open"
			}
		}
		if got != want {
			t.Errorf("%s: it is %q, want %q; open: %+v", line, got, want, r.Open)
		}
	}
}

// What a script sets for its later runs.
func TestVariablesEarlier(t *testing.T) {
	for line, open := range map[string]bool{
		"export LD_PRELOAD=/tmp/e":               true,
		"LD_PRELOAD=/tmp/e":                      true, // where it is exported already
		"export PATH=/usr/local/bin:$PATH":       false,
		"export PATH=/tmp/e:$PATH":               true,
		"export PATH":                            false,
		"export XDG_RUNTIME_DIR=/run/user/$UID":  false,
		"export PODMAN_FROB=1":                   true,
		"PODMAN_IMAGE=x":                         false,
		"export CONTAINER_NAME=web":              false,
		"export DOCKER_TAG=1 HTTP_PROXY=h":       false,
		"declare -x GCONV_PATH=/tmp/e":           true,
		"export CONTAINERS_STORAGE_CONF=/tmp/e":  true,
		"export STORAGE_PATH=/data XDG_FOO=1":    true,
		"export STORAGE_PATH=/data DATA_HOME=/x": false,
	} {
		runs, _, err := command.Script("", []byte(line+"\npodman run x\n"))
		if err != nil || len(runs) != 1 {
			t.Fatalf("%s: %d runs, %v", line, len(runs), err)
		}
		if got := len(runs[0].Open) > 0; got != open {
			t.Errorf("%s: open is %v: %+v", line, got, runs[0].Open)
		}
	}
}

// asked matches a variable that a source asks for by its name.
var asked = regexp.MustCompile(`(?:Getenv|LookupEnv)\("([A-Za-z0-9_]+)"\)|= "((?:DOCKER|CONTAINERS?|STORAGE|NETAVARK|PODMAN)_[A-Z_]+)"`)

// notRun are asked for by what no run of a container reaches: tests and builds of the
// engines, storage's own tools, a shell that completes, and other systems.
const notRun = `DOCKER_COMPLETION_SHOW_SERVICE_IDS DOCKER_COMPLETION_SHOW_NODE_IDS DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE
	DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE MemProfileRate KUBECONFIG NORAW OPT CI_DESIRED_DATABASE WSL_DISTRO_NAME BUILD_REGISTRY_SOURCES temp programdata`

// Each variable that the sources of the engines ask for has its answer.
func TestEveryVariableOfTheEngines(t *testing.T) {
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skipf("LOUD: there is no go here: %v", err)
	}
	cache, found, roots := strings.TrimSpace(string(out)), map[string]string{}, 0
	for _, module := range []string{"github.com/containers/podman/v5@*", "go.podman.io/*@*", "github.com/docker/cli@*"} {
		dirs, _ := filepath.Glob(filepath.Join(cache, module))
		for _, dir := range dirs {
			roots++
			filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err == nil && d.IsDir() && slices.Contains([]string{"test", "tests", "e2e", "e2etests", "hack", "contrib", "machine", "quadlet", "build", "podman-testing", "generator", "completion"}, d.Name()) {
					return filepath.SkipDir
				}
				if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_windows.go") {
					return err
				}
				text, err := os.ReadFile(path)
				for _, m := range asked.FindAllStringSubmatch(string(text), -1) {
					found[m[1]+m[2]] = strings.TrimPrefix(path, cache)
				}
				return err
			})
		}
	}
	if roots == 0 {
		t.Skip("LOUD: the sources of the engines are not here")
	}
	for name, path := range found {
		if !command.Tabled(name) && !command.Strange(name) && !slices.Contains(strings.Fields(notRun), name) {
			t.Errorf("%s has no answer: %s asks for it", name, path)
		}
	}
	t.Logf("%d variables of %d modules", len(found), roots)
}
