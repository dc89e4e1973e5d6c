package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// mixed are the files of a repository, one after the other: half of them run a container.
var mixed = []struct{ name, text string }{
	{"src/%d/f%d.go", "package src\n\n// F adds.\nfunc F(a, b int) int { return a + b }\n"},
	{"units/%d/web-%d.container", "[Container]\nImage=registry.example/web:1\nPublishPort=8080:80\nNetwork=web.network\n"},
	{"docs/%d/page-%d.md", "# A page\n\nText that names nothing.\n"},
	{"cluster/%d/web-%d.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: web, image: 'registry.example/web:1'}\n"},
	{"data/%d/record-%d.json", `{"name": "record", "list": [1, 2, 3]}` + "\n"},
	{"apps/%d/%d/compose.yaml", "services:\n  web:\n    image: registry.example/web:1\n    ports: ['8080:80']\n"},
	{"images/%d/Dockerfile.%d", "FROM registry.example/base:1\nRUN apk add curl\nCMD [\"/app\"]\n"},
	{"scripts/%d/run-%d.sh", "#!/bin/sh\nset -e\npodman run -d -p 127.0.0.1:8080:80 registry.example/web:1\n"},
	{"py/%d/m%d.py", "import os\n\n\ndef f():\n    return os.environ.get('X')\n"},
	{"ci/%d/job-%d.yml", "jobs:\n  build:\n    steps:\n    - run: docker run --rm registry.example/web:1 true\n"},
}

// repositoryGrowth audits ever larger repositories of mixed files, each beside the smallest,
// and beside grep.
func (b *bed) repositoryGrowth(context.Context) ([]contest, error) {
	sizes := []int{1000, 2000, 4000}
	audit := func(n int) command {
		return command{argv: []string{b.zl, "audit", filepath.Join(b.dir, "repository-"+number(n))}, ok: findings}
	}
	var out []contest
	for _, n := range sizes {
		dir := filepath.Join(b.dir, "repository-"+number(n))
		if err := mixedFiles(dir, n); err != nil {
			return nil, err
		}
		c := contest{what: "audit of a repository of " + grouped(n) + " files", ours: audit(n), held: n > sizes[0], rivals: []rival{}}
		if times := n / sizes[0]; times > 1 {
			c.rivals = append(c.rivals, rival{name: "of " + grouped(sizes[0]), command: audit(sizes[0]), aim: float64(times) * linear,
				fair: fmt.Sprintf("the same command with %d times the files: shows the growth", times)})
		} else {
			c.rivals = append(c.rivals, rival{name: "grep -rE 'podman|docker'", command: command{argv: []string{"grep", "-rE", "podman|docker", dir}},
				fair: "grep reads all files and finds two words; zlaunch reads each as what it is and judges half of them by every control"})
		}
		out = append(out, c)
	}
	return out, nil
}

// mixedFiles makes a repository of n files, some fifty in a directory.
func mixedFiles(dir string, n int) error {
	for i := range n {
		m := mixed[i%len(mixed)]
		name := filepath.Join(dir, fmt.Sprintf(m.name, i/500, i))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(m.text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
