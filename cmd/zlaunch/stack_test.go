package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
)

const shopFile = `schema = 1
[network.inner]
internal = true
[network.edge]
[member.server]
profile  = "web"
networks = ["inner"]
[member.front]
profile  = "web"
networks = ["edge", "inner"]
after    = ["server"]
publish  = ["18080:http"]
env      = { SERVER = "{server.host}:8000" }
`

// shopWorld is one with a stack of two in its directory, in which the test runs.
func shopWorld(t *testing.T) *world {
	t.Helper()
	w := webWorld(t)
	w.write(t, "shop.toml", shopFile)
	t.Chdir(w.dir)
	return w
}

// runs runs zlaunch, and wants a status and each text on either output.
func (w *world) runs(t *testing.T, line string, status int, says ...string) {
	t.Helper()
	w.stdout.Reset()
	w.stderr.Reset()
	words := strings.Fields(line)
	if words[0] != "validate" {
		words = append(words, anyHost...)
	}
	got := w.run(words...)
	text := w.stdout.String() + w.stderr.String()
	if got != status {
		t.Errorf("%s: %d, not %d\n%s", line, got, status, text)
	}
	for _, s := range says {
		if !strings.Contains(text, s) {
			t.Errorf("%s does not say %q:\n%s", line, s, text)
		}
	}
}

// A stack is written whole, and what is lost names its member.
func TestExportStack(t *testing.T) {
	w := shopWorld(t)
	w.runs(t, "export shop.toml --to podman", 3, "zlaunch-shop-front: after: a line is carried out once", "--allow-loss after")
	w.runs(t, "export shop.toml --to podman --allow-loss after", 0, "podman network create --internal zlaunch-shop-inner", "--name=zlaunch-shop-server", "--env=SERVER=zlaunch-shop-server:8000")
	w.runs(t, "export shop.toml --to kserve", 3, "kserve has no words for a stack", "podman, docker, quadlet, kube, compose")
	w.runs(t, "export shop.toml --to podman --memory 1g", 2, "--memory is of one run, and shop.toml is a stack")
	w.runs(t, "export shop.toml", 2, "--to names the form")
	w.runs(t, "export shop.toml --to quadlet --target 5.8 --allow-loss after -o units", 0)
	for _, name := range []string{"zlaunch-shop-front.container", "zlaunch-shop-server.container", "zlaunch-shop-inner.network", "zlaunch-shop-edge.network"} {
		if _, err := os.Stat(filepath.Join(w.dir, "units", name)); err != nil {
			t.Error(err)
		}
	}
	w.write(t, "shop.toml", strings.Replace(shopFile, `profile  = "web"`, `profile  = "wbe"`, 1))
	w.runs(t, "export shop.toml --to podman", 3, `no profile "wbe"`)
}

// The plan of a stack is one document.
func TestPlanStack(t *testing.T) {
	w := shopWorld(t)
	w.runs(t, "plan ./shop.toml --json", 0)
	var doc report.StackPlan
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != report.StackPlanSchema || doc.Stack != "shop" || len(doc.Networks) != 2 || len(doc.Members) != 2 ||
		doc.Members[1].Member != "front" || doc.Members[1].After[0] != "server" || doc.Members[1].Plan.Schema != report.PlanSchema {
		t.Errorf("%+v", doc)
	}
	w.runs(t, "plan ./shop.toml", 0, "member front of shop, after server", "podman network create --internal zlaunch-shop-inner", "podman network create zlaunch-shop-edge")
}

// All that is wrong with a stack is told with its line, whatever its file is called.
func TestValidateStack(t *testing.T) {
	w := shopWorld(t)
	w.runs(t, "validate shop.toml", 0, "shop.toml: fine as a stack, with")
	w.write(t, "shop.toml", strings.Replace(shopFile, `["server"]`, `["sever"]`, 1)+"waive = [\"ZL-104=x\"]\n")
	w.runs(t, "validate shop.toml", 1, `shop.toml:11: member.front.after: there is no member "sever"`, "shop.toml:14: member.front.waive: ", "zlaunch up --waive")
	w.write(t, "stack.toml", "schema = [\n")
	w.runs(t, "validate stack.toml", 1, "stack.toml:1: ")
	w.runs(t, "validate --json stack.toml", 1, `"kind": "stack"`)
	w.runs(t, "validate none/stack.toml", 3, "no such file")
	w.runs(t, "validate --schema stack.toml", 0, "members that serve before it starts")
}
