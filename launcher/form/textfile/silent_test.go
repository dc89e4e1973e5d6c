package textfile_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/form/textfile"
)

// Where a kind of file puts something in before a shell sees it, and where its own
// grammar looks harmless, a run does not hide.
func TestHidden(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"Makefile", "a:\n\techo $(shell podman run --privileged x:1)\n"},
		{"Makefile", "X != podman run --privileged x:1\n"},
		{"Makefile", "define x\npodman run --privileged x:1\nendef\n"},
		{"Makefile", ".RECIPEPREFIX = >\na:\n>podman run --privileged x:1\n"},
		{"ci.yml", "- run: ${{ 'podman run --privileged x:1' }}\n"},
		{"ci.yml", "a: &a podman run --privileged x:1\nb: {run: *a}\n"},
		{"ci.yml", "command: podman\nargs: [run, --privileged, x]\n"},
		{"ci.yml", "? podman run --privileged x:1\n: y\n"},
		{"ci.yml", "- uses: docker://alpine\n"},
		{"ci.yml", "a: b: podman run --privileged x:1\n"},
		{"Dockerfile", "RUN <<E\nFROM || podman run --privileged x:1\nE\n"},
		{"Dockerfile", "LABEL RUN=\"podman run --privileged IMAGE\"\n"},
		{"Dockerfile", "ONBUILD RUN podman run --privileged x:1\n"},
		{"README.md", "<code>podman --log-level debug run --privileged x:1</code>\n"},
		{"README.md", "<!-- podman run --privileged x:1 -->\n"},
		{"README.md", "````\n```\npodman run --privileged x:1\n````\n"},
		{"README", "Don't.\npodman run --privileged x:1\n"},
		{"a.py", "os.system('podman run --privileged x:1')\n"},
		{"a.py", "#!/usr/bin/python3\n# podman run --privileged x:1\n"},
	} {
		runs, open, err := textfile.Read(c.name, []byte(c.text))
		if err != nil || len(runs)+len(open) == 0 {
			t.Errorf("%s is silent: %q: %v", c.name, c.text, err)
		}
	}
}

// What names an engine and starts nothing opens nothing.
func TestHarmless(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"README.md", "Podman and docker are engines. `podman` is one.\n"},
		{"README.md", "See [docker](https://docs.docker.com/run).\n\n    ls\n"},
		{"ci.yml", "# docker run x\nname: Build docker image\nuses: docker/login-action@v3\n"},
		{"ci.yml", "packages: [podman, curl]\n"},
		{"ci.yml", "image: logo.png\n"},
		{"cm.yaml", "apiVersion: v1\nkind: ConfigMap\n"},
		{"Makefile", "# docker is used elsewhere\nall:\n\tgo build\n"},
		{"Dockerfile", "# docker build .\nFROM docker.io/library/alpine\nRUN true\n"},
		{"notes.txt", "It's nothing.\n"},
	} {
		if runs, open, err := textfile.Read(c.name, []byte(c.text)); err == nil {
			t.Errorf("%s %q: %d runs, open %v", c.name, c.text, len(runs), open)
		}
	}
}
