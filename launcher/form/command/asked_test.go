package command

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asked matches a variable that a source asks for by its name.
var asked = regexp.MustCompile(`(?:Getenv|LookupEnv)\("([A-Za-z0-9_]+)"\)|= "((?:DOCKER|CONTAINERS?|STORAGE|NETAVARK|PODMAN)_[A-Z_]+)"`)

// notRun are asked for by what no run of a container reaches: tests and builds of the
// engines, storage's own tools, a shell that completes, and other systems.
const notRun = `DOCKER_COMPLETION_SHOW_SERVICE_IDS DOCKER_COMPLETION_SHOW_NODE_IDS DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE
	DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE MemProfileRate KUBECONFIG NORAW OPT CI_DESIRED_DATABASE WSL_DISTRO_NAME BUILD_REGISTRY_SOURCES temp programdata`

// Each variable that the sources of the engines ask for has its answer.
func TestEveryVariableOfTheEngines(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/containers/podman/v5", "go.podman.io/common", "go.podman.io/storage").Output()
	if err != nil {
		t.Skipf("LOUD: there is no go here that finds the sources: %v", err)
	}
	found, roots := map[string]string{}, 0
	for _, dir := range strings.Fields(string(out)) {
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
				found[m[1]+m[2]] = strings.TrimPrefix(path, dir)
			}
			return err
		})
	}
	if roots == 0 {
		t.Skip("LOUD: the sources of the engines are not here")
	}
	for name, path := range found {
		if unlisted(name) && !slices.Contains(strings.Fields(notRun), name) {
			t.Errorf("%s has no answer: %s asks for it", name, path)
		}
	}
	t.Logf("%d variables of %d modules", len(found), roots)
}

// unlisted tells that a name stands nowhere in the table, not by its beginning either.
func unlisted(name string) bool {
	return !slices.ContainsFunc(variables, func(v Variable) bool { return covers(v.names, name) })
}
