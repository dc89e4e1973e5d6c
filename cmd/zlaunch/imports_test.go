package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/zlaunch/zlaunch"

// directions are the imports of our own packages that the design allows, by the
// package that imports. Leaves stand with nothing. A package that is not listed
// may import nothing of ours, and a line nobody needs is an error too.
var directions = map[string][]string{
	"launcher/internal/bounded":    nil,
	"launcher/internal/lazyregexp": nil, // anybody's
	"launcher/internal/mountinfo":  nil,
	"launcher/internal/drawn":      {"launcher/container"}, // for tests
	"launcher/internal/proxytest":  nil,                    // for tests
	"launcher/internal/parallel":   nil,
	"launcher/internal/yamledit":   nil,
	"launcher/internal/tomllines":  {"launcher/internal/bounded"},
	"launcher/internal/tomlschema": nil,
	"launcher/hint":                nil,
	"launcher/internal/trust":      {"launcher/hint"}, // who can write what is about to be read; for every reader
	"launcher/internal/wholefile":  nil,
	"launcher/internal/claim":      {"launcher/internal/wholefile"}, // files only; the engine's readers are claimed too, so it stands below podman
	"launcher/internal/scratch":    {"launcher/internal/claim"},     // files only
	"launcher/signature":           {"launcher/hint", "launcher/internal/bounded", "launcher/internal/lazyregexp", "launcher/internal/trust"},
	"launcher/signoff":             {"launcher/internal/lazyregexp", "launcher/signature"},
	"launcher/container":           {"launcher/internal/lazyregexp"}, // the hub
	"launcher/internal/jsonwalk":   nil,
	"launcher/internal/scantest":   {"launcher/scan"}, // for tests
	"launcher/scan":                {"launcher/hint", "launcher/internal/bounded"},
	"launcher/bom":                 {"launcher/model/content", "launcher/scan"}, // CycloneDX alone
	"launcher/scan/canary":         {"launcher/hint", "launcher/scan"},
	"launcher/scan/gate":           {"launcher/audit", "launcher/internal/bounded", "launcher/scan"},
	"launcher/scan/trivy":          {"launcher/hint", "launcher/internal/jsonwalk", "launcher/scan"},
	"launcher/scan/grype":          {"launcher/hint", "launcher/internal/bounded", "launcher/internal/jsonwalk", "launcher/internal/lazyregexp", "launcher/scan"},
	"launcher/scan/ecr":            {"launcher/internal/jsonwalk", "launcher/scan"},
	"launcher/scan/gcp":            {"launcher/internal/jsonwalk", "launcher/scan"},
	"launcher/scan/scout":          {"launcher/hint", "launcher/internal/jsonwalk", "launcher/scan"},
	"launcher/scan/debsecan":       {"launcher/internal/lazyregexp", "launcher/scan"},
	"launcher/scan/reports":        {"launcher/hint", "launcher/scan", "launcher/scan/debsecan", "launcher/scan/ecr", "launcher/scan/gcp", "launcher/scan/grype", "launcher/scan/scout", "launcher/scan/trivy"}, // whichever scanner it was
	"launcher/scan/feeds":          {"launcher/hint", "launcher/internal/bounded", "launcher/internal/jsonwalk", "launcher/scan"},
	"launcher/scan/records":        {"launcher/hint", "launcher/internal/bounded", "launcher/internal/claim", "launcher/internal/trust", "launcher/internal/wholefile", "launcher/scan"}, // files only
	"launcher/inspected":           {"launcher/hint", "launcher/internal/bounded", "launcher/internal/claim", "launcher/internal/trust", "launcher/internal/wholefile", "launcher/scan"}, // files only
	"launcher/attached":            {"launcher/bundle", "launcher/hint", "launcher/inspected", "launcher/internal/bounded"},                                                              // asks places
	"launcher/seccomp":             nil,
	"launcher/engine":              nil,
	"launcher/cdi":                 nil,
	"launcher/lockfile":            {"launcher/hint", "launcher/internal/bounded", "launcher/internal/lazyregexp", "launcher/internal/tomllines", "launcher/internal/tomlschema"}, // zlaunch.lock
	"launcher/model":               {"launcher/audit", "launcher/internal/lazyregexp", "launcher/internal/mountinfo", "launcher/internal/parallel", "launcher/model/content"},
	"launcher/model/content":       {"launcher/internal/lazyregexp"},
	"launcher/model/modelpack":     {"launcher/hint", "launcher/internal/bounded", "launcher/model"},                                                                                                         // manifests and archives; no file is written
	"launcher/model/store":         {"launcher/hint", "launcher/internal/bounded", "launcher/internal/claim", "launcher/internal/trust", "launcher/internal/wholefile", "launcher/model", "launcher/record"}, // files only
	"launcher/model/travel":        {"launcher/bundle", "launcher/hint", "launcher/model", "launcher/model/modelpack", "launcher/model/oms", "launcher/model/store"},                                         // joins registries and the store
	"launcher/model/oms":           {"launcher/hint", "launcher/model", "launcher/signoff"},                                                                                                                  // statements about models
	"profiles":                     nil,
	"launcher/effective":           {"launcher/cdi", "launcher/container", "launcher/engine"},
	"launcher/derive":              {"launcher/effective", "launcher/hint", "launcher/internal/lazyregexp", "launcher/scan"},                                // pure: no engine, no profile
	"launcher/image":               {"launcher/effective", "launcher/engine", "launcher/hint", "launcher/internal/bounded", "launcher/internal/lazyregexp"}, // layouts; asks no engine
	"launcher/audit":               {"launcher/internal/lazyregexp", "launcher/cdi", "launcher/container", "launcher/engine", "launcher/hint"},
	"launcher/observe":             {"launcher/internal/lazyregexp", "launcher/container", "launcher/seccomp", "launcher/internal/mountinfo"},
	"launcher/profile":             {"launcher/audit", "launcher/internal/lazyregexp", "launcher/internal/bounded", "launcher/container", "launcher/gateway", "launcher/hint", "launcher/internal/parallel", "launcher/internal/tomllines", "launcher/internal/trust", "profiles"},
	"launcher/policy":              {"launcher/audit", "launcher/container", "launcher/hint", "launcher/internal/bounded", "launcher/internal/lazyregexp", "launcher/internal/tomllines", "launcher/scan", "launcher/scan/gate"},
	"launcher/policy/disk":         {"launcher/hint", "launcher/internal/bounded", "launcher/internal/trust", "launcher/policy"},
	"launcher/policy/vap":          {"launcher/audit", "launcher/container", "launcher/effective", "launcher/form/kube", "launcher/hint", "launcher/internal/lazyregexp", "launcher/policy"},
	"launcher/host":                {"launcher/internal/bounded", "launcher/cdi", "launcher/engine", "launcher/container", "launcher/hint", "launcher/internal/trust"},
	"launcher/bundle":              {"launcher/hint", "launcher/internal/bounded", "launcher/internal/claim", "launcher/internal/lazyregexp", "launcher/internal/tomllines", "launcher/internal/tomlschema", "launcher/internal/trust"}, // knows no profile
	"launcher/stack":               {"launcher/gateway", "launcher/hint", "launcher/internal/bounded", "launcher/internal/lazyregexp", "launcher/internal/tomllines", "launcher/internal/tomlschema", "launcher/internal/trust"},        // knows no plan
	"launcher/gateway":             {"launcher/hint"},
	"launcher/gateway/jwks":        {"launcher/gateway", "launcher/hint", "launcher/internal/claim", "launcher/internal/lazyregexp", "launcher/internal/trust"},
	"launcher/gateway/files":       {"launcher/hint", "launcher/internal/bounded", "launcher/internal/claim", "launcher/internal/trust"},
	"launcher/gateway/pki":         {"launcher/gateway", "launcher/gateway/files", "launcher/hint", "launcher/internal/claim", "launcher/internal/trust"},
	"launcher/gateway/attack":      {"launcher/gateway", "launcher/hint", "launcher/internal/claim", "launcher/internal/lazyregexp"},
	"launcher/gateway/lend":        {"launcher/gateway", "launcher/gateway/attack", "launcher/gateway/pki", "launcher/gateway/token"},
	"launcher/gateway/setup":       {"launcher/gateway", "launcher/gateway/files", "launcher/gateway/haproxy", "launcher/gateway/pki", "launcher/gateway/token", "launcher/hint", "launcher/internal/claim", "launcher/internal/trust"},
	"launcher/gateway/token":       {"launcher/gateway", "launcher/gateway/files", "launcher/hint", "launcher/internal/bounded"},
	"launcher/gateway/haproxy":     {"launcher/gateway", "launcher/hint", "launcher/internal/lazyregexp"},
	"launcher/author":              {"launcher/container", "launcher/effective", "launcher/internal/lazyregexp", "launcher/internal/tomllines", "launcher/profile"},
	"launcher/form":                {"launcher/container"},
	"launcher/form/podmanrun":      {"launcher/container", "launcher/hint"},
	"launcher/form/command":        {"launcher/internal/lazyregexp", "launcher/container", "launcher/form", "launcher/form/podmanrun", "launcher/hint"},
	"launcher/form/dockerrun":      {"launcher/container", "launcher/form", "launcher/form/command", "launcher/form/podmanrun", "launcher/hint"},
	"launcher/form/shell":          {"launcher/container", "launcher/form", "launcher/form/command", "launcher/form/podmanrun", "launcher/hint"},
	"launcher/form/podjoin":        {"launcher/container", "launcher/form"},
	"launcher/form/quadlet":        {"launcher/internal/lazyregexp", "launcher/container", "launcher/engine", "launcher/form", "launcher/form/command", "launcher/form/podjoin", "launcher/form/podmanrun", "launcher/form/shell", "launcher/hint"},
	"launcher/form/kube":           {"launcher/internal/lazyregexp", "launcher/internal/yamledit", "launcher/container", "launcher/form", "launcher/form/podmanrun", "launcher/hint"},
	"launcher/form/kserve":         {"launcher/form", "launcher/form/kube", "launcher/hint", "launcher/internal/lazyregexp"}, // the pod is kube's
	"launcher/form/textfile":       {"launcher/form", "launcher/form/command", "launcher/form/compose", "launcher/form/kube", "launcher/form/podjoin", "launcher/form/shell", "launcher/hint", "launcher/internal/lazyregexp"},
	"launcher/export":              {"launcher/internal/lazyregexp", "launcher/audit", "launcher/container", "launcher/effective", "launcher/form", "launcher/form/command", "launcher/form/compose", "launcher/form/dockerrun", "launcher/form/kserve", "launcher/form/kube", "launcher/form/podmanrun", "launcher/form/quadlet", "launcher/hint"}, // joins the forms and what losing a setting costs
	"launcher/form/compose":        {"launcher/internal/lazyregexp", "launcher/internal/yamledit", "launcher/container", "launcher/form", "launcher/form/command", "launcher/form/podmanrun"},
	"launcher/report":              {"launcher/derive", "launcher/gateway/attack", "launcher/internal/lazyregexp", "launcher/internal/markup", "launcher/audit", "launcher/author", "launcher/container", "launcher/exposure", "launcher/form", "launcher/gateway", "launcher/gateway/token", "launcher/observe", "launcher/policy/vap", "launcher/record", "launcher/scan", "launcher/scan/gate", "launcher/effective", "launcher/engine", "launcher/image", "launcher/inspected"},
	"launcher/exposure":            {"launcher/gateway", "launcher/hint", "launcher/internal/lazyregexp"},
	"launcher/exposure/seen":       {"launcher/exposure", "launcher/gateway", "launcher/podman"}, // the engine and the kernel
	"launcher/exposure/tried":      {"launcher/exposure", "launcher/podman"},                     // the only traffic of zlaunch exposure
	"launcher/preflight":           {"launcher/audit", "launcher/container", "launcher/engine", "launcher/host", "launcher/model"},
	"launcher/podman":              {"launcher/internal/scratch", "launcher/internal/claim", "launcher/container", "launcher/effective", "launcher/form/podmanrun", "launcher/hint", "launcher/observe", "launcher/internal/trust", "launcher/internal/mountinfo"},
	"launcher/record":              {"launcher/internal/scratch", "launcher/audit", "launcher/internal/claim", "launcher/internal/lazyregexp", "launcher/container", "launcher/hint", "launcher/host", "launcher/model", "launcher/observe", "launcher/internal/trust", "launcher/internal/wholefile"}, // files only
	"launcher/internal/podmantest": {"launcher/podman"},                                                                                                                                                                                                                                                // for tests: a fake engine
	"launcher/share": { // joins bundle, signature and lock, and knows no plan
		"launcher/bundle", "launcher/container", "launcher/hint", "launcher/internal/parallel", "launcher/internal/trust", "launcher/lockfile", "launcher/profile", "launcher/record", "launcher/signature",
	},
	"launcher/systemd": {"launcher/hint"},
	"launcher/service": { // files and the service manager; no engine is asked
		"launcher/container", "launcher/form", "launcher/form/podmanrun", "launcher/hint", "launcher/internal/claim", "launcher/internal/lazyregexp", "launcher/observe", "launcher/plan", "launcher/record", "launcher/systemd",
	},
	// The launch: record <- plan <- {launch, subject} <- launcher. Launch and subject never meet.
	"launcher/plan": {
		"launcher/gateway",
		"launcher/audit", "launcher/internal/claim", "launcher/cdi", "launcher/container", "launcher/effective", "launcher/engine", "launcher/form", "launcher/form/podmanrun", "launcher/hint", "launcher/host",
		"launcher/model", "launcher/model/oms", "launcher/model/store", "launcher/inspected", "launcher/observe", "launcher/podman", "launcher/policy", "launcher/preflight", "launcher/profile", "launcher/record", "launcher/scan", "launcher/scan/gate", "launcher/scan/records", "launcher/seccomp", "launcher/internal/trust",
	},
	"launcher/launch": {
		"launcher/gateway", "launcher/gateway/haproxy",
		"launcher/internal/lazyregexp", "launcher/audit", "launcher/author", "launcher/internal/claim", "launcher/container", "launcher/derive", "launcher/effective", "launcher/form/podmanrun", "launcher/hint", "launcher/host", "launcher/model",
		"launcher/observe", "launcher/plan", "launcher/podman", "launcher/profile", "launcher/record", "launcher/seccomp",
	},
	"launcher/prison": { // plans and launches a scanner, and reads what it says
		"launcher/audit", "launcher/container", "launcher/hint", "launcher/internal/scratch", "launcher/image", "launcher/launch", "launcher/model", "launcher/plan", "launcher/profile", "launcher/scan", "launcher/scan/canary", "launcher/scan/grype", "launcher/scan/reports", "launcher/scan/trivy",
	},
	"launcher/subject": {
		"launcher/audit", "launcher/container", "launcher/effective", "launcher/form", "launcher/form/command", "launcher/form/compose", "launcher/form/kube", "launcher/form/quadlet", "launcher/form/shell", "launcher/form/textfile",
		"launcher/hint", "launcher/host", "launcher/model", "launcher/observe", "launcher/plan", "launcher/podman", "launcher/policy", "launcher/preflight", "launcher/profile", "launcher/record", "launcher/scan", "launcher/seccomp", "launcher/signature", "launcher/signoff", "launcher/internal/trust",
	},
	"launcher": { // the door
		"launcher/gateway", "launcher/gateway/files", "launcher/gateway/pki", "launcher/gateway/setup",
		"launcher/audit", "launcher/container", "launcher/derive", "launcher/effective", "launcher/form", "launcher/hint", "launcher/host", "launcher/image", "launcher/internal/scratch", "launcher/launch", "launcher/plan", "launcher/podman", "launcher/policy", "launcher/policy/disk",
		"launcher/prison", "launcher/profile", "launcher/record", "launcher/scan", "launcher/service", "launcher/share", "launcher/stack", "launcher/subject",
		"launcher/model/store",
	},
	"cmd/zlaunch-demo": {"cmd/zlaunch-demo/server"},
	"cmd/zlaunch": {
		"cmd/zlaunch-demo/server", "launcher", "launcher/audit", "launcher/author", "launcher/bundle", "launcher/cdi", "launcher/container", "launcher/derive", "launcher/engine", "launcher/export", "launcher/exposure", "launcher/exposure/seen", "launcher/exposure/tried", "launcher/form", "launcher/form/command",
		"launcher/form/podmanrun", "launcher/gateway", "launcher/gateway/attack", "launcher/gateway/files", "launcher/gateway/jwks", "launcher/gateway/lend", "launcher/gateway/pki", "launcher/gateway/token", "launcher/hint", "launcher/host", "launcher/launch", "launcher/lockfile", "launcher/model", "launcher/model/oms", "launcher/plan", "launcher/podman", "launcher/policy", "launcher/policy/disk", "launcher/policy/vap", "launcher/preflight",
		"launcher/profile", "launcher/record", "launcher/report", "launcher/scan", "launcher/scan/gate", "launcher/scan/feeds", "launcher/scan/records", "launcher/scan/reports", "launcher/service", "launcher/share", "launcher/signature", "launcher/stack", "launcher/subject", "launcher/systemd", "launcher/effective", "launcher/image",
		"launcher/model/store", "launcher/model/travel", "launcher/bom", "launcher/attached", "launcher/inspected",
	},
}

