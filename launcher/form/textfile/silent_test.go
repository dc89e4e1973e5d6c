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
		{"r.rst", "It's\n\np\"\"odman run x:1\n"},
		{"r.rst", "It's\n\n# podman run x:1\n"},
		{"x.conf", "command=p\"\"odman run x:1\n"},
		{"x.ini", "[a]\ncommand=docker\nargs=run x:1\n"},
		{"ci.yml", "script: [ls, docker run --privileged x:1]\n"},
		{"x.yml", "x: [ls, docker run --privileged x:1]\n"},
		{"x.yml", "x: [ls, -l, \"podman run x:1\"]\n"},
		{"x.yml", "- name: x/docker\n  args: [run, x:1]\n"},
		{"x.yml", "- name: $X\n  args: [run, --privileged, x:1]\n"},
		{"x.yml", "- script: |\n    [a]\n    p\"\"odman run x:1\n"},
		{"play.yml", "- shell: podman run {{ x }} y:1\n"}, {"x.ipynb", `{"source": ["!docker run x:1\n", "y"]}`},
		{"unit", "[Container]\nImage=x\n"}, {"Procfile", "w: p\"\"odman run x:1\n"}, {"crontab", "@daily p\"\"odman run x:1\n"},
		{"justfile", "x:\n  @podman run x:1\n"}, {"hook", "a\nV=podman\n$V run x:1\nfoo(\n"},
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

// What describes a container and names no engine is open, whatever file it stands in.
func TestDescribed(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"main.tf", "resource \"kubernetes_pod\" \"x\" {\n}\n"},
		{"main.tf", "resource \"aws_ecs_task_definition\" \"x\" {\n}\n"},
		{"job.nomad", "job \"x\" {\n task \"a\" {\n }\n}\n"},
		{"oci.nix", "{ virtualisation.oci-containers.containers.a = { image = \"x\"; }; }\n"},
		{"Jenkinsfile", "pipeline { agent { dockerfile { args '-v /:/host' } } }\n"},
		{"Jenkinsfile", "pipeline { agent { dockerfile true } }\n"},
		{"Jenkinsfile", "podTemplate(containers: []) {}\n"},
		{"Earthfile", "VERSION 0.8\nFROM x\n"},
		{"play.yml", "- tasks:\n  - docker_compose_v2:\n      project_src: /x\n"},
		{"play.yml", "- tasks:\n  - podman_play: kube_file=/x\n"},
		{"cf.yaml", "A:\n  ContainerDefinitions:\n  - Name: a\n    Image: x\n"},
		{"body.json", `{"Image":"x","Cmd":["sh"]}`},
		{"body.json", `{"HostConfig":{"Privileged":true}}`},
		{"config.json", `{"ociVersion":"1.0.2","root":{"path":"r"}}`},
		{"compose.yaml", "include:\n- other.yaml\n"},
		{"docker-compose.override.yml", "web:\n  build: .\n"},
		{"x.yml", "web:\n  build: .\n  privileged: true\n"},
		{"x.yml", "web:\n  build: .\n  cap_add: [ALL]\n"},
		{"x.yml", "spec:\n  containers:\n  - name: a\n"},
		{"x.yml", "- step:\n    script:\n    - pipe: a/b:1\n"},
		{".gitlab-ci.yml", "a:\n  services: [x:dind]\n"},
		{"k", "apiVersion: v1\nkind: Pod\n"}, {"k.txt", "services:\n  a:\n    build: .\n"}, {"k.tpl", "kind: Pod\nname: {{ .x }}\n"},
		{"x.yml", "foo: 'p\"\"odman run --privileged x'\n"}, {"x.json", `{"a":["sh","-c","p\"\"odman run --privileged x"]}`},
		{"package.json", `{"scripts":{"deploy":"p\"\"odman run --privileged x"}}`}, {"Makefile", "X := $(shell pod\"\"man run --privileged x)\n"},
		{"Makefile", "run: ; pod\"\"man run --privileged x\n"}, {"x.rules", "RUN+=\"/bin/sh -c 'p\\\"\\\"odman run --privileged x'\"\n"},
		{"r.md", "<pre>pod<b>man</b> run --privileged x</pre>\n"}, {"x.yml", "- systemd: {name: podman-kube@x, state: started}\n"}, {"x.yml", "- k8s: {src: x}\n"},
		{"x.cue", "kind: \"Pod\"\n"}, {"x.star", "d = {'image': 'x', 'privileged': True}\n"}, {"x.yml", "kind: Pod\n{{ if .x }}\n"},
		{"x.py", "import subprocess\nsubprocess.run(['pod'+'man'])\n"}, {"x.go", "exec.Command(x)\n"}, {"x.js", "import {GenericContainer} from 'x'\n"},
		{"x.yml", "a: !!binary cG9kbWFuIHJ1biAtLXByaXZpbGVnZWQgeA==\n"}, {"x.yml", "content: H4sIAAAAAAAAA0vKSS3OUMgvLQEALT3OTwwAAAA=\n"},
		{"x.yml", "a: |\n  [Container]\n  Image=x\n"}, {"r.md", "```sh\n$e run --privileged x\nfoo(\n```\n"}, {"r", "$e run --privileged x\nfoo(\n"},
	} {
		runs, open, err := textfile.Read(c.name, []byte(c.text))
		if err != nil || len(runs)+len(open) == 0 {
			t.Errorf("%s is silent: %q: %v", c.name, c.text, err)
		}
	}
}

// What only looks like that opens nothing.
func TestNotDescribed(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"main.tf", "resource \"aws_s3_bucket\" \"x\" {\n}\nvariable \"image\" {}\n"},
		{"Jenkinsfile", "pipeline { agent any }\n"},
		{"x.yml", "services: [sshd, cron]\n"}, {"x.yml", "Image: Bild\nTitle: Titel\n"}, {"x.yml", "privileged: false\n"}, {"schema.json", `{"cap_add":{"type":"array"}}`}, {"x.yml", "- docker_version: '28'\n"},
		{"x.yml", "- docker_image_info:\n    name: x\n"}, {"x.yml", "a: dGhpcyBpcyBvbmx5IGEgdGV4dA==\n"},
		{"crd.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {securityContext: {type: object}, containers: {type: array}}\n"},
		{"notes.txt", "services: these are they\nkind: regards\n"}, {"x.py", "print('kind of privileged')\n"}, {"package.json", `{"scripts":{"test":"jest"},"image":"a.png"}`},
	} {
		if runs, open, err := textfile.Read(c.name, []byte(c.text)); err == nil {
			t.Errorf("%s %q: %d runs, open %v", c.name, c.text, len(runs), open)
		}
	}
}
