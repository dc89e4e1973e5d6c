package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// playedTrivy is the profile of trivy with the image of the tests, which plays it.
const playedTrivy = `
[profile.trivy]
extends = "trivy"
[profile.trivy.container]
image = "localhost/zlaunch-e2e:latest"
pull = "never"
memory = "256m"
memory_swap = "256m"
args = ["scan", "honest", "/scan/image", "/scan/cache/db"]
tmpfs."/tmp" = { size = "64m", mode = "1777" }
`

// The jobs of docs/scan-ci.md, as a runner runs them: each stops at what is bad, and leaves
// its document all the same; a database that is not there is another status.
func TestScanCIPage(t *testing.T) {
	p := shows(t, "scans", "the jobs of docs/scan-ci.md stop at a finding, leave SARIF, and end otherwise without a database")
	l := newScanLab(t)
	l.write("zlaunch/profiles.toml", profiles+playedTrivy)
	const image = "localhost/server:1"
	t.Cleanup(func() { exec.Command("podman", "rmi", "--force", image).Run() })
	jobs := jobsOf(t, page(t, "scan-ci.md"))
	for _, job := range jobs {
		dir := l.runner(image)
		l.runs(dir, job, 1)
		var doc struct {
			Version string
			Runs    []struct{ Results []any }
		}
		text, err := os.ReadFile(filepath.Join(dir, "scan.sarif"))
		if err == nil {
			err = json.Unmarshal(text, &doc)
		}
		if err != nil || doc.Version != "2.1.0" || len(doc.Runs) != 1 || len(doc.Runs[0].Results) == 0 {
			t.Errorf("its SARIF: %v, %+v", err, doc)
		}
		if err := os.RemoveAll(filepath.Join(dir, "trivy-db")); err != nil {
			t.Fatal(err)
		}
		l.runs(dir, job, 3)
		p.saw("a job of %d lines: status 1 at a finding, 3 without a database", strings.Count(job, "\n"))
	}
	if len(jobs) != 2 {
		t.Errorf("%d jobs", len(jobs))
	}
}

// jobsOf are the scripts of the YAML on a page, one a job.
func jobsOf(t *testing.T, page string) (out []string) {
	t.Helper()
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page, -1) {
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(block[1]), &doc); err != nil {
			t.Fatal(err)
		}
		if jobs, github := doc["jobs"].(map[string]any); github {
			doc = jobs
		}
		for _, name := range slices.Sorted(maps.Keys(doc)) {
			out = append(out, script(doc[name].(map[string]any)))
		}
	}
	return out
}

// script is what a job of GitHub's or GitLab's has a shell do.
func script(job map[string]any) string {
	var lines []string
	steps, _ := job["steps"].([]any)
	for _, step := range steps {
		if run, ok := step.(map[string]any)["run"].(string); ok {
			lines = append(lines, strings.TrimSuffix(run, "\n"))
		}
	}
	words, _ := job["script"].([]any)
	for _, line := range words {
		lines = append(lines, line.(string))
	}
	return strings.Join(lines, "\n") + "\n"
}

// runner is a directory as a job finds it: the image as a file, and the database. Its zlaunch
// waives what only this host lacks.
func (l scanLab) runner(image string) string {
	l.t.Helper()
	dir := l.t.TempDir()
	program := "#!/bin/sh\n[ \"$2\" = show ] || set -- \"$@\" --waive 'ZL-104=a test host'\nexec " + lab.zlaunch + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "zlaunch"), []byte(program), 0o755); err != nil {
		l.t.Fatal(err)
	}
	short, err := os.MkdirTemp("", "zlaunch-ci-") // a name in lower case, which podman wants here
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { os.RemoveAll(short) })
	if err := os.CopyFS(filepath.Join(short, "layout"), os.DirFS(l.layout)); err != nil {
		l.t.Fatal(err)
	}
	pulled := l.podman("pull", "--quiet", "oci:"+filepath.Join(short, "layout"))
	if pulled.code != 0 {
		l.t.Fatalf("pulling %s: %s", l.layout, pulled.stderr)
	}
	id := strings.TrimSpace(pulled.stdout)
	for _, args := range [][]string{{"tag", id, image}, {"save", "--quiet", "--format", "oci-archive", "--output", filepath.Join(dir, "image.tar"), image}, {"rmi", "--force", id}} {
		if got := l.podman(args...); got.code != 0 {
			l.t.Fatalf("podman %q: %s", args, got.stderr)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "trivy-db"), os.DirFS(l.database)); err != nil {
		l.t.Fatal(err)
	}
	return dir
}

// runs has a shell do a job in a directory, as runners do.
func (l scanLab) runs(dir, job string, status int) {
	l.t.Helper()
	cmd := l.command("bash", "-euo", "pipefail", "-c", job)
	cmd.Dir, cmd.Env = dir, append(cmd.Env, "PATH="+dir+":"+os.Getenv("PATH"))
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != status {
		l.t.Fatalf("%s\nended with %d, want %d: %s", job, code, status, out)
	}
}

// An image in Docker's format, which an engine converts when it writes it out, is looked at
// as it is stored: it keeps its id, and a record of a scan is of that.
func TestDockerFormat(t *testing.T) {
	p := shows(t, "scans", "an image in Docker's format is inspected and scanned under its own id")
	l := newScanLab(t, "honest")
	dir := t.TempDir()
	file := "FROM " + image + "\nHEALTHCHECK CMD /workload\nONBUILD USER root\n"
	if err := os.WriteFile(filepath.Join(dir, "Containerfile"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	const name = "localhost/zlaunch-docker-format:1"
	t.Cleanup(func() { exec.Command("podman", "rmi", "--force", name).Run() })
	if got := l.podman("build", "--quiet", "--format", "docker", "--tag", name, dir); got.code != 0 {
		t.Fatal(got.stderr)
	}
	id := strings.TrimSpace(l.podman("image", "inspect", "--format", "{{.Id}}", name).stdout)
	said := l.zlaunch("inspect", name)
	for _, want := range []string{"sha256:" + id, "/workload", "OnBuild"} {
		if !strings.Contains(said.stdout, want) {
			t.Errorf("inspect does not say %q: %s%s", want, said.stdout, said.stderr)
		}
	}
	scanned := l.zlaunch("scan", name, "--scanner", "scan-honest", "--db", l.database, "--waive", "ZL-104=a test host", "--json")
	if shown := l.zlaunch("scan", "show", "sha256:"+id); shown.code != 0 {
		t.Errorf("there is no record of %s: %s%s", id, scanned.stdout, scanned.stderr)
	}
	p.saw("sha256:%.12s: inspect %d, scan %d", id, said.code, scanned.code)
}