// owners are the only packages that may import what begins with the key.
var owners = map[string][]string{
	"github.com/containers/podman/": {"launcher/podman"},
	"go.podman.io/":                 {"launcher/podman"},
	"github.com/BurntSushi/toml":    {"launcher/bundle", "launcher/gateway/jwks", "launcher/internal/schematest", "launcher/profile", "launcher/host", "launcher/lockfile", "launcher/policy", "launcher/stack"},
	"github.com/yuin/goldmark":      {"launcher/form/textfile"},
	"go.yaml.in/yaml/":              {"launcher/cdi", "launcher/form/compose", "launcher/form/kserve", "launcher/form/kube", "launcher/form/textfile", "launcher/policy/vap", "launcher/internal/yamledit"},
	"mvdan.cc/sh/":                  {"launcher/form/shell"},
	"github.com/spf13/pflag":        {"cmd/zlaunch", "launcher/form/podmanrun"},
	"github.com/go-jose/":           {"launcher/gateway/jwks"},
	"github.com/hiddeco/sshsig":     {"launcher/signature"},
	"golang.org/x/crypto/":          {"launcher/signature", "test/sharing"},
	"golang.org/x/term":             {"cmd/zlaunch"},
	"github.com/package-url/":       {"launcher/scan", "launcher/scan/feeds"},
	"github.com/CycloneDX/":         {"launcher/bom", "packaging/stage"},
	"oras.land/":                    {"launcher/bundle"},
	"github.com/google/renameio/":   {"launcher/bundle", "launcher/gateway/files", "launcher/lockfile", "launcher/model/oms", "launcher/podman", "launcher/profile", "launcher/signature"}, // every whole-or-not-at-all write
}

