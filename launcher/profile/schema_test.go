package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/schematest"
)

// read is the first fault that the reader of a file finds in it.
func read(text string) error {
	_, err := decode(Source{Layer: container.LayerUser, File: "x.toml", Data: []byte(text)})
	return err
}

// Editors take what the reader takes: the built-in profiles, the worked example, and the
// example of every key.
func TestSchemaTakes(t *testing.T) {
	e := schematest.Editor(t, Schema)
	files, err := filepath.Glob("../../profiles/*.toml")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, "../../profiles.toml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := e(string(data)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	keys, err := Keys()
	if err != nil {
		t.Fatal(err)
	}
	waiver := "[[profile.x.waiver]]\n"
	for _, k := range keys {
		if strings.HasPrefix(k.Name, "waiver.") {
			waiver += k.Example + "\n"
			continue
		}
		for _, table := range []string{"[profile.x]\n", "[profile.x.arch.s390x]\n"} {
			if k.Name == "extends" && table != "[profile.x]\n" {
				continue
			}
			if err := e("schema = 1\n" + table + k.Example); err != nil {
				t.Errorf("%s: %v", k.Example, err)
			}
		}
	}
	if err := e("schema = 1\n" + waiver); err != nil {
		t.Errorf("%s: %v", waiver, err)
	}
	for _, more := range []string{
		"container.memory = false", "container.tmpfs = false", "container.memory_swap = -1", `container.memory = "1.5g"`, "container.memory = 1073741824",
		`container.device = "/dev/dri/card0"`, `container.cap_drop = "ALL"`, `ready.within = "1m30s"`, "arch.s390x = false", `container.systemd = "false"`,
		`why."tmpfs /tmp" = "x"`, `container.ulimit.nofile = "1024:2048"`, "container.cpus = 1.5", "waiver = false",
	} {
		text := "schema = 1\n[profile.x]\n" + more
		if a, b := e(text), read(text); a != nil || b != nil {
			t.Errorf("%s: schema %v, reader %v", more, a, b)
		}
	}
}

// What the schema can tell is refused by editor and reader alike.
func TestSchemaRefuses(t *testing.T) {
	e := schematest.Editor(t, Schema)
	wrong := []string{
		"profile.x.container.memmory = '1g'", "profile.x.memory = '1g'", "profile.x.arch.s390x.container.tmpfs.'/tmp'.sise = '1g'", "profile.x.arch.riscv64.about = 'x'",
		"profile.x.arch.amd64.extends = 'base'", "profile.x.arch.amd64.arch.s390x.about = 'x'", "profile.X.about = 'x'", "profile.x = false", "more = 1",
		"profile.x.extends = false", "profile.x.extends = 'a/b/c'", "profile.x.kind = 'daemon'", "profile.x.models.layout = 'tf'", "profile.x.models.at = 'models'",
		"profile.x.models.required = 'yes'", "profile.x.ports.http = 0", "profile.x.ports.http = 65536", "profile.x.ports.HTTP = 80", "profile.x.publish = 'http'",
		"profile.x.ready.within = 'soon'", "profile.x.ready.path = 'v2'", "profile.x.docs = 'http://example.com'",
		"profile.x.gateway.http.protocol = 'h2'", "profile.x.gateway.http.inference = ['GET v2']", "profile.x.gateway.http.admin = ['GET /a?b']", "profile.x.gateway.http.metrics = ['TRACE /']", "profile.x.gateway.HTTP.protocol = 'http'",
		"profile.x.gateway.http.read = ['GET /']", "profile.x.gateway.grpc.inference = ['a/b/c']", "profile.x.gpu = 'nvidia'",
		"profile.x.container.image = 'a b'", "profile.x.container.pull = 'sometimes'", "profile.x.container.read_only = 'yes'", "profile.x.container.memory = 'much'",
		"profile.x.container.memory = true", "profile.x.container.cpus = 0", "profile.x.container.cpus = '2'", "profile.x.container.pids_limit = -2",
		"profile.x.container.env.'a b' = 'x'", "profile.x.container.env.A = 1", "profile.x.container.umask = '27'", "profile.x.container.umask = 27",
		"profile.x.container.tmpfs.tmp.size = '1m'", "profile.x.container.tmpfs.'/tmp'.mode = '9'", "profile.x.container.ulimit.files = 1",
		"profile.x.container.cap_add = ['net-bind']", "profile.x.container.args = 'x'", "profile.x.container.seccomp_profile = 'none'",
		"profile.x.container.volume.'/x'.relabel = 'z'", "profile.x.container.stop_timeout = 3601", "profile.x.container.systemd = 'maybe'",
		"profile.x.container = 1", "profile.x.waiver = 1", "[[profile.x.waiver]]\ncontrol = 'ZL-1'\nreason = 'x'", "[[profile.x.waiver]]\nreason = 'x'", "[[profile.x.waiver]]\ncontrol = 'ZL-503'",
		"[[profile.x.waiver]]\ncontrol = 'ZL-503'\nreason = 'x'\nby = 'me'",
	}
	keys, err := Keys()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys { // a table is none of what they take
		if key, value, _ := strings.Cut(k.Example, " = "); !strings.HasPrefix(k.Name, "waiver.") && !strings.Contains(value, " = ") {
			wrong = append(wrong, "[profile.x]\n"+key+" = { more = [ 1 ] }")
		}
	}
	for _, text := range wrong {
		text = "schema = 1\n" + text
		if a, b := e(text), read(text); a == nil || b == nil {
			t.Errorf("%s: schema %v, reader %v", text, a, b)
		}
	}
	if e("[profile.x]\n") == nil || e("schema = 2\n") == nil {
		t.Error("a file without its version is taken")
	}
}