// pure packages do no input or output.
var pure = map[string][]string{
	"launcher/container":       {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/audit":           {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/policy":          {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/policy/vap":      {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/engine":          {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/derive":          {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/effective":       {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/observe":         {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/form":            {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/gateway":         {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/gateway/haproxy": {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/author":          {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/form/command":    {"os", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/form/shell":      {"os", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/form/quadlet":    {"os", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"}, // reads the fs.FS it is given
	"launcher/form/podjoin":    {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/form/podmanrun":  {"os", "io/fs", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/form/kube":       {"os", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/form/kserve":     {"os", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/form/compose":    {"os", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"}, // reads the fs.FS it is given
	"launcher/form/textfile":   {"os", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/export":          {"launcher/audit", "launcher/container", "launcher/form", "launcher/form/podmanrun", "launcher/hint"}, // joins the forms and what losing a setting costs
	"launcher/report":          {"os", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/preflight":       {"os", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/scan":            {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/scan/gate":       {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
	"launcher/exposure":        {"os", "io", "io/fs", "net", "net/http", "context", "os/exec", "syscall", "golang.org/x/sys/unix"},
}

// TestImports holds the imports of every package of the module, tests aside,
// against the tables above.
func TestImports(t *testing.T) {
	used := map[string]map[string]bool{}
	for pkg, files := range packages(t) {
		used[pkg] = map[string]bool{}
		for _, f := range files {
			for _, spec := range f.Imports {
				name, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				checkImport(t, pkg, name)
				if own, ok := strings.CutPrefix(name, module+"/"); ok {
					used[pkg][own] = true
				}
			}
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(directions)) {
		for _, to := range directions[pkg] {
			if !used[pkg][to] && used[pkg] != nil {
				t.Errorf("%s no longer imports %s: take it out of the table", pkg, to)
			}
		}
	}
}

func checkImport(t *testing.T, pkg, name string) {
	t.Helper()
	own, ours := strings.CutPrefix(name, module+"/")
	if ours && !slices.Contains(directions[pkg], own) {
		t.Errorf("%s imports %s, against the directions of the design", pkg, own)
	}
	for prefix, allowed := range owners {
		if strings.HasPrefix(name, prefix) && !slices.Contains(allowed, pkg) {
			t.Errorf("%s imports %s, which is for %s alone", pkg, name, strings.Join(allowed, ", "))
		}
	}
	if slices.Contains(pure[pkg], name) {
		t.Errorf("%s imports %s and does no input or output", pkg, name)
	}
}

// A template may call any method by its name: with text/template, of whatever module,
// the linker keeps every exported one, 2 MB of them.
func TestNoTemplates(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(strings.Fields(string(out)), "text/template") {
		t.Error("the program links text/template: go mod why, or launcher/internal/markup in its place")
	}
}

// Only the command exits and touches the process's own streams, and there only
// main.go does.
func TestProcessIsMains(t *testing.T) {
	for pkg, files := range packages(t) {
		if !strings.HasPrefix(pkg, "launcher") && pkg != "cmd/zlaunch" {
			continue
		}
		for name, f := range files {
			if pkg == "cmd/zlaunch" && path.Base(name) == "main.go" {
				continue
			}
			for _, word := range []string{"Exit", "Stdin", "Stdout", "Stderr", "Args"} {
				if usesOS(f, word) {
					t.Errorf("%s uses os.%s", name, word)
				}
			}
		}
	}
}

func usesOS(f *ast.File, word string) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == word {
			x, ok := sel.X.(*ast.Ident)
			found = found || ok && x.Name == "os" && x.Obj == nil
		}
		return true
	})
	return found
}

// packages parses the module's files, tests aside, by package and file name.
func packages(t *testing.T) map[string]map[string]*ast.File {
	t.Helper()
	root := filepath.Join("..", "..")
	out := map[string]map[string]*ast.File{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		if out[pkg] == nil {
			out[pkg] = map[string]*ast.File{}
		}
		out[pkg][name] = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 10 {
		t.Fatalf("only %d packages were found", len(out))
	}
	return out
}
